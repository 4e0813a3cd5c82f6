"""What the page of a referral says of its patient: what they allowed, and where more is kept."""

from service.actions.read_referral import Sheet
from service.domain import policy
from service.domain.people import Actor, Capacity
from templates import words


def page_of(sheet: Sheet, actor: Actor, page: str, action: policy.Action) -> str:
    """Return where the sender keeps something of the patient, if this reader may see it."""
    card = sheet.card
    may = actor.org_id == card.sender_org_id and policy.ever(actor, action)
    return f"/patients/{card.patient_id}/{page}" if may else ""


def scope_of(sheet: Sheet, say: words.Say) -> str:
    """Say in a line what the patient allowed, as 42 CFR 2.32 asks to go with the content."""
    scope = sheet.order.scope if sheet.order is not None else None
    if scope is None:
        return ""
    until = scope["expires_at"][:10] if scope["expires_at"] else "-"
    told = ", ".join(words.word(say, each, "sensitivity") for each in scope["classes"])
    line = words.word(say, "scope", "consent")
    return line.format(classes=told, signed=scope["signed_on"], until=until)


def renewal_of(sheet: Sheet, actor: Actor) -> dict[str, object]:
    """Say whether the consent has ended, and lead the sender to another one."""
    picture = sheet.picture
    sends = sheet.card.capacity == Capacity.SENDER and sheet.card.state != "void"
    if picture is None or not (sends and policy.ever(actor, policy.Action.CONSENT_RENEW)):
        return {}
    return {"renewal_href": f"/referrals/{sheet.card.id}/consent", "ended": bool(picture.ended)}
