"""The webhook channel calls the address that was looked at, once, and believes nobody."""

import asyncio
import ssl
from pathlib import Path

import pytest

from channels import addresses
from channels.parcel import Later, Never, Sent
from channels.webhook import HookParcel, WebhookChannel
from tests.channels import certificates
from tests.channels.receiver import Receiver, receiving

INSIDE = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8",
    "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::8.8.8.8",
    "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2001:db8::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1",
    "", "localhost", "127.1", "0x7f000001", "2130706433",
)  # fmt: skip
OUTSIDE = (
    "8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.0.1",
    "2606:4700:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808",
)  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_nothing_of_ours_may_be_called(text: str) -> None:
    assert not addresses.may_call(text)


@pytest.mark.parametrize("text", OUTSIDE)
def test_public_addresses_may_be_called(text: str) -> None:
    assert addresses.may_call(text)


@pytest.mark.parametrize("text", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_a_demonstration_may_call_this_machine_and_nothing_else_of_ours(text: str) -> None:
    assert addresses.may_call(text, loopback=True)
    assert not addresses.may_call("10.0.0.1", loopback=True)
    assert not addresses.may_call("169.254.169.254", loopback=True)


class Names:
    """A resolver of one's own; it keeps what it was asked, and answers in turn."""

    def __init__(self, *answers: list[str]) -> None:
        self.asked: list[tuple[str, int]] = []
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


def parcel(url: str) -> HookParcel:
    return HookParcel(url=url, body=b'{"type":"leg.accept"}', headers={"webhook-id": "msg_1"})


def local(**more: object) -> WebhookChannel:
    return WebhookChannel(loopback=True, **more)  # type: ignore[arg-type]


async def test_a_body_arrives_whole_with_its_headers_and_the_name_it_was_sent_to() -> None:
    async with receiving() as receiver:
        names = Names(["127.0.0.1"])
        channel = local(resolver=names)
        url = f"http://hooks.example:{receiver.port}/in?token=t0ken"
        assert await channel.carry(parcel(url)) == Sent("http_204")
    (got,) = receiver.got
    assert got.line == "POST /in?token=t0ken HTTP/1.1"
    assert got.headers["host"] == f"hooks.example:{receiver.port}"
    assert got.headers["webhook-id"] == "msg_1"
    assert got.body == b'{"type":"leg.accept"}'
    assert names.asked == [("hooks.example", receiver.port)]


async def test_a_name_is_resolved_once_so_that_a_second_answer_leads_nowhere() -> None:
    """Rebinding: the first answer is looked at and called; the second would be another one."""
    async with receiving() as receiver:
        names = Names(["127.0.0.1"], ["::1"])
        await local(resolver=names).carry(parcel(f"http://hooks.example:{receiver.port}/"))
        assert len(names.asked) == 1
        assert len(receiver.got) == 1


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["10.0.0.1"], []])
async def test_a_name_that_leads_inside_is_not_called(found: list[str]) -> None:
    async with receiving() as receiver:
        channel = WebhookChannel(resolver=Names(found))
        answer = await channel.carry(parcel(f"https://hooks.example:{receiver.port}/"))
        assert answer == Later(reason="address_refused")
        assert receiver.got == []


async def test_this_machine_is_called_in_a_demonstration_only() -> None:
    async with receiving() as receiver:
        channel = WebhookChannel(resolver=Names(["127.0.0.1"]))
        answer = await channel.carry(parcel(f"https://hooks.example:{receiver.port}/"))
        assert answer == Later(reason="address_refused")


async def test_without_https_nobody_outside_is_called_in_a_demonstration_either() -> None:
    answer = await local(resolver=Names(["8.8.8.8"])).carry(parcel("http://hooks.example/"))
    assert answer == Later(reason="not_https")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_not_a_way(status: int) -> None:
    async with receiving() as receiver, receiving() as other:
        receiver.status, receiver.extra = status, f"location: {other.url}\r\n"
        assert await local().carry(parcel(receiver.url)) == Later(reason=f"http_{status}")
        assert other.got == []


async def test_answers_are_told_apart() -> None:
    async with receiving() as receiver:
        receiver.answers = [200, 202, 400, 404, 500, 503, 410]
        receiver.extra = "retry-after: 120\r\n"
        answers = [await local().carry(parcel(receiver.url)) for _ in range(7)]
    assert answers[:2] == [Sent("http_200"), Sent("http_202")]
    assert answers[2:6] == [
        Later(reason=f"http_{status}", wait_s=120.0) for status in (400, 404, 500, 503)
    ]
    assert answers[6] == Never(reason="http_410", address_dead=True)


async def test_an_endless_answer_is_read_a_little_and_dropped() -> None:
    async with receiving() as receiver:
        receiver.endless, receiver.status = True, 200
        assert await local().carry(parcel(receiver.url)) == Sent("http_200")
        # What the system's buffers took of it, and no more.
        assert receiver.sent < 64 * 1024 * 1024


async def test_who_is_slow_is_given_up_in_time() -> None:
    async with receiving() as receiver:
        receiver.wait_s = 30
        answer = await asyncio.wait_for(local(timeout_s=0.3).carry(parcel(receiver.url)), 5)
        assert answer == Later(reason="timeout")


async def test_who_is_away_is_told_apart_from_who_answers() -> None:
    async with receiving() as receiver:
        gone = receiver.url
    assert await local().carry(parcel(gone)) == Later(reason="cannot_connect")


async def test_nonsense_for_an_answer_is_no_crash() -> None:
    async def nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await local().carry(parcel(f"http://127.0.0.1:{port}/"))
    assert answer == Later(reason="broken_answer")
    server.close()


async def test_a_name_nobody_knows_is_tried_again_later() -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    answer = await local(resolver=unknown).carry(parcel("https://hooks.example/"))
    assert answer == Later(reason="cannot_resolve")


async def over_tls(receiver: Receiver, client: ssl.SSLContext, host: str) -> object:
    channel = local(resolver=Names(["127.0.0.1"]), tls_context=client)
    return await channel.carry(parcel(f"https://{host}:{receiver.port}/"))


async def test_the_certificate_must_be_of_the_name_though_an_address_is_called(
    tmp_path: Path,
) -> None:
    ours, trusting = certificates.self_signed(tmp_path)
    async with receiving(ours) as receiver:
        assert await over_tls(receiver, trusting, "hooks.example") == Sent("http_204")
        assert await over_tls(receiver, trusting, "other.example") == Later(reason="tls")
        stranger = ssl.create_default_context()
        assert await over_tls(receiver, stranger, "hooks.example") == Later(reason="tls")
    assert len(receiver.got) == 1
