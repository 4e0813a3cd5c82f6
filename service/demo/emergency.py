"""One emergency of the demo: a clinician broke the glass a day ago; it waits for its review."""

from datetime import timedelta
from uuid import UUID

from crypto import token
from service.actions import break_glass, review_glass, sessions, sign_in
from service.actions.break_glass import Breaking, Emergency
from service.actions.office import Office
from service.actions.prove import Proof
from service.actions.sign_in import Attempt
from service.demo.people import PASSWORD, cast
from service.store import demo
from service.store.pool import Pool

WHO = ("northside", "david")
AGO = timedelta(hours=30)


async def happen(office: Office, worker: Pool, *, referral_id: UUID) -> None:
    """Let a clinician of the recipient sign in, look in an emergency, and sign out again."""
    await demo.move_clock(worker, -AGO)
    key, login = WHO
    player = next(each for each in cast(key).players if each.login == login)
    attempt = Attempt(address=cast(key).address(player), password=PASSWORD)
    begun = await sign_in.sign_in(office, attempt)
    digest = token.secret_hash(begun.session.secret)
    known = await sessions.by_cookie(office, digest)
    if known is None:
        raise LookupError("who has just signed in is known")
    wish = Breaking(
        reason=Emergency.OVERDOSE,
        words="Brought in unconscious by a neighbor; the ambulance asked for the medication list.",
        medical_emergency=True,
        proof=Proof(password=PASSWORD),
    )
    await break_glass.for_referral(office, known.actor, referral_id=referral_id, wish=wish)
    await review_glass.leave(office, known.actor)
    await sessions.end(office, digest)
