"""Alarms: told by mail and POST, again and cleared at their own pace, without any table."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest

from service.metrics import Registry
from service.settings import Secret
from tests.channels import mail_server
from tests.workers import shop as shops
from workers import alarms


class Board:
    """What was posted, and the status that the next one is answered with."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.status = 204


@contextmanager
def listening(board: Board) -> Iterator[str]:
    """A real HTTP server on loopback."""

    class Hooks(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if board.status < 300:
                board.posted.append(json.loads(body))
            self.send_response(board.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hooks)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?of=operator"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Time:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def made(port: int, url: str, time: Time) -> tuple[alarms.Alarms, Registry]:
    settings = msgspec.structs.replace(
        shops.settings("postgresql://nowhere/none", "redis://nowhere", port=port),
        alarm_mail=("ops@example.org", "night@example.org"),
        alarm_webhook=Secret(url),
    )
    registry = Registry()
    ways: list[alarms.Way] = [alarms.Mail(settings), alarms.Post(url)]
    return alarms.Alarms(ways, registry, monotonic=time), registry


async def test_an_alarm_is_told_by_mail_and_post_once_again_each_hour_and_when_it_is_over() -> None:
    office, board, time = mail_server.Office(), Board(), Time()
    with mail_server.running(office) as port, listening(board) as url:
        told, registry = made(port, url, time)
        for _ in range(3):
            await told.stands("breaker:mail", up=True)
        assert [each["state"] for each in board.posted] == ["raised"]
        assert sorted(office.recipients) == ["night@example.org", "ops@example.org"]
        assert 'lk_alarms_raised{alarm="breaker"} 1' in registry.text()
        time.at += alarms.AGAIN_S
        await told.stands("breaker:mail", up=True)
        assert len(board.posted) == 2
        time.at += alarms.APART_S
        await told.stands("breaker:mail", up=False)
        await told.stands("breaker:mail", up=False)
    assert [each["state"] for each in board.posted] == ["raised", "raised", "cleared"]
    assert 'lk_alarms_raised{alarm="breaker"} 0' in registry.text()
    assert set(board.posted[0]) == {"alarm", "about", "state", "says", "at"}
    assert (board.posted[0]["alarm"], board.posted[0]["about"]) == ("breaker", "mail")
    mails = [email.message_from_bytes(raw, policy=email.policy.default) for raw in office.taken]
    assert mails[0]["subject"] == "Loopkeeper: breaker (mail) raised"
    assert mails[-1]["subject"] == "Loopkeeper: breaker (mail) cleared"
    assert len({mail["message-id"] for mail in mails}) == len(mails) == 6


async def test_what_comes_and_goes_is_told_every_ten_minutes_at_most() -> None:
    office, board, time = mail_server.Office(), Board(), Time()
    with mail_server.running(office) as port, listening(board) as url:
        told, _ = made(port, url, time)
        for _ in range(60):
            await told.stands("outbox_old", up=True)
            time.at += 5.0
            await told.stands("outbox_old", up=False)
            time.at += 5.0
        assert [each["state"] for each in board.posted] == ["raised"]
        await told.stands("outbox_old", up=False)
    assert [each["state"] for each in board.posted] == ["raised", "cleared"]


async def test_keys_do_not_hold_each_other_back() -> None:
    office, board, time = mail_server.Office(), Board(), Time()
    with mail_server.running(office) as port, listening(board) as url:
        told, _ = made(port, url, time)
        await told.stands("invariant:I5", up=True)
        await told.stands("invariant:I6", up=True)
        assert told.raised() == {"invariant:I5", "invariant:I6"}
    assert [each["about"] for each in board.posted] == ["I5", "I6"]


async def test_one_way_that_is_closed_does_not_close_the_other() -> None:
    board, time = Board(), Time()
    with listening(board) as url:
        told, _ = made(mail_server.free(), url, time)
        await told.stands("dead_letters", up=True)
        assert len(board.posted) == 1


async def test_what_nobody_took_is_told_again_with_the_next_turn() -> None:
    board, time = Board(), Time()
    board.status = 500
    with listening(board) as url:
        told, _ = made(mail_server.free(), url, time)
        await told.stands("clock_jump", up=True)
        board.status = 200
        await told.stands("clock_jump", up=True)
        await told.stands("clock_jump", up=True)
    assert [each["alarm"] for each in board.posted] == ["clock_jump"]


async def test_an_alarm_that_nobody_knows_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        await alarms.Alarms([], Registry()).stands("everything", up=True)
