"""A mail is put together by hand: any mail reader must find in it what went in."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

from hypothesis import given
from hypothesis import strategies as st

from channels import mime
from channels.parcel import Parcel

LINE = st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=90)
PROSE = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=400)


def parcel(subject: str, text: str, html: str) -> Parcel:
    return Parcel(
        to_address="ana@example.org",
        subject=subject,
        text=text,
        html=html,
        message_id="<01a2@example.org>",
        sender="Loopkeeper <referrals@example.org>",
        date=datetime(2026, 1, 2, tzinfo=UTC),
    )


def lines_of(text: str) -> list[bytes]:
    return text.encode().splitlines()


@given(LINE, PROSE, PROSE)
def test_a_reader_finds_what_was_written(subject: str, text: str, html: str) -> None:
    raw = mime.compose(parcel(subject, text, html))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = message_from_bytes(raw, policy=policy.SMTP)
    assert "".join(str(message["Subject"]).split()) == "".join(subject.split())
    parts = list(message.iter_parts()) if html else [message]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"][: len(parts)]
    for part, said in zip(parts, (text, html), strict=False):
        found = part.get_payload(decode=True)
        assert found.splitlines() == (lines_of(said) or [b""])


@given(PROSE)
def test_no_text_ends_its_part_early(text: str) -> None:
    whole = parcel("s", text, "<p>")
    boundary = b"--" + mime.compose(whole).split(b'boundary="')[1].split(b'"')[0]
    trap = parcel("s", f"{text}\n{boundary.decode()}--\n", "<p>")
    message = message_from_bytes(mime.compose(trap), policy=policy.SMTP)
    assert len(list(message.iter_parts())) == 2
