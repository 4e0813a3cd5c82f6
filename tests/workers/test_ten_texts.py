"""All ten texts, by the real workers, over HTTP to the local gateway and back, in both languages.

The clock is moved on to noon of the patient's day, again and again; what a day brings is read from
the gateway's folder, as the demonstration shows it.
"""

from __future__ import annotations

import re

import msgspec
import pytest

from service.actions.orders import Words
from service.domain.details import Details
from service.domain.rules import Step
from service.settings import Secret, Sms
from tests.channels import mail_server
from tests.web import site
from tests.workers import shop as shops
from tests.workers.noons import OURS, Street
from tests.workers.serving import web_of

LINK = re.compile(r"https?://\S+")
EXPECTED = {
    "en": {
        "sent": "Your request is on its way.",
        "accepted": "Good news: Harbor will call you",
        "booked": "You are booked for",
        "week_before": "Reminder: you are booked for",
        "day_before": "Reply 1 I will come, 2 I need another time",
        "seen": "Were you seen? Reply 1 yes, 2 no",
        "helped": "Did you get it? Reply 1 yes, 2 partly, 3 no",
        "no_show": "We missed you. What got in the way? Reply 1 a ride",
        "declined": "The first place we asked has no room.",
        "closed": "Your request is closed.",
    },
    "es": {
        "sent": "Su solicitud va en camino.",
        "accepted": "Buenas noticias: le va a llamar Harbor",
        "booked": "Tiene cita:",
        "week_before": "Recordatorio: tiene cita:",
        "day_before": "Responda 1 Voy a ir, 2 Necesito otra hora",
        "seen": "¿Le atendieron? Responda 1 = me atendieron",
        "helped": "¿Le ayudaron? Responda 1 me ayudaron",
        "no_show": "Le esperaban. ¿Qué lo impide? Responda 1 transporte",
        "declined": "El primer lugar no tiene cupo.",
        "closed": "Su solicitud queda cerrada.",
    },
}


@pytest.fixture
async def street(fresh_database, redis_url, mail_office, tmp_path):
    port, gate = mail_server.free(), mail_server.free()
    async with shops.shop(fresh_database, redis_url, *mail_office) as shop:
        way = Sms(
            name="kannel",
            url=f"http://127.0.0.1:{gate}/cgi-bin/sendsms",
            user="demo",
            password=Secret("word-of-the-gateway"),
            sender=OURS,
            hook=Secret("hook-secret-of-the-tests"),
        )
        settings = site.settings(
            fresh_database,
            redis_url,
            tmp_path,
            sms=(way,),
            port=port,
            public_url=f"http://127.0.0.1:{port}",
        )
        desk = msgspec.structs.replace(shop.desk, settings=settings)
        async with web_of(settings):
            yield Street(shop, desk, tmp_path / "outbox")


