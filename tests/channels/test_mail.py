"""The mail channel against a real SMTP server that is well, slow, rude or gone."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels import mime
from channels.mail import MailChannel, MailRoute
from channels.parcel import Later, Never, Parcel, Sent
from tests.channels import certificates, mail_server
from tests.channels.test_contract import parcel


@pytest.fixture
def office() -> mail_server.Office:
    return mail_server.Office()


@pytest.fixture
def port(office: mail_server.Office) -> Iterator[int]:
    with mail_server.running(office) as port:
        yield port


def carry(channel: MailChannel, *parcels: Parcel) -> list[Sent | Later | Never]:
    async def story() -> list[Sent | Later | Never]:
        answers = [await channel.carry(each) for each in parcels]
        await channel.close()
        return answers

    return asyncio.run(story())


def plain(port: int, **options: float) -> MailChannel:
    route = MailRoute(host="127.0.0.1", port=port, insecure_ok=True)
    return MailChannel(route, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "reply", "answer"),
    [
        (
            "RCPT",
            "450 4.2.0 greylisted x@y.example",
            Later(reason="refused at recipient: 450 4.2.0"),
        ),
        ("MAIL", "451 try later", Later(reason="refused at sender: 451")),
        ("DATA", "452 4.3.1 full", Later(reason="refused at data: 452 4.3.1")),
        (
            "RCPT",
            "550 5.1.1 <x@y.example> unknown",
            Never(reason="refused at recipient: 550 5.1.1", address_dead=True),
        ),
        (
            "RCPT",
            "556 5.1.10 null MX",
            Never(reason="refused at recipient: 556 5.1.10", address_dead=True),
        ),
        ("RCPT", "550 5.7.1 policy", Never(reason="refused at recipient: 550 5.7.1")),
        ("RCPT", "550 no", Never(reason="refused at recipient: 550")),
        ("MAIL", "550 5.1.8 bad sender", Never(reason="refused at sender: 550 5.1.8")),
        ("DATA", "554 5.6.0 no", Never(reason="refused at data: 554 5.6.0")),
    ],
)
def test_a_refusal_is_told_by_its_numbers_and_the_connection_lives_on(
    *,
    office: mail_server.Office,
    port: int,
    command: str,
    reply: str,
    answer: Later | Never,
) -> None:
    office.at[command] = [reply]
    assert carry(plain(port), parcel(), parcel()) == [
        answer,
        Sent("<0193.1@care.example>"),
    ]
    assert office.connections == 1
    assert len(office.taken) == 1


@pytest.mark.parametrize(
    ("command", "behaviour"),
    [
        ("EHLO", "drop"),
        ("EHLO", "hang"),
        ("MAIL", "drop"),
        ("RCPT", "drop"),
        ("DATA", "drop"),
        ("RCPT", "hang"),
        ("DATA", "hang"),
        ("MAIL", "421 4.3.2 shutting down"),
        ("MAIL", "530 5.7.0 authenticate first"),
        ("RCPT", "421 4.7.0 too many"),
    ],
)
def test_a_server_that_drops_hangs_or_closes_is_unreachable_and_tried_afresh(
    office: mail_server.Office, port: int, command: str, behaviour: str
) -> None:
    office.at[command] = [behaviour]
    first, second = carry(plain(port, timeout_s=0.4), parcel(), parcel())
    assert isinstance(first, Later)
    assert first.unreachable
    assert "harbor" not in first.reason
    assert isinstance(second, Sent)
    assert len(office.taken) == 1


def test_a_server_that_is_not_there_is_unreachable(office: mail_server.Office) -> None:
    with mail_server.running(office) as port:
        pass
    (answer,) = carry(plain(port), parcel())
    assert isinstance(answer, Later)
    assert answer.unreachable


def test_a_refusal_at_connection_is_unreachable_whatever_its_number(
    office: mail_server.Office, port: int
) -> None:
    office.at["EHLO"] = ["554 5.3.2 go away"] * 2
    (answer,) = carry(plain(port), parcel())
    assert isinstance(answer, Later)
    assert answer.unreachable


def test_one_connection_is_kept_and_never_holds_two_envelopes(
    office: mail_server.Office, port: int
) -> None:
    async def story() -> None:
        channel = plain(port)
        await asyncio.gather(
            *(channel.carry(parcel(message_id=f"<{n}@c.example>")) for n in range(40))
        )
        await channel.close()

    asyncio.run(story())
    assert (office.connections, office.most_open, len(office.taken)) == (1, 1, 40)


def test_a_kept_connection_that_the_server_hung_up_is_dialled_again_unnoticed(
    office: mail_server.Office, port: int
) -> None:
    channel = plain(port)

    async def story() -> list[Sent | Later | Never]:
        answers = [await channel.carry(parcel())]
        office.at["MAIL"] = ["drop"]
        answers.append(await channel.carry(parcel()))
        office.at["MAIL"] = ["421 4.4.2 idle too long"]
        answers.append(await channel.carry(parcel()))
        await channel.close()
        return answers

    assert all(isinstance(answer, Sent) for answer in asyncio.run(story()))
    assert (office.connections, len(office.taken)) == (3, 3)


def test_an_idle_connection_is_tested_before_it_is_trusted(
    office: mail_server.Office, port: int
) -> None:
    office.at["RSET"] = ["drop"]
    first, second = carry(plain(port, idle_s=0.0), parcel(), parcel())
    assert isinstance(first, Sent)
    assert isinstance(second, Sent)
    assert office.connections == 2


def test_a_cancelled_carry_leaves_no_half_envelope(office: mail_server.Office, port: int) -> None:
    office.at["RCPT"] = ["hang"]

    async def story() -> Sent | Later | Never:
        channel = plain(port)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(channel.carry(parcel()), 0.2)
        answer = await channel.carry(parcel(to_address="second@harbor.example"))
        await channel.close()
        return answer

    assert isinstance(asyncio.run(story()), Sent)
    assert office.recipients == ["second@harbor.example"]


def test_a_retried_mail_is_byte_for_byte_the_same(office: mail_server.Office, port: int) -> None:
    office.at["DATA"] = ["451 4.3.0 later"]
    carry(plain(port), parcel(), parcel())
    carry(plain(port), parcel())
    assert len(office.taken) == 2
    assert len(set(office.taken)) == 1
    assert office.taken[0] == mime.compose(parcel())


def test_the_mail_is_seven_bit_answerless_and_whole(office: mail_server.Office, port: int) -> None:
    carry(
        plain(port),
        parcel(headers={"X-Reference": "7F3K-22QA"}, reply_to="help@care.example"),
    )
    raw = office.taken[0]
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Message-ID"] == "<0193.1@care.example>"
    assert message["Date"] == "Fri, 20 Nov 2026 09:30:00 +0000"
    assert message["From"] == "Northside Clinic <no-reply@care.example>"
    assert message["X-Reference"] == "7F3K-22QA"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == parcel().text
    assert "señora" in html.get_content()


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_tls_carries_and_is_checked(office: mail_server.Office, tmp_path: Path, tls: str) -> None:
    ours, trusting = certificates.self_signed(tmp_path)
    with mail_server.running(office, ours, implicit=tls == "implicit") as port:
        route = MailRoute(host="127.0.0.1", port=port, tls=tls)  # type: ignore[arg-type]
        good = MailChannel(route, tls_context=trusting)
        assert carry(good, parcel()) == [Sent("<0193.1@care.example>")]
        (answer,) = carry(MailChannel(route), parcel())
    assert isinstance(answer, Later)
    assert answer.unreachable
    assert len(office.taken) == 1


def test_a_server_without_tls_gets_nothing(office: mail_server.Office, port: int) -> None:
    (answer,) = carry(MailChannel(MailRoute(host="127.0.0.1", port=port)), parcel())
    assert isinstance(answer, Later)
    assert answer.unreachable
    assert office.taken == []


def test_credentials_are_refused_without_tls_and_never_printed() -> None:
    with pytest.raises(ValueError, match="need TLS"):
        MailRoute(host="127.0.0.1", port=25, username="u", password="p", insecure_ok=True)
    route = MailRoute(host="127.0.0.1", port=25, username="u", password="hunter2-password")
    channel = MailChannel(route)
    assert "hunter2" not in repr(route) + repr(channel) + repr(vars(channel))
