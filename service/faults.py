"""Everything the service can say no with.

A fault is a sentence with a slug. The first sentence of its docstring is the title people read,
``detail`` says what to do next, ``extra`` carries facts for programs. Nothing here knows HTTP:
``service.web.problems`` owns the one table from kind to status. A fault never repeats a value it
was given.
"""

from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What went wrong, in the fewest words that still tell a caller what to do."""

    MISSING = "missing"
    REFUSED = "refused"
    CONFLICT = "conflict"
    STALE = "stale"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    GONE = "gone"
    BUSY = "busy"
    BROKEN = "broken"


class Fault(Exception):
    """Something could not be done."""

    kind: ClassVar[Kind] = Kind.BROKEN
    slug: ClassVar[str] = "fault"
    advice: ClassVar[str] = ""

    def __init__(self, detail: str = "", **extra: Any) -> None:
        """Keep what to do next and the facts that a program may want."""
        self.detail = detail or self.advice
        self.extra: dict[str, Any] = extra
        super().__init__(self.detail or self.title())

    @classmethod
    def title(cls) -> str:
        """Return the first sentence of the docstring, the same for every instance."""
        first = (cls.__doc__ or cls.__name__).strip().split("\n", 1)[0]
        return first.strip()


class Missing(Fault):
    """Nothing here by that name."""

    # Not there and not yours are the same answer, byte for byte.
    kind, slug = Kind.MISSING, "missing"


class Refused(Fault):
    """You may not do that."""

    kind, slug = Kind.REFUSED, "refused"
    advice = "Ask an administrator of your organization for the role that may."


class SignInRequired(Fault):
    """Sign in first."""

    kind, slug = Kind.REFUSED, "sign-in-required"
    advice = "Send a session cookie or an API key."


class SignInFailed(Fault):
    """That address, password or code is not right."""

    # One answer for a wrong password, an unknown address, a used code and a running delay.
    kind, slug = Kind.REFUSED, "sign-in-failed"
    advice = "Check them and try again; after several failures, wait a quarter of an hour."


class CodeNeeded(Fault):
    """A code of your authenticator is needed too."""

    kind, slug = Kind.REFUSED, "code-needed"
    advice = "Send the same request with `totp_code`."


class FreshSignInNeeded(Fault):
    """Prove again that it is you."""

    kind, slug = Kind.REFUSED, "fresh-sign-in-needed"
    advice = "Send your password to /api/v1/sessions/current/proof, then repeat this."


class VisitOver(Fault):
    """You have been signed out."""

    kind, slug = Kind.REFUSED, "visit-over"
    advice = "Open the link in the e-mail again to go on. Nothing you sent is lost."


class StepRefused(Fault):
    """That step is not open to you now."""

    kind, slug = Kind.CONFLICT, "step-refused"
    advice = "Choose one of the steps in `open_steps`."


class Stale(Fault):
    """Somebody changed this before you."""

    kind, slug = Kind.STALE, "stale"
    advice = "Read it again and decide with what it says now."


class NoLongerReadable(Fault):
    """This is no longer readable."""

    # Its key was destroyed, so this is for good, for everybody, and no mistake.
    kind, slug = Kind.GONE, "no-longer-readable"
    advice = "Its key was destroyed as the law or the patient asked; nothing here opens it again."


class TakenBack(NoLongerReadable):
    """This is no longer readable: it was taken back."""

    slug = "taken-back"
    advice = "Whoever filed it took it back, for everybody. Ask them if you need to know more."


class Unreadable(Fault):
    """This cannot be opened."""

    # One answer for a cut or changed ciphertext, an unknown suite and a key that is not ours.
    kind, slug = Kind.GONE, "unreadable"
    advice = "Nothing was changed. Give the request id to whoever runs this service."


class NoKey(Fault):
    """An organization that would have to read this has no key any more."""

    kind, slug = Kind.CONFLICT, "no-key"
    advice = "Its keys were destroyed when it left. End its part, or ask your coordinator."


class HeldBack(Fault):
    """This file is not handed out."""

    # Nothing leaves that was not looked at and found clean.
    kind, slug = Kind.CONFLICT, "held-back"
    advice = "It has not been looked at yet. Try again in a minute."


class Held(Fault):
    """A legal hold keeps this from being destroyed."""

    kind, slug = Kind.CONFLICT, "held"
    advice = "Ask whoever placed the hold; `loopkeeper keys hold list` names it."


class Invalid(Fault):
    """That could not be understood."""

    kind, slug = Kind.INVALID, "invalid"
    advice = "Correct the fields in `errors` and send it again."


class Malformed(Fault):
    """That is not in the form it should have."""

    kind, slug = Kind.INVALID, "malformed"
    advice = "Send a body and headers of the documented form."


class TooLarge(Fault):
    """That is larger than is taken here."""

    kind, slug = Kind.TOO_LARGE, "too-large"
    advice = "Send at most the number of bytes in `limit`."


class Busy(Fault):
    """There is more to do than can be done now."""

    kind, slug = Kind.BUSY, "busy"
    advice = "Nothing was stored. Try again after the seconds in Retry-After."


class RateLimited(Fault):
    """That was too often in too short a time."""

    kind, slug = Kind.BUSY, "rate-limited"
    advice = "Nothing was stored. Try again after the seconds in Retry-After."


class IdempotencyMissing(Fault):
    """An Idempotency-Key is needed here."""

    kind, slug = Kind.INVALID, "idempotency-key-missing"
    advice = "Send an Idempotency-Key header, a new one for every new act."


class IdempotencyMismatch(Fault):
    """That Idempotency-Key was used for something else."""

    kind, slug = Kind.INVALID, "idempotency-key-mismatch"
    advice = "Make a new key for a new act; keep the old one only to repeat the same request."


class IdempotencyInFlight(Fault):
    """The first request with that Idempotency-Key is still under way."""

    kind, slug = Kind.CONFLICT, "idempotency-key-in-flight"
    advice = "Wait a second and repeat the same request with the same key."


class Broken(Fault):
    """Something broke on our side."""

    kind, slug = Kind.BROKEN, "broken"
    advice = "Try again; if it stays, give the request id to whoever runs this service."
