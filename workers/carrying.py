"""One effect on its way: claimed and written down before it travels, settled after it.

The delivery and its link are committed before the mail leaves; no connection is held meanwhile.
"""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from channels.parcel import Later, Never, Parcel, Sent, TextAnswer, TextParcel, Unknown
from crypto import faults as crypto_faults
from service.actions import invitations, mint_link, reminders, return_paths
from service.domain import delivery as answers
from service.domain import ids
from service.domain.delivery import Answer, EffectState
from service.domain.effects import PERSONAL, EffectKind
from service.store import digests as digest_rows
from service.store import links, outbox, sms, texts
from service.store.outbox import Claim, DeliveryRow, Head, LetterRow
from service.store.pool import Connection, Scope
from workers import digests, ears, letters, moot, texting
from workers.desk import Desk

_UNREADABLE = (crypto_faults.CannotOpen, crypto_faults.KeyMissing, crypto_faults.KeyRefused)


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that may travel: its row is committed, its parcel is complete."""

    effect: Claim
    delivery: DeliveryRow
    parcel: Parcel | TextParcel


class _Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed effect inside the transaction that prepares it."""

    desk: Desk
    connection: Connection
    effect: Claim
    row: LetterRow


async def prepare(desk: Desk, head: Head, *, phones: bool = False) -> Ready | None:
    """Claim an effect and commit its delivery; None where there is nothing to say or carry.

    `phones` says that there is a way to phones.
    """
    if head.channel == outbox.SMS:
        # Whoever said stop by now is heard before anybody is texted.
        await ears.turn(desk)
    scope = Scope(org_id=head.org_id, opening=head.opening)
    async with desk.db.transaction(scope) as connection:
        effect = await outbox.claim(connection, head.id)
        if effect is None or await _ended(connection, effect):
            return None
        if effect.closed_way and not await outbox.may_probe(connection, effect):
            return None
        if effect.channel == outbox.SMS:
            return await _ready_text(desk, connection, effect, phones=phones)
        row = await outbox.letter(connection, head.id)
        why = moot.why_moot(effect, row)
        if why is not None:
            await _over(connection, effect, state="cancelled", why=why)
            return None
        if await digests.joined(connection, effect, row):
            return None
        return await _ready(_Hold(desk=desk, connection=connection, effect=effect, row=row))


async def _ended(connection: Connection, effect: Claim) -> bool:
    """End what was taken, as its receipt says, and what is too late."""
    if effect.reported:
        await outbox.known(connection, effect.id)
    elif effect.expired:
        await _over(connection, effect, state="expired", why="its time is over")
    return effect.reported or effect.expired


async def _over(connection: Connection, effect: Claim, *, state: str, why: str) -> None:
    """End an effect without a word, and what waited in it."""
    ends = digest_rows if effect.kind in digests.DIGESTS else outbox
    await ends.let_go(connection, effect.id, state=state, why=why)


async def _ready_text(
    desk: Desk, connection: Connection, effect: Claim, *, phones: bool
) -> Ready | None:
    if effect.kind == EffectKind.PATIENT_CODE:
        found = await texting.code(desk.office, connection, effect)
    elif effect.referral_id is None:
        found = await texting.reply(desk.office, connection, effect)
    else:
        found = await texting.prepare(desk.office, connection, effect, has_way=phones)
    if found is None:
        return None
    delivery, parcel = found
    return Ready(effect=effect, delivery=delivery, parcel=parcel)


async def _ready(hold: _Hold) -> Ready | None:
    effect, row, keys = hold.effect, hold.row, hold.desk.office.keys
    try:
        said = await _words(hold)
        if said is None:
            return None
        to_address = await letters.address(keys, effect.org_id, row)
    except letters.NoWay:
        return await _no_way(hold, "no address")
    except _UNREADABLE:
        return await _no_way(hold, "address not readable")
    delivery = await _delivery(hold, said)
    # What the first try said is said again, whatever has changed since.
    said = msgspec.convert(delivery.said, letters.Said)
    secrets = await _secrets(hold, delivery, said)
    if secrets is None:
        why = "no code was asked for"
        await outbox.let_go(hold.connection, effect.id, state="cancelled", why=why)
        return None
    text = letters.rendered(said, secrets)
    parcel = Parcel(
        to_address=to_address,
        subject=text.subject,
        text=text.text,
        html=text.html,
        message_id=delivery.message_id,
        sender=f"Loopkeeper <{hold.desk.settings.mail_from}>",
        date=delivery.created_at,
        headers=await _way_out(hold),
        return_path=await return_paths.of(
            keys, delivery.id, domain=hold.desk.settings.return_domain
        ),
    )
    return Ready(effect=effect, delivery=delivery, parcel=parcel)


async def _words(hold: _Hold) -> letters.Said | None:
    """Choose what is said; None where a digest holds nothing that is still true."""
    effect, row = hold.effect, hold.row
    if effect.kind not in digests.DIGESTS:
        return letters.choose(effect, row, web_url=_web_url(hold))
    said = await digests.compose(
        hold.desk, hold.connection, effect, row, public_url=hold.desk.office.public_url
    )
    if said is None:
        await _over(hold.connection, effect, state="cancelled", why="nothing left")
    return said


async def _no_way(hold: _Hold, error: str) -> None:
    tries = hold.effect.tries
    await outbox.give_up(hold.connection, hold.effect.id, tries=tries, error=error, state="dead")


