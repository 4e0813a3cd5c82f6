"""Who is in the town of the fences, by id: organizations, people, two referrals and two threads."""

from uuid import NAMESPACE_URL, uuid5


def named(name: str) -> str:
    """Return the id that something of this name has."""
    return str(uuid5(NAMESPACE_URL, f"fences/{name}"))


CLINIC, PANTRY, FORMER, LEAVING, STRANGER = (
    named(each) for each in ("clinic", "pantry", "former", "leaving", "stranger")
)
ORGS = (CLINIC, PANTRY, FORMER, LEAVING, STRANGER)
PERSON_OF = {org: named(f"person of {org}") for org in ORGS}

REFERRAL, ELSEWHERE = named("referral"), named("referral of strangers")
THREAD, APART = named("thread"), named("thread of strangers")

PARTIES = {
    (CLINIC, REFERRAL),
    (PANTRY, REFERRAL),
    # May still take back what ended its part.
    (LEAVING, REFERRAL),
    (STRANGER, ELSEWHERE),
}
"""Who is a party of a referral now."""

ENDED = {(FORMER, REFERRAL)}

TAKING_PART = {
    (CLINIC, THREAD): 1,
    # Let in later: what was said before is not for it.
    (PANTRY, THREAD): 50,
    (STRANGER, APART): 1,
}
"""Who takes part in a thread now, and from which number on."""
