"""The pages of the development outbox."""

from __future__ import annotations

from service.store import caught
from service.web import routes

MAIL = (
    b"From: Loopkeeper <l@demo.example>\r\nTo: bank@x.example\r\nSubject: Request <b>1</b>\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nRead it: http://127.0.0.1:8080/r/abc\r\n"
)


async def test_a_caught_mail_is_listed_and_its_link_can_be_followed(here, tmp_path) -> None:
    folder = caught.folder_of(tmp_path / "root.key")
    client = here.caller()
    assert "No mail yet" in (await client.get("/dev/outbox")).text
    key = caught.keep(folder, MAIL)
    listed = await client.get("/dev/outbox")
    assert f"/dev/outbox/{key}" in listed.text
    assert "Request &lt;b&gt;1&lt;/b&gt;" in listed.text
    shown = await client.get(f"/dev/outbox/{key}")
    assert 'href="http://127.0.0.1:8080/r/abc"' in shown.text
    raw = await client.get(f"/dev/outbox/{key}/raw")
    assert raw.content.replace(b"\r\n", b"\n") == MAIL.replace(b"\r\n", b"\n")
    assert raw.headers["content-type"].startswith("text/plain")


async def test_a_mail_that_is_not_there_is_missing(here) -> None:
    client = here.caller()
    for path in ("/dev/outbox/nothing", "/dev/outbox/..%2fx", "/dev/outbox/nothing/raw"):
        assert (await client.get(path)).status_code == 404


def test_outside_a_demonstration_there_are_no_development_pages() -> None:
    def paths(*, demo: bool) -> set[str]:
        return {path for handler in routes.of(demo=demo) for path in handler.paths}

    assert any(path.startswith("/dev/") for path in paths(demo=True))
    assert not any(path.startswith("/dev/") for path in paths(demo=False))
