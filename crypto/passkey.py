"""Passkeys (WebAuthn level 3): what a browser is asked, and whether what it answers holds.

The only caller of the `webauthn` package. Every fault of an answer is CannotOpen: which check
failed is nobody's business but an attacker's.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import webauthn
from webauthn import helpers
from webauthn.helpers import structs

from crypto import faults, primitives

CHALLENGE_SIZE = 32
TIMEOUT_MS = 120_000

Answer = Mapping[str, Any]
"""A credential as a browser's toJSON() spells it."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Who a passkey is for, and the one origin it may be used from."""

    id: str
    origin: str


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A new passkey as its authenticator described it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator said beside its signature: its counter, and whose passkey it is."""

    sign_count: int
    user: bytes | None


def party_of(public_url: str) -> Party | None:
    """Return the party of a service's address; None where it has no name, for none is possible.

    An address of this machine goes by the name localhost: browsers refuse passkeys to numbers.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    try:
        if not ip_address(host).is_loopback:
            return None
    except ValueError:
        return Party(id=host, origin=f"{parts.scheme}://{host}{port}") if host else None
    return Party(id="localhost", origin=f"{parts.scheme}://localhost{port}")


def new_challenge() -> bytes:
    """Make what an authenticator is to sign."""
    return primitives.random_bytes(CHALLENGE_SIZE)


def ask_to_make(
    party: Party, challenge: bytes, *, user: UUID, name: str, known: Sequence[bytes]
) -> dict[str, Any]:
    """Return the options for a new passkey, which its owner unlocks and finds without a name."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name="Loopkeeper",
        user_id=user.bytes,
        user_name=name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(known),
    )
    return helpers.options_to_json_dict(options)


def ask_to_sign(party: Party, challenge: bytes, *, known: Sequence[bytes] = ()) -> dict[str, Any]:
    """Return the options for a signature; without `known` the browser offers what it has."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=_described(known),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return helpers.options_to_json_dict(options)


def _described(known: Sequence[bytes]) -> list[structs.PublicKeyCredentialDescriptor]:
    return [structs.PublicKeyCredentialDescriptor(id=each) for each in known]


def challenge_of(answer: Answer) -> bytes:
    """Return the challenge an answer says it answers, to look for; nothing is proven by it."""
    try:
        raw = helpers.base64url_to_bytes(answer["response"]["clientDataJSON"])
        found = helpers.parse_client_data_json(raw).challenge
    except Exception:  # noqa: BLE001 - the parser raises whatever its parts do
        raise faults.CannotOpen from None
    return found


def credential_id_of(answer: Answer) -> bytes:
    """Return the id of the passkey an answer says it used."""
    try:
        found: bytes = helpers.base64url_to_bytes(answer["rawId"])
    except Exception:  # noqa: BLE001
        raise faults.CannotOpen from None
    return found


def check_made(party: Party, answer: Answer, *, challenge: bytes) -> Made:
    """Return a new passkey whose answer holds, or raise CannotOpen.

    Attestations are not asked for and not looked at: their parsers stay out of reach.
    """
    try:
        parsed = helpers.parse_registration_credential_json(dict(answer))
        sent = helpers.parse_attestation_object(parsed.response.attestation_object)
        if sent.fmt != structs.AttestationFormat.NONE:
            raise faults.CannotOpen
        found = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001
        raise faults.CannotOpen from None
    return Made(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        backed_up=found.credential_backed_up,
    )


def check_signed(party: Party, answer: Answer, *, challenge: bytes, public_key: bytes) -> Signed:
    """Return what was signed beside the challenge, or raise CannotOpen.

    The counter is compared where it is stored, in the statement that moves it.
    """
    try:
        parsed = helpers.parse_authentication_credential_json(dict(answer))
        found = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001
        raise faults.CannotOpen from None
    return Signed(sign_count=found.new_sign_count, user=parsed.response.user_handle)
