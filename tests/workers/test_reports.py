"""What is read of a mail that came back: a word of a closed list, a code, and no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import bounces
from service.domain.bounces import Told
from workers import outbox_server, reports

MAIL = b"Subject: x\r\nMessage-ID: <1@x.example>\r\n\r\nbody\r\n"


def report(status: str = "5.1.1", action: str = "failed") -> bytes:
    raw = outbox_server.bounce(MAIL, sender="bounces+x@x.example")
    return raw.replace(b"5.1.1", status.encode()).replace(
        b"Action: failed", f"Action: {action}".encode()
    )


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("5.1.1", Told.BOUNCED),
        ("5.1.10", Told.BOUNCED),
        ("5.2.1", Told.BOUNCED),
        ("5.2.2", Told.SOFT),
        ("4.4.7", Told.SOFT),
        ("5.0.0", Told.SOFT),
        ("5.1.7", Told.REFUSED),
        ("5.1.8", Told.REFUSED),
        ("5.7.26", Told.REFUSED),
        ("5.6.1", Told.REFUSED),
    ],
)
def test_a_status_speaks_of_the_mailbox_or_of_us_or_of_today(status, told) -> None:
    found = reports.read(report(status))
    assert (found.told, found.code) == (told, status)
    assert bounces.failed(status) is told


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("delayed", Told.DELAYED),
        ("delivered", Told.DELIVERED),
        ("relayed", Told.DELAYED),
        ("failed (no such user)", Told.BOUNCED),
        ("FAILED", Told.BOUNCED),
        ("error", Told.BOUNCED),
        ("perhaps", Told.UNREAD),
    ],
)
def test_an_action_decides_whether_it_is_a_bounce(action, told) -> None:
    assert reports.read(report(action=action)).told is told


def test_a_status_that_says_nothing_gives_way_to_the_servers_own_word() -> None:
    raw = report().replace(
        b"Status: 5.1.1", b"Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 <x@y>: no such user"
    )
    found = reports.read(raw)
    assert (found.told, found.code) == (Told.BOUNCED, "5.1.1")


QMAIL = b"""From: MAILER-DAEMON@mx.example
To: bounces+x@x.example
Subject: failure notice
Message-ID: <q@mx.example>

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<intake@harbor.example>:
Sorry, no mailbox here by that name. (#%s)

--- Below this line is a copy of the message.
"""


@pytest.mark.parametrize(("code", "told"), [(b"5.1.1", Told.BOUNCED), (b"5.2.2", Told.SOFT)])
def test_a_server_of_before_the_standard_is_understood(code, told) -> None:
    found = reports.read(QMAIL % code)
    assert (found.told, found.code) == (told, code.decode())


def test_a_complaint_is_one() -> None:
    raw = (
        b'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nspam\r\n"
        b"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        b"--b--\r\n"
    )
    found = reports.read(raw)
    assert (found.told, found.facts["report"]) == (Told.COMPLAINED, "feedback-report")


def test_a_name_in_the_head_of_a_mail_is_not_kept() -> None:
    raw = b"Content-Type: text/jane-doe\r\nAuto-Submitted: jane.doe\r\n\r\nJane\r\n"
    found = reports.read(raw)
    assert found.facts == {"size": len(raw)}
    assert "ane" not in repr(found)


@pytest.mark.parametrize(
    "head",
    [b"Auto-Submitted: auto-replied (vacation)", b"X-Autoreply: yes", b"Precedence: auto_reply"],
)
def test_a_robots_answer_is_no_bounce(head) -> None:
    assert (
        reports.read(head + b"\r\nSubject: away\r\n\r\nBack on Monday\r\n").told is Told.AUTO_REPLY
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        MAIL,
        b"\xff\x00" * 50,
        b"Content-Type: multipart/report\r\n\r\n",
        b"Content-Type: text/plain; charset=klingon\r\nSubject: =?klingon?q?=ff?=\r\n\r\n\xff",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n" * 300,
        b"x" * 300_000,
    ],
    ids=["empty", "mail", "noise", "hollow", "charset", "nested", "huge"],
)
def test_what_is_no_report_is_told_as_unread(raw) -> None:
    assert reports.read(raw).told is Told.UNREAD


@given(st.binary(max_size=2000))
def test_whatever_bytes_come_something_is_told(raw) -> None:
    found = reports.read(raw)
    assert len(found.event_id) == 64
    assert reports.read(raw) == found


@given(st.data())
def test_a_report_with_bytes_struck_out_of_it_is_read_or_told_as_unread(data) -> None:
    raw = bytearray(report())
    for _ in range(data.draw(st.integers(0, 20))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert reports.read(bytes(raw)).told in Told
