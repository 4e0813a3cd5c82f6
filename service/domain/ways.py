"""The way out of each kind of work: the page on which it is done."""

from collections.abc import Mapping
from uuid import UUID

from service.domain.waiting import OVERDUE, SECOND

_PARTNER, _REFERRAL = "/tasks/partners/{partner}", "/referrals/{referral}"
_PEOPLE, _CONSENTS = "/organizations/{partner}/people", "/patients/{patient}/consents"
_WORDS, _CONTACTS = "/patients/{patient}/texts", "/patients/{patient}/contacts"

_WAYS: Mapping[str, tuple[str, ...]] = {
    "call_recipient": (_PARTNER, _REFERRAL),
    "confirm_people": (_PEOPLE,),
    "message_retracted": (_REFERRAL, "/threads"),
    "document_retracted": (_REFERRAL, "/threads"),
    "file_retracted": (_REFERRAL, "/threads"),
    "consent_withdrawn": (_REFERRAL, _CONSENTS),
    "consent_expiring": (_REFERRAL, _CONSENTS),
    "consent_expired": (_REFERRAL, _CONSENTS),
    "consent_override": (_REFERRAL, _CONSENTS),
    "consent_age": (_CONSENTS,),
    "break_glass_review": ("/break-glass",),
    "break_glass_told": ("/break-glass",),
    "break_glass_unreviewed": ("/break-glass",),
    "address_bounced": (_REFERRAL, _PEOPLE),
    "undeliverable": (_REFERRAL, _PEOPLE),
    "attachment": (_REFERRAL, "/threads"),
    "reminders_off": (_PEOPLE,),
    "webhook_disabled": ("/webhooks",),
    "patient_wrote": (_WORDS, _REFERRAL),
    "patient_may_have_died": (_WORDS, _REFERRAL),
    "patient_wants_a_call": (_WORDS, _REFERRAL),
    "patient_number_is_wrong": (_CONTACTS, _REFERRAL),
}
"""By kind, the first of these that its record can fill in."""

ELSEWHERE = frozenset({"channel_down", "clock_jump", "proof_failed", "callback_strange"})
"""Work of those who run the machines; on the list it is only called done."""


def way(
    kind: str, referral_id: UUID | None, about_org_id: UUID | None, patient_id: UUID | None
) -> str:
    """Return the path of the page on which a task is done; "" where there is none."""
    known = {"referral": referral_id, "partner": about_org_id, "patient": patient_id}
    given = {name: str(value) for name, value in known.items() if value is not None}
    for path in _paths(kind):
        try:
            return path.format(**given)
        except KeyError:
            continue
    return ""


def _paths(kind: str) -> tuple[str, ...]:
    if kind.startswith(SECOND) or kind == f"{OVERDUE}answer":
        return _PARTNER, _REFERRAL
    if kind.startswith(OVERDUE):
        return (_REFERRAL,)
    return _WAYS.get(kind, (_REFERRAL,) if kind not in ELSEWHERE else ())
