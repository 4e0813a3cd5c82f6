"""An authenticator in software: it makes passkeys and signs as the standard says, or lies.

Source: WebAuthn level 3, 6.1 (authenticator data) and 6.5.4 (attestation object).
"""

import base64
import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost:8080"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """Holds one passkey; what it says can be changed to see it refused."""

    def __init__(self, *, counts: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.count = 0
        self.counts = counts
        self.user = b""

    def make(self, options: dict[str, Any], **lies: Any) -> dict[str, Any]:
        """Answer navigator.credentials.create()."""
        self.user = raw(options["user"]["id"])
        data = self._data(lies, rp_id=options["rp"]["id"], flags=PRESENT | VERIFIED | ATTESTED)
        data += bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data += cbor2.dumps(self._public())
        sent = {
            "fmt": lies.get("fmt", "none"),
            "attStmt": lies.get("statement", {}),
            "authData": data,
        }
        client = self._client(lies, kind="webauthn.create", challenge=options["challenge"])
        return self._spelled(clientDataJSON=b64(client), attestationObject=b64(cbor2.dumps(sent)))

    def sign(self, options: dict[str, Any], **lies: Any) -> dict[str, Any]:
        """Answer navigator.credentials.get()."""
        data = self._data(lies, rp_id=options["rpId"], flags=PRESENT | VERIFIED)
        client = self._client(lies, kind="webauthn.get", challenge=options["challenge"])
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        if lies.get("tampered"):
            data = data[:33] + (self.count + 9).to_bytes(4, "big")
        return self._spelled(
            clientDataJSON=b64(client),
            authenticatorData=b64(data),
            signature=b64(signature),
            userHandle=b64(lies.get("user", self.user)),
        )

    def _spelled(self, **response: str) -> dict[str, Any]:
        own = b64(self.credential_id)
        return {
            "id": own,
            "rawId": own,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }

    def _data(self, lies: dict[str, Any], *, rp_id: str, flags: int) -> bytes:
        if self.counts:
            self.count += 1
        count = lies.get("count", self.count)
        told = hashlib.sha256(lies.get("rp_id", rp_id).encode()).digest()
        return told + bytes([lies.get("flags", flags)]) + count.to_bytes(4, "big")

    def _client(self, lies: dict[str, Any], *, kind: str, challenge: str) -> bytes:
        said = {
            "type": lies.get("type", kind),
            "challenge": lies.get("challenge", challenge),
            "origin": lies.get("origin", ORIGIN),
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _public(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (numbers.x, numbers.y))
        return {1: 2, 3: -7, -1: 1, -2: x, -3: y}
