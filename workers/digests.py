"""Digests: routine reminders that wait for a recipient's morning, and the one mail they become.

A reminder in a digest stays an effect of its timer, with a delivery and a link of its own; both end
with the mail it went in. Source: the clocks of referrals.md; docs/decisions/0026.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from service.actions import mint_link
from service.actions.office import Office
from service.domain import ids, mail_pace
from service.domain.effects import EffectKind
from service.domain.mail_pace import RoutineMail
from service.domain.people import Channel
from service.store import digests, links, outbox
from service.store.outbox import Claim, DeliveryRow, LetterRow
from service.store.pool import Connection
from workers import letters, moot
from workers.desk import Desk

_WHAT = {EffectKind.NUDGE.value: "waits", EffectKind.REPORT.value: "late"}

DIGESTS = frozenset({EffectKind.DIGEST})
"""Effects that hold others."""


async def joined(connection: Connection, effect: Claim, row: LetterRow) -> bool:
    """Put a routine mail into its recipient's digest where it should not go by itself."""
    if not (moot.routine(effect, row) or moot.reports(effect, row)):
        return False
    if await digests.begun(connection, effect.id):
        return False
    calendar, now = await digests.calendar(connection, effect.org_id)
    if not await _waits(connection, effect, row, today=mail_pace.today(now, calendar)):
        return False
    member_id = row.member_id if row.person_id is not None else None
    at = mail_pace.next_morning(now, calendar)
    while not await digests.gather(
        connection, effect, kind=EffectKind.DIGEST, member_id=member_id, at=at
    ):
        at = mail_pace.next_morning(at, calendar)
    return True


async def _waits(connection: Connection, effect: Claim, row: LetterRow, *, today: datetime) -> bool:
    """Say whether the recipient reads this in a digest: by their wish, or as one of too many."""
    if moot.reports(effect, row):
        return not row.reminders_off
    if row.person_id is not None:
        if row.reminders_off and moot.escalates(effect):
            # They ended their digests; what escalates comes all the same.
            return False
        if row.routine_mail != RoutineMail.AT_ONCE:
            return True
    recipient = row.member_id if row.person_id is not None else row.address_id
    if effect.kind != EffectKind.NUDGE or recipient is None:
        return False
    member_id = row.member_id if row.person_id is not None else None
    await digests.one_at_a_time(connection, recipient)
    return mail_pace.waits(
        sent_today=await digests.sent_since(connection, recipient, today),
        open_items=await digests.open_items(connection, effect.org_id, member_id=member_id),
    )


class _Item(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder of a digest, and what may be said of it now; `why` it is moot, if it is."""

    effect: Claim
    row: LetterRow
    why: str | None


async def compose(
    desk: Desk, connection: Connection, effect: Claim, row: LetterRow, *, public_url: str
) -> letters.Said | None:
    """Choose the words of a digest; None where nothing of it is left to say.

    A digest that was tried before keeps all its items: its mail may be there already.
    """
    begun = await digests.begun(connection, effect.id)
    items = [await _look(connection, item) for item in await digests.close(connection, effect.id)]
    left = [item for item in items if item.why is None]
    if not left:
        return None
    if not begun:
        for item in items:
            if item.why is not None:
                await outbox.let_go(connection, item.effect.id, state="cancelled", why=item.why)
    by_link = row.person_id is None and row.channel == Channel.LINK
    to_member = row.person_id is not None
    lines = [] if begun else [await _line(desk, connection, item, by_link=by_link) for item in left]
    return letters.Said(
        name="digest_link" if by_link else "digest_member",
        language=(row.person_language if to_member else row.language) or "en",
        fields={
            "items": lines,
            "open_items": row.open_items,
            "web_url": "" if by_link else f"{public_url}/tasks",
        },
        zone=row.time_zone,
    )


async def _look(connection: Connection, item: Claim) -> _Item:
    await outbox.see(connection, item.referral_id or item.thread_id)
    row = await outbox.letter(connection, item.id)
    return _Item(effect=item, row=row, why=moot.why_moot(item, row))


async def _line(
    desk: Desk, connection: Connection, item: _Item, *, by_link: bool
) -> dict[str, Any]:
    """Write the delivery and the link of one item, and say what its line says."""
    effect, row = item.effect, item.row
    delivery_id = ids.new_id()
    domain = desk.settings.mail_from.rpartition("@")[2]
    to_member = row.person_id is not None
    said = letters.choose(effect, row, web_url="")
    await outbox.see(connection, effect.referral_id or effect.thread_id)
    await digests.delivery_of(
        connection,
        effect,
        DeliveryRow(
            id=delivery_id,
            message_id=f"<{delivery_id.hex}@{domain}>",
            said=msgspec.to_builtins(said),
            created_at=row.now,
        ),
        address_id=None if to_member else row.address_id,
        member_id=row.member_id if to_member else None,
    )
    line = {"reference": row.reference or "", "what": _WHAT.get(effect.kind, "news")}
    if effect.kind == EffectKind.REPORT:
        line["public_name"] = await digests.awaited(connection, effect)
    if by_link:
        await _link(desk, connection, item, delivery_id)
        line |= {
            "public_name": row.public_name or "",
            "sender_phone": row.sender_phone or "",
            "delivery": delivery_id.hex,
        }
    return line


async def _link(desk: Desk, connection: Connection, item: _Item, delivery_id: UUID) -> None:
    effect, row = item.effect, item.row
    if effect.referral_id is None or effect.leg_id is None or row.address_id is None:
        raise LookupError("a line with a link is about a leg")
    minted = await mint_link.link_of(desk.office.keys, delivery_id=delivery_id)
    link = links.NewLink(
        id=ids.new_id(),
        org_id=effect.org_id,
        referral_id=effect.referral_id,
        leg_id=effect.leg_id,
        address_id=row.address_id,
        delivery_id=delivery_id,
        secret_hash=minted.digest,
    )
    await links.insert(connection, link)


async def with_links(office: Office, said: letters.Said) -> list[dict[str, Any]]:
    """Give each line of a digest the link of its own, derived anew, as the mail says it."""
    return [await _with_link(office, line) for line in said.fields["items"]]


async def _with_link(office: Office, line: dict[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in line.items() if key != "delivery"}
    if "delivery" in line:
        minted = await mint_link.link_of(office.keys, delivery_id=UUID(line["delivery"]))
        said["link_url"] = f"{office.public_url}/r/{minted.text}"
    return said
