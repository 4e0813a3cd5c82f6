"""Secrets that are handed out, and the digests that stay here.

Link secrets and codes are derived, never stored: a mail that is sent again is the same
mail, and no queue or row holds a secret.
"""

import base64
import binascii
import re
from typing import TypeVar
from uuid import UUID

import msgspec

from crypto import faults, layout, primitives, root

T = TypeVar("T")

CODE_DIGITS = 8
CODE_WINDOW_SECONDS = 600
_MAC_SIZE = 16  # 128 bits: cursors and nonces are checked here and nowhere offline.
_MAX_CURSOR = 1024
_NONCE_BODY = 16
_SPACES = re.compile(r"[\s\-‐-―.]+")
_RETURN = re.compile(r"[a-zA-Z2-7]{52}")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DIGITS = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")


class Minted(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh secret: the text goes out once, the digest is stored."""

    text: str
    digest: bytes

    def __repr__(self) -> str:
        return "<minted secret>"


def new_secret(prefix: str = "") -> Minted:
    """Make a random secret of 256 bits for a session, an API key or an invitation."""
    text = prefix + _b64(primitives.random_bytes(32))
    return Minted(text=text, digest=secret_hash(text))


def secret_hash(secret: str) -> bytes:
    """Return the SHA-256 of a secret as it is written; any text has one.

    No slow hash: a secret of 256 random bits cannot be guessed.
    """
    return primitives.sha256(secret.encode("utf-8", "surrogatepass"))


def new_recovery_code() -> str:
    """Make a recovery code of 80 bits in Crockford's base 32, as XXXX-XXXX-XXXX-XXXX."""
    number = int.from_bytes(primitives.random_bytes(10), "big")
    text = "".join(_CROCKFORD[number >> place & 31] for place in range(75, -1, -5))
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))


def recovery_hash(person_id: UUID, code: str) -> bytes:
    """Return the digest of a person's recovery code, dashes and case as they may be.

    No slow hash: 2^80 codes are out of reach, and the label keeps tables of them useless.
    """
    bare = code.replace("-", "").upper()
    return primitives.sha256(layout.lp(b"lk1/recovery", person_id.bytes, bare.encode()))


def invitation_secret(link_key: bytes, invitation_id: UUID) -> str:
    """Return the secret of an invitation, the same each time it is asked for."""
    info = layout.lp(b"lk1/invitation", invitation_id.bytes)
    return _b64(primitives.hkdf_sha256(link_key, info=info))


def link_secret(link_key: bytes, delivery_id: UUID) -> str:
    """Return the secret of the link in one delivery, the same each time it is asked for."""
    info = layout.lp(b"lk1/link", delivery_id.bytes)
    return _b64(primitives.hkdf_sha256(link_key, info=info))


def text_link_secret(link_key: bytes, delivery_id: UUID) -> str:
    """Return the secret of the link in one text, the same each time it is asked for.

    96 bits: it only names a page that asks for a code, and each letter of a text costs.
    """
    info = layout.lp(b"lk1/text-link", delivery_id.bytes)
    return _b64(primitives.hkdf_sha256(link_key, info=info)[:12])


def pickup_number(link_key: bytes, leg_id: UUID) -> int:
    """Return the number of 21 bits behind a leg's pick-up words, the same each time.

    It is no secret of its own: whoever says it is inside a visit already, and tries are counted.
    """
    info = layout.lp(b"lk1/pickup", leg_id.bytes)
    return int.from_bytes(primitives.hkdf_sha256(link_key, info=info)[:3]) >> 3


def return_token(link_key: bytes, delivery_id: UUID) -> str:
    """Return what stands in the return path of one delivery; only we can have written it.

    Base 32 in small letters, for mail servers that forget the case of what is before the @.
    """
    raw = delivery_id.bytes + _return_mac(link_key, delivery_id)
    return base64.b32encode(raw).decode().rstrip("=").lower()


def open_return_token(link_key: bytes, text: str) -> UUID | None:
    """Return the delivery whose return path this is, or None where we did not write it."""
    if not _RETURN.fullmatch(text):
        return None
    raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    delivery_id = UUID(bytes=raw[:16])
    return delivery_id if primitives.same(raw[16:], _return_mac(link_key, delivery_id)) else None


def reminders_secret(link_key: bytes, org_id: UUID, to_id: UUID, referral_id: UUID) -> str:
    """Return what stands in the address that ends reminders to one mailbox or member.

    It names them in the clear, under a key: nobody else can have written it.
    """
    body = org_id.bytes + to_id.bytes + referral_id.bytes
    return _b64(body + _reminders_mac(link_key, body))


def open_reminders_secret(link_key: bytes, text: str) -> tuple[UUID, UUID, UUID] | None:
    """Return organization, mailbox or member, and referral; None where we did not write it."""
    try:
        raw = _unb64(text) if len(text) <= _MAX_CURSOR else b""
    except faults.CannotOpen:
        return None
    body = raw[:-_MAC_SIZE]
    if len(body) != 48 or not primitives.same(raw[-_MAC_SIZE:], _reminders_mac(link_key, body)):
        return None
    return UUID(bytes=body[:16]), UUID(bytes=body[16:32]), UUID(bytes=body[32:])