def one(texts: list[str], language: str, kind: str) -> str:
    """Require exactly this text, signed, with the way to stop, and nothing of what it is about."""
    [text] = texts
    assert EXPECTED[language][kind] in text, text
    assert text.startswith("Northside Clinic: ")
    assert text.endswith("STOP ends these texts." if language == "en" else "los mensajes.")
    told = LINK.sub("", text).casefold()
    for word in ("groceries", "food", "garcía", "maría", "care", "social"):
        assert word not in told
    return text


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_visit_is_told_from_the_first_day_to_the_last(street, language) -> None:
    async with street.phone(language) as phone:
        one(phone.new(), language, "sent")
        await phone.step(Step.ACCEPT)
        one(await phone.noon(), language, "accepted")
        await phone.rebooked(days=20)
        one(await phone.noon(), language, "booked")
        one(await phone.noon(12), language, "week_before")
        one(await phone.noon(6), language, "day_before")
        thanks = "Thank you" if language == "en" else "Gracias"
        assert thanks in await phone.answers("1")
        one(await phone.noon(2), language, "seen")
        await phone.step(Step.COMPLETE)
        one(await phone.noon(14), language, "helped")
        assert thanks in await phone.answers("2")
        await phone.ours(Step.REVIEW)
        one(await phone.noon(), language, "closed")
        assert await phone.noon(3) == []
        await phone.settled("delivered")
        claims = await street.shop.rows("select kind, value from lk.claim order by claimed_at")
        assert [tuple(each.values()) for each in claims] == [
            ("confirm", "yes"),
            ("helped", "partly"),
        ]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_who_did_not_come_is_asked_why_and_the_answer_opens_work(street, language) -> None:
    async with street.phone(language) as phone:
        phone.new()
        await phone.booked(days=3)
        one(await phone.noon(), language, "booked")
        one(await phone.noon(), language, "day_before")
        await phone.noon()
        await phone.step(Step.NO_SHOW)
        # Three a week are out; the fourth waits until the first is a week old.
        one(await phone.noon(5), language, "no_show")
        assert await phone.answers("1")
        work = await street.shop.rows(
            "select 1 from lk.human_task where kind = 'patient_needs_ride'"
        )
        assert len(work) == 1


@pytest.mark.parametrize("language", ["en", "es"])
async def test_who_is_declined_hears_that_another_place_is_looked_for(street, language) -> None:
    async with street.phone(language) as phone:
        phone.new()
        await phone.step(Step.DECLINE)
        one(await phone.noon(), language, "declined")
        await phone.ours(Step.CLOSE_WITHOUT_SERVICE)
        one(await phone.noon(), language, "closed")


async def test_what_is_over_before_its_hour_is_not_said(street) -> None:
    async with street.phone("en") as phone:
        phone.new()
        await phone.step(Step.DECLINE)
        other = await street.shop.house.organization("Second Bank", kind="social_service")
        await phone.ours(Step.ADD_LEG, service_ids=(other.service_id,))
        assert await phone.noon(2) == []
        assert await phone.whys("declined") == ["moved_on"]


async def test_an_appointment_that_is_off_is_reminded_of_no_more(street) -> None:
    async with street.phone("en") as phone:
        phone.new()
        await phone.booked(days=20)
        one(await phone.noon(), "en", "booked")
        await phone.step(Step.CANCEL_APPOINTMENT)
        assert await phone.noon(22) == []
        for code in ("week_before", "day_before", "seen"):
            assert await phone.whys(code) == ["moved_on"], code


async def test_another_appointment_is_reminded_of_by_its_own_day_alone(street) -> None:
    async with street.phone("en") as phone:
        phone.new()
        await phone.booked(days=20)
        one(await phone.noon(), "en", "booked")
        await phone.rebooked(days=30)
        one(await phone.noon(), "en", "booked")
        assert await phone.noon(18) == []
        one(await phone.noon(4), "en", "week_before")


async def test_who_did_not_come_and_was_booked_again_is_not_asked_why(street) -> None:
    async with street.phone("en") as phone:
        phone.new()
        await phone.booked(days=1)
        await phone.noon(2)
        await phone.step(Step.NO_SHOW)
        await phone.rebooked(days=15)
        await phone.noon(3)
        assert await phone.whys("no_show") == ["moved_on"]


async def test_who_got_nothing_is_not_asked_whether_it_helped_and_what_is_open_again_not_closed(
    street,
) -> None:
    async with street.phone("en") as phone:
        phone.new()
        await phone.booked(days=1)
        await phone.noon(2)
        outcome = Details(outcome="seen_no_service", need_met="no")
        await phone.step(Step.COMPLETE, details=outcome, words=Words(comment="Nothing fits."))
        await phone.ours(Step.REVIEW)
        await phone.ours(Step.REOPEN)
        await phone.noon(17)
        assert await phone.whys("helped") == ["moved_on"]
        assert await phone.whys("closed") == ["moved_on"]
