"""The way to phones: which provider is given a text, and who is asked if that one does not take it.

A text goes another way only where it is certain that it was not taken. An answer that never came is
the end of it: sent once more, it could arrive twice.
"""

import contextlib
import logging
import random
from collections.abc import Mapping

from channels.parcel import Later, Sent, TextAnswer, TextParcel, Unknown
from channels.sms import SmsProvider
from channels.sms_kannel import KannelRoute, KannelSms
from channels.sms_twilio import TwilioRoute, TwilioSms
from service import faults, logs
from service.domain import delivery, patient_texts, sms_weights
from service.domain.patient_texts import TextKind
from service.settings import Settings, Sms
from service.store import sms, texts
from service.store.pool import Pool, Scope
from service.store.sms import UntoldRow


class Phones:
    """A way to phones over providers that take turns by their points."""

    def __init__(self, db: Pool, providers: Mapping[str, SmsProvider]) -> None:
        self._db = db
        self._providers = dict(providers)
        self._met = False

    async def carry(self, parcel: TextParcel) -> TextAnswer:
        """Carry one text by the first provider that takes it; raise nothing but cancellation."""
        reached = False
        answer: TextAnswer = Later(reason="no provider of texts", unreachable=True)
        for name in await self._order():
            answer = await self._providers[name].carry(parcel)
            if isinstance(answer, Later | Unknown):
                await self._stumbled(name)
            if not isinstance(answer, Later):
                return Sent(f"{name}:{answer.ref}") if isinstance(answer, Sent) else answer
            reached = reached or not answer.unreachable
        if isinstance(answer, Later) and answer.unreachable and reached:
            # One of them was there and said no for now: that is an answer, and counts as a try.
            return Later(reason=answer.reason, wait_s=answer.wait_s)
        return answer

    async def close(self) -> None:
        """Let go of every connection."""
        for provider in self._providers.values():
            await provider.close()

    async def _order(self) -> tuple[str, ...]:
        names = tuple(self._providers)
        try:
            async with self._db.transaction(Scope()) as connection:
                if not self._met:
                    await sms.meet(connection, sms_weights.at_first(names))
                found = await sms.weights(connection, names)
        except faults.Busy:
            # Without the store nobody knows the points; the settings still have an order.
            return names
        self._met = True
        # Not for secrets: it only spreads texts.
        return sms_weights.order(found, draw=random.random())  # noqa: S311

    async def _stumbled(self, name: str) -> None:
        """Count an error; what was carried is not undone by a store that is away."""
        with contextlib.suppress(faults.Busy):
            async with self._db.transaction(Scope()) as connection:
                was = await sms.weights(connection, self._providers, lock=True)
                if not any(each.name == name for each in was):
                    return
                at = await sms.now(connection)
                becomes = sms_weights.after_error(was, name, now=at)
                await sms.put_weights(connection, becomes)
            _say_moved(was, becomes)


async def chores(db: Pool, settings: Settings) -> None:
    """Walk points back in quiet times, and see to texts of which nobody knows whether they came."""
    await _in_doubt(db)
    names = [way.name for way in settings.sms]
    async with db.transaction(Scope()) as connection:
        untold = await sms.no_receipt(connection, delivery.NO_RECEIPT_AFTER)
        was = await sms.weights(connection, names, lock=True)
        becomes = sms_weights.drifted(was, now=await sms.now(connection))
        if becomes != was:
            await sms.put_weights(connection, becomes)
    _say_moved(was, becomes)
    for each in untold:
        await _told_by_people(db, each)


async def _told_by_people(db: Pool, each: UntoldRow) -> None:
    """Let a person say again what a text said of an appointment, where nobody knows if it came."""
    if each.code is None or each.code not in patient_texts.OF_APPOINTMENTS:
        return
    async with db.transaction(Scope(org_id=each.org_id, opening=each.referral_id)) as connection:
        await sms.tell_again(connection, each.effect_id, kind=each.code)


async def _in_doubt(db: Pool) -> None:
    """Have a person tell what no provider answered for and no receipt spoke of."""
    async with db.transaction(Scope()) as connection:
        found = await texts.in_doubt(connection, delivery.DOUBT_AFTER)
    for each in found:
        async with db.transaction(
            Scope(org_id=each.org_id, opening=each.referral_id)
        ) as connection:
            first = await texts.doubt_told(connection, each.effect_id)
            if first and patient_texts.TABLE[TextKind(each.code)].told_by_call:
                await texts.by_call(connection, each.effect_id, kind=each.code)


def _say_moved(was: sms_weights.Weights, becomes: sms_weights.Weights) -> None:
    for before, after in zip(was, becomes, strict=True):
        if before.points != after.points:
            level = logging.WARNING if after.points < before.points else logging.INFO
            logs.say("sms_points_moved", level=level, channel=after.name, count=after.points)


def of(db: Pool, settings: Settings) -> Phones | None:
    """Make the way to phones, or None where the settings name no provider."""
    found = providers(settings)
    return Phones(db, found) if found else None


def providers(settings: Settings, *, timeout_s: float = 15.0) -> dict[str, SmsProvider]:
    """Make the providers of the settings, by name, the first of them first."""
    return {
        way.name: _provider(way, settings.public_url, timeout_s=timeout_s) for way in settings.sms
    }


def _provider(way: Sms, public_url: str, *, timeout_s: float) -> SmsProvider:
    route = _route(way, public_url)
    if isinstance(route, TwilioRoute):
        return TwilioSms(route, timeout_s=timeout_s)
    return KannelSms(route, timeout_s=timeout_s)


def _route(way: Sms, public_url: str) -> TwilioRoute | KannelRoute:
    receipts_url = f"{public_url}/hooks/sms/{way.name}/receipts"
    if way.name == TwilioSms.name:
        return TwilioRoute(
            url=way.url,
            account=way.user,
            token=way.password.reveal(),
            receipts_url=receipts_url,
            sender=way.sender,
            service=way.service,
        )
    return KannelRoute(
        url=way.url,
        username=way.user,
        password=way.password.reveal(),
        sender=way.sender,
        receipts_url=receipts_url,
        hook=way.hook.reveal(),
    )