def link_code(code_key: bytes, link_id: UUID, *, at: float) -> str:
    """Return the 8 digits of a link at a Unix time; they belong to the link, not a browser."""
    return _code(code_key, link_id, _window(at))


def check_link_code(code_key: bytes, link_id: UUID, code: str, *, at: float) -> bool:
    """Say whether a code is that of this 10-minute window or the one before."""
    given = code.encode("utf-8", "surrogatepass")
    now = _code(code_key, link_id, _window(at)).encode()
    before = _code(code_key, link_id, _window(at) - 1).encode()
    # Both are compared always, so that time does not tell which window it was.
    matches = (primitives.same(given, now), primitives.same(given, before))
    return any(matches)


def tidy_code(text: str) -> str | None:
    """Return the 8 digits somebody typed or pasted, or None, which costs no try."""
    digits = _SPACES.sub("", text)
    return digits if _DIGITS.fullmatch(digits) else None


def seal_cursor(key: bytes, position: object, *, scope: str) -> str:
    """Return a place in a list as a signed text; `scope` names the list and its filter.

    The position is signed and readable: put sort keys and ids in it, nothing sealed.
    """
    body = msgspec.msgpack.encode(position)
    return _b64(_cursor_mac(key, scope, body) + body)


def open_cursor(key: bytes, cursor: str, *, scope: str, kind: type[T]) -> T:
    """Return the position of a cursor of ours or raise CannotOpen."""
    raw = _unb64(cursor) if len(cursor) <= _MAX_CURSOR else b""
    tag, body = raw[:_MAC_SIZE], raw[_MAC_SIZE:]
    if not primitives.same(tag, _cursor_mac(key, scope, body)):
        raise faults.CannotOpen
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise faults.CannotOpen from None


def form_nonce(key: bytes, *, session: bytes, form: str, at: float) -> str:
    """Return a nonce for one showing of a form in one session; it also names the act."""
    body = layout.u64(int(at)) + primitives.random_bytes(8)
    return _b64(body + _nonce_mac(key, body, session, form))


def check_form_nonce(
    key: bytes, nonce: str, *, session: bytes, form: str, at: float, lifetime: int = 3600
) -> bool:
    """Say whether a nonce is of this session and form and at most `lifetime` seconds old."""
    try:
        raw = _unb64(nonce)
    except faults.CannotOpen:
        return False
    body = raw[:_NONCE_BODY]
    if not primitives.same(raw[_NONCE_BODY:], _nonce_mac(key, body, session, form)):
        return False
    return 0 <= int(at) - int.from_bytes(body[:8], "big") <= lifetime


def idempotency_digest(key: bytes, *, route: str, body: bytes) -> bytes:
    """Return the digest of a request, to tell a repeat from a key used twice.

    Keyed, because a body may be short enough to guess.
    """
    return primitives.hmac_sha256(key, layout.lp(b"lk1/idempotency", route.encode()) + body)


def database_password(root_key: root.Root, role: str) -> str:
    """Return the password of a database role; it is stored nowhere."""
    return _b64(root_key.derive(f"database/{role}"))


def database_passwords(root_key: root.Root, role: str) -> tuple[str, ...]:
    """Return the passwords a role may have while the root key is rotated, the newest first."""
    return tuple(map(_b64, root_key.derived(f"database/{role}")))


def _window(at: float) -> int:
    return int(at // CODE_WINDOW_SECONDS)


def _code(code_key: bytes, link_id: UUID, window: int) -> str:
    message = layout.lp(b"lk1/code", link_id.bytes, layout.u64(max(window, 0)))
    # 64 bits against 10^8: the bias is far below one in 10^11.
    number = int.from_bytes(primitives.hmac_sha256(code_key, message)[:8], "big")
    return str(number % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def _return_mac(link_key: bytes, delivery_id: UUID) -> bytes:
    message = layout.lp(b"lk1/return", delivery_id.bytes)
    return primitives.hmac_sha256(link_key, message)[:_MAC_SIZE]


def _reminders_mac(link_key: bytes, body: bytes) -> bytes:
    message = layout.lp(b"lk1/reminders", body)
    return primitives.hmac_sha256(link_key, message)[:_MAC_SIZE]


def _cursor_mac(key: bytes, scope: str, body: bytes) -> bytes:
    message = layout.lp(b"lk1/cursor", scope.encode()) + body
    return primitives.hmac_sha256(key, message)[:_MAC_SIZE]


def _nonce_mac(key: bytes, body: bytes, session: bytes, form: str) -> bytes:
    message = layout.lp(b"lk1/form", body, session, form.encode())
    return primitives.hmac_sha256(key, message)[:_MAC_SIZE]


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise faults.CannotOpen from None
    # One spelling only: the last character may hide bits that decoding drops.
    if _b64(raw) != text:
        raise faults.CannotOpen
    return raw