async def _delivery(hold: _Hold, said: letters.Said) -> DeliveryRow:
    delivery_id = ids.new_id()
    domain = hold.desk.settings.mail_from.rpartition("@")[2]
    to_member = hold.row.person_id is not None
    return await outbox.attempt(
        hold.connection,
        hold.effect,
        delivery_id=delivery_id,
        message_id=f"<{delivery_id.hex}@{domain}>",
        said=said,
        address_id=None if to_member else hold.row.address_id,
        member_id=hold.row.member_id if to_member else None,
    )


async def _secrets(hold: _Hold, delivery: DeliveryRow, said: letters.Said) -> dict[str, Any] | None:
    """Derive what only the mail may say; None where a code has no window it belongs to."""
    effect, keys = hold.effect, hold.desk.office.keys
    secrets: dict[str, Any] = {"phrase": await letters.phrase(keys, effect.org_id, hold.row)}
    if effect.kind == EffectKind.LINK_CODE and effect.link_id is not None:
        window = await links.code_window(hold.connection, effect.id)
        if window is None:
            return None
        secrets["code"] = await mint_link.code_for(keys, effect.link_id, at=window)
    if effect.invitation_id is not None:
        invited = await invitations.link_of(keys, effect.invitation_id)
        secrets["link_url"] = invitations.url(hold.desk.office.public_url, invited.text)
    if letters.needs_link(said):
        secrets["link_url"] = await _link(hold, delivery.id)
        # The same way in: behind the code, so that no scanner can report a mailbox as wrong.
        secrets["wrong_address_url"] = secrets["link_url"]
    if effect.kind in digests.DIGESTS:
        secrets["items"] = await digests.with_links(hold.desk.office, said)
    return secrets


async def _link(hold: _Hold, delivery_id: UUID) -> str:
    effect, row, office = hold.effect, hold.row, hold.desk.office
    minted = await mint_link.link_of(office.keys, delivery_id=delivery_id)
    leg_id = effect.leg_id or row.link_leg_id
    if effect.referral_id is None or leg_id is None or row.address_id is None:
        raise LookupError("a mail with a link is about a leg")
    link = links.NewLink(
        id=ids.new_id(),
        org_id=effect.org_id,
        referral_id=effect.referral_id,
        leg_id=leg_id,
        address_id=row.address_id,
        delivery_id=delivery_id,
        secret_hash=minted.digest,
    )
    await links.insert(hold.connection, link)
    return f"{office.public_url}/r/{minted.text}"


async def _way_out(hold: _Hold) -> dict[str, str]:
    """Give reminders, and nothing else, the headers by which they end."""
    effect, row = hold.effect, hold.row
    to_id = row.member_id if row.person_id is not None else row.address_id
    if to_id is None or not moot.ends_by_click(effect, row):
        return {}
    office = hold.desk.office
    return await reminders.way_out(
        office.keys,
        office.public_url,
        org_id=effect.org_id,
        to_id=to_id,
        referral_id=effect.referral_id,
    )


def _web_url(hold: _Hold) -> str:
    effect = hold.effect
    where = "account" if effect.kind in PERSONAL else f"referrals/{effect.referral_id}"
    if effect.kind == EffectKind.BREAK_GLASS:
        where = "break-glass"
    if effect.kind == EffectKind.TAKEN_BACK:
        where = "tasks"
    if effect.kind == EffectKind.MESSAGE:
        where = f"threads/{effect.thread_id}"
    return f"{hold.desk.office.public_url}/{where}"


async def settle(desk: Desk, ready: Ready, answer: TextAnswer) -> None:
    """Write down what became of a delivery; any answer at all proves that the way is open."""
    effect = ready.effect
    scope = Scope(org_id=effect.org_id, opening=effect.referral_id or effect.thread_id)
    async with desk.db.transaction(scope) as connection:
        if isinstance(answer, Later) and answer.unreachable:
            await outbox.unreachable(connection, effect, error=answer.reason)
            return
        if effect.closed_way:
            await outbox.reachable(connection, effect.channel)
        match answer:
            case Sent(ref):
                await outbox.done(connection, [(effect.id, ref)])
            case Later():
                await _later(connection, effect.id, effect.tries, answer=answer)
            case Never():
                await _never(connection, ready, answer)
            case Unknown():
                await texts.unanswered(connection, effect.id, why=answer.reason)


async def stumbled(desk: Desk, head: Head, error: Exception) -> None:
    """Count a mistake of our own as a try: it ends as a task for a person, not in a loop."""
    scope = Scope(org_id=head.org_id, opening=head.opening)
    async with desk.db.transaction(scope) as connection:
        tries = await outbox.tries(connection, head.id)
        if tries is not None:
            answer = Later(reason=f"our mistake: {type(error).__name__}")
            await _later(connection, head.id, tries, answer=answer)


async def _later(connection: Connection, effect_id: UUID, tries: int, *, answer: Later) -> None:
    asked = timedelta(seconds=answer.wait_s) if answer.wait_s else None
    # Not for secrets: it only keeps a crowd of retries apart.
    jitter = random.random()  # noqa: S311
    then = answers.after_try(Answer.LATER, tries=tries, jitter=jitter, asked_wait=asked)
    if then.state is EffectState.DEAD or then.wait is None:
        await outbox.give_up(
            connection, effect_id, tries=then.tries, error=answer.reason, state="dead"
        )
    else:
        await outbox.again(
            connection, effect_id, wait=then.wait, tries=then.tries, error=answer.reason
        )


async def _never(connection: Connection, ready: Ready, answer: Never) -> None:
    if answer.address_dead:
        await outbox.dead_address(connection, ready.delivery.id)
    if answer.opted_out:
        await sms.opted_out(connection, ready.delivery.id)
    await outbox.give_up(
        connection,
        ready.effect.id,
        tries=ready.effect.tries + 1,
        error=answer.reason,
        state="bounced" if answer.address_dead else "refused",
    )
