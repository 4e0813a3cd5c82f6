"""Providers of texts: what they ask for, and what they make of every answer."""

from __future__ import annotations

import pytest

from channels.parcel import Later, Never, Sent, TextParcel, Unknown
from channels.sms_kannel import KannelRoute, KannelSms
from channels.sms_twilio import TwilioRoute, TwilioSms
from tests.channels import mail_server, sms_server

REFERENCE = "0123456789abcdef" * 2
SECRETS = (sms_server.TOKEN, sms_server.PASSWORD, "hook-of-the-tests")


def twilio(url: str, *, token: str = sms_server.TOKEN, **more: str) -> TwilioSms:
    more = more or {"sender": "+15035550199"}
    route = TwilioRoute(
        url=url,
        account=sms_server.ACCOUNT,
        token=token,
        receipts_url="https://refer.example.org/hooks/sms/twilio/receipts",
        **more,
    )
    return TwilioSms(route, timeout_s=1.0)


def kannel(url: str, *, password: str = sms_server.PASSWORD) -> KannelSms:
    route = KannelRoute(
        url=f"{url}/cgi-bin/sendsms",
        username=sms_server.USER,
        password=password,
        sender="13013",
        receipts_url="https://refer.example.org/hooks/sms/kannel/receipts",
        hook="hook-of-the-tests",
    )
    return KannelSms(route, timeout_s=1.0)


def text(to: str = "+15035550100", words: str = "Reply 1 for yes.", *, gsm: bool = True):
    return TextParcel(to_number=to, text=words, reference=REFERENCE, gsm=gsm)


@pytest.fixture
def server():
    desk = sms_server.Desk()
    with sms_server.running(desk) as url:
        yield desk, url


async def test_twilio_is_asked_as_its_api_wants_it(server) -> None:
    desk, url = server
    answer = await twilio(url).carry(text(words="Sí, mañana ✓"))
    [taken] = desk.texts
    assert answer == Sent(f"SM{1:032x}")
    assert (taken["To"], taken["From"], taken["Body"]) == (
        "+15035550100",
        "+15035550199",
        "Sí, mañana ✓",
    )
    assert taken["StatusCallback"] == (
        f"https://refer.example.org/hooks/sms/twilio/receipts?ref={REFERENCE}"
    )


async def test_a_messaging_service_takes_the_place_of_a_number(server) -> None:
    desk, url = server
    assert isinstance(await twilio(url, service="MG1").carry(text()), Sent)
    assert desk.texts[0]["MessagingServiceSid"] == "MG1"
    assert "From" not in desk.texts[0]


@pytest.mark.parametrize(
    ("to", "dead", "stopped"),
    [
        (sms_server.OPTED_OUT, False, True),
        (sms_server.NO_PHONE, True, False),
        (sms_server.NO_MOBILE, True, False),
    ],
)
async def test_what_twilio_refuses_for_good_says_whose_fault_it_is(
    server, to, dead, stopped
) -> None:
    answer = await twilio(server[1]).carry(text(to))
    assert isinstance(answer, Never)
    assert (answer.address_dead, answer.opted_out) == (dead, stopped)
    assert to not in f"{answer}"


async def test_a_gateway_of_ones_own_is_asked_in_headers_and_body(server) -> None:
    desk, url = server
    assert await kannel(url).carry(text(words="café")) == Sent(REFERENCE)
    assert await kannel(url).carry(text(words="sí ✓", gsm=False)) == Sent(REFERENCE)
    narrow, wide = desk.texts
    assert (narrow["body"], narrow["x-kannel-coding"]) == ("café", "0")
    assert (wide["body"], wide["x-kannel-coding"]) == ("sí ✓", "2")
    assert narrow["x-kannel-dlr-url"] == (
        "https://kannel:hook-of-the-tests@refer.example.org/hooks/sms/kannel/receipts"
        f"?ref={REFERENCE}&type=%d&id=%I"
    )
    assert isinstance(await kannel(url).carry(text("nobody'")), Never)


@pytest.mark.parametrize("make", [twilio, kannel])
@pytest.mark.parametrize(
    "case",
    [
        ("hang", Unknown, None),
        ("close", Unknown, None),
        ("nonsense", Unknown, None),
        ("500", Unknown, None),
        ("502", Unknown, None),
        ("504", Unknown, None),
        ("busy", Later, False),
        ("503", Later, False),
        ("401", Later, True),
        ("404", Later, True),
        ("redirect", (Never, Unknown), None),
    ],
)
async def test_every_answer_says_whether_the_text_may_go_another_way(server, make, case) -> None:
    (desk, url), (fault, kind, unreachable) = server, case
    desk.fault = fault
    answer = await make(url).carry(text())
    assert isinstance(answer, kind)
    if unreachable is not None:
        assert answer.unreachable is unreachable
    if fault == "busy":
        assert answer.wait_s == 7
    assert desk.asked == 1


@pytest.mark.parametrize("make", [twilio, kannel])
async def test_a_server_that_is_not_there_has_taken_nothing(make) -> None:
    answer = await make(f"http://127.0.0.1:{mail_server.free()}").carry(text())
    assert answer == Later(reason="the provider could not be reached", unreachable=True)


async def test_a_wrong_secret_is_about_us_and_not_about_the_text(server) -> None:
    for provider in (twilio(server[1], token="x"), kannel(server[1], password="x")):
        answer = await provider.carry(text())
        assert isinstance(answer, Later)
        assert answer.unreachable


async def test_neither_number_nor_words_nor_secrets_are_printed_or_logged(server, caplog) -> None:
    caplog.set_level("DEBUG")
    desk, url = server
    said = []
    for fault in ("", "500", "nonsense", "close"):
        desk.fault = fault
        for provider in (twilio(url), kannel(url)):
            said.append(f"{await provider.carry(text())} {provider!r} {vars(provider)}")
            await provider.close()
    said.append(repr(text()))
    ours = [record.getMessage() for record in caplog.records if record.name != "asyncio"]
    told = " ".join((*said, *ours))
    for secret in (*SECRETS, "+15035550100", "15035550100", "Reply 1"):
        assert secret not in told
