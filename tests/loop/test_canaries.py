"""A thousand marks go in by the doors, and none lies about for who has all but the root key.

`pg_dump`, the files and the log of the database, Redis with what it writes, every file of the
installation, what its processes said and the mails it sent are searched for each mark in many
spellings. Marks that are planted there are found; the root key opens all that went in.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec
import pytest
import redis

from service.domain import privacy
from service.domain.privacy import Kept
from tests.loop.canaries import charts, home, opened, persons, places, spelled, talks, visits
from tests.loop.canaries.home import Home
from tests.loop.canaries.marks import Book
from tests.loop.canaries.places import Leak, Thing
from tests.loop.people import Cast

MANY = 1000


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An installation with marks in it, what lay about of it then, and what its keys open."""

    home: Home
    book: Book
    things: list[Thing]
    opened: list[bytes]
    columns: set[str]


@pytest.fixture(scope="module")
async def found(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Found]:
    """Write all marks into an installation and collect what lies about; it goes on running."""
    book, folder = Book(), tmp_path_factory.mktemp("canaries") / "loopkeeper"
    async with home.at_home(folder) as story:
        assert isinstance(story.town, Home)
        await _written(story, book)
        yield Found(
            home=story.town,
            book=book,
            things=await places.gathered(story.town),
            opened=[*book.shown, *await opened.fields(story.house, story.town.database_url)],
            columns=await opened.columns_of_bytes(story.town.database_url),
        )


async def _written(story: Cast, book: Book) -> None:
    """Put every mark in, through the API, the pages of staff and those of a link."""
    office, second = await story.account(), await story.account("Second Clinic")
    patients = await charts.registered(story, book)
    await charts.drafted(story, book, office, patients[0])
    await charts.declared(story, book, office, patients[1])
    for patient in patients[2:4]:
        body = charts.order(book, patient, office.org.service_id)
        referral = str((await charts.put(story.clinic, "/referrals", body))["id"])
        file = await talks.uploaded(story.clinic, book, f"/referrals/{referral}")
        thread = await talks.held(story, book, office, second.org, referral=referral)
        await talks.fetched(story.clinic, book, file)
        await charts.answered(story, book, office, referral, files=[file])
        await charts.look(story.clinic, book, f"/referrals/{referral}")
        await charts.look(story.clinic, book, thread)
    await visits.visited(story, book, patients[4])
    await persons.emergency(story, book, patients[5])
    who = await persons.joined(story, book)
    await persons.typed(story, book, who, str(office.org.service_id))


async def test_each_sealed_field_has_its_marks_and_they_are_a_thousand(found: Found) -> None:
    marks = list(found.book.every())
    marked = {mark.field for mark in marks}
    assert [field for field in privacy.SEALED if field not in marked] == []
    assert len({mark.text.casefold() for mark in marks if mark.field in privacy.SEALED}) >= MANY


async def test_no_mark_lies_about_without_the_root_key(found: Found) -> None:
    size = dict(places.placed(found.things))
    print(len(list(found.book.every())), "marks", size)
    assert set(size) == places.PLACES
    assert size["cluster"] > 10_000_000
    dump = next(each.blob for each in found.things if each.name == "plain")
    assert dump.count(b"\nCOPY lk.") > 40
    leaks = await asyncio.to_thread(places.leaks, found.things, found.book)
    mailed = {mark.text for mark in found.book.every() if mark.field.mailed}
    assert sorted(each for each in leaks if each.place != "mail" or each.mark not in mailed) == []
    # The search reads mails as they are sent: an address stands in what goes to it.
    assert {each.mark for each in leaks} == mailed


async def test_the_root_key_opens_every_mark(found: Found) -> None:
    search = spelled.Searcher(found.book)
    there = {hit.text for each in found.opened for hit in search.hits(each)}
    lost = [mark for mark in found.book.every() if mark.field.kept is Kept.SEALED]
    assert [mark for mark in lost if mark.text not in there] == []


async def test_every_column_of_bytes_is_opened_read_or_holds_no_words(found: Found) -> None:
    known = {f"{each.table}.{each.column}" for each in opened.COLUMNS} | opened.READ
    rest = {each for each in found.columns - known if not opened.WORDLESS.fullmatch(each)}
    assert (rest, known - found.columns) == (set(), set())


async def test_a_mark_that_is_planted_in_a_place_is_found_there(found: Found) -> None:
    planted = Book()
    async with _planted(found.home, planted):
        things = await places.gathered(found.home)
    leaks = await asyncio.to_thread(places.leaks, things, planted)
    where = {mark.text: _where(leaks, mark.text) for mark in planted.every()}
    assert list(where.values()) == [
        {"dump plain", "dump custom", "cluster"},
        {"dump plain", "dump custom", "cluster"},
        {"redis", "redis file"},
        {"redis", "redis file"},
        {"folder"},
        {"folder"},
        {"folder"},
        {"mail"},
    ]


def _where(leaks: set[Leak], mark: str) -> set[str]:
    dumps = {f"dump {each.name}" for each in leaks if each.place == "dump" and each.mark == mark}
    return dumps | {each.place for each in leaks if each.place != "dump" and each.mark == mark}


@asynccontextmanager
async def _planted(house: Home, book: Book) -> AsyncIterator[None]:
    """Leave a mark in a table, packed in a column, in Redis, in a log, in files and in a mail."""

    def mark() -> str:
        return book.word("MessageBody", "text")

    connection = await asyncpg.connect(house.database_url)
    await connection.execute("create table lk.scratch (said text, packed bytea)")
    said = (mark(), gzip.compress(mark().encode()))
    await connection.execute("insert into lk.scratch values ($1, $2)", *said)
    with redis.Redis.from_url(house.redis_url) as client:
        client.set("scratch", mark())
        client.xadd("scratched", {"said": mark()})
    with (house.folder / "logs" / "web.log").open("a") as log:
        log.write(f"error: {mark()}\n")
    (house.folder / "attachments" / "scratch").write_bytes(mark().encode("utf-16-le"))
    (house.folder / mark()).touch()
    letter = mark()
    head = "Subject: hello\nContent-Transfer-Encoding: quoted-printable\n\n"
    (house.folder / "outbox/new/scratch").write_text(f"{head}{letter[:14]}=\n{letter[14:]}\n")
    yield
    await connection.execute("drop table lk.scratch")
    await connection.close()
