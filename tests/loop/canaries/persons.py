"""People of an organization at its pages: invited, signed in, in an emergency, gone too long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx2

from service.domain import ids
from service.domain.people import Role
from service.web import desk
from tests.fixtures.town import body_of
from tests.loop.canaries.charts import look, order, put
from tests.loop.canaries.marks import Book
from tests.loop.people import Cast
from tests.making import Org
from tests.web import forms, signing

_CONSENT = "patient_name discloser description how_to_revoke signed_by"


@asynccontextmanager
async def browser(story: Cast, address: str, password: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Sign somebody in at the page."""
    async with story.town.client() as client:
        client.headers.update(story.town.same_origin | {"accept": "text/html"})
        said = {"address": address, "password": password, "next": "/"}
        answer = await client.post("/sign-in", data=said)
        assert answer.status_code == 303, answer.text
        yield client


async def sent(client: httpx2.AsyncClient, page: str, action: str, **typed: str) -> httpx2.Response:
    """Fill in the form of a page and send it where it leads."""
    found = forms.sent_to((await client.get(page)).text, action)
    return await client.post(action, data=found.fields | typed)


async def _known(story: Cast, org: Org, address: str, role: Role) -> str:
    cco = org.id == story.cco.org.id
    actor = await story.house.member(org.id, roles=frozenset({role}), cco=cco)
    return await signing.may_sign_in(story.house, actor, address)


async def joined(story: Cast, book: Book) -> tuple[str, str]:
    """Invite somebody to the clinic, and let them choose a password by the mailed link."""
    clinic = story.clinic.org
    admin = await _known(story, clinic, "admin@clinic.example", Role.ORG_ADMIN)
    address = book.email("NewMember", "address")
    password = book.words("Acceptance", "password", 1)
    async with browser(story, admin, signing.PASSWORD) as client:
        shown = (await client.get("/members")).text
        csrf = next(each.fields["csrf"] for each in forms.every(shown) if "csrf" in each.fields)
        body = {"address": address, "name": "Kim Soo", "roles": ["clinician", "coordinator"]}
        answer = await client.post(
            f"/api/v1/organizations/{clinic.id}/members",
            json=body,
            headers={"x-csrf-token": csrf, "idempotency-key": ids.new_id().hex},
        )
        assert answer.status_code == 201, answer.text
    letter = await story.town.letter(address, text="/invitation/")
    link = body_of(letter).partition(story.town.url)[2].split()[0]
    async with story.town.client() as client:
        chosen = {"password": password, "again": password}
        done = await client.post(link, data=chosen, headers=story.town.same_origin)
        assert done.status_code == 303, done.text
    return address, password


async def typed(story: Cast, book: Book, who: tuple[str, str], service: str) -> None:
    """Send a referral at the page, and let the session end over the next one."""
    async with browser(story, *who) as client:
        made = await sent(client, "/referrals/new", "/referrals/new", **_order(book, service))
        assert made.status_code == 303, made.text
        where = made.headers["location"].partition("?")[0]
        await look(story.clinic, book, where)
        book.shown.append((await client.get(where)).content)
        page = (await client.get("/referrals/new")).text
        await _too_long_away(story)
        late = forms.sent_to(page, "/referrals/new").fields | {
            name: book.words("Parked", "fields") for name in ("question", "narrative", "given_name")
        }
        kept = await client.post("/referrals/new", data=late)
        assert "parked" in kept.headers["location"], kept.headers


def _order(book: Book, service: str) -> dict[str, str]:
    return {
        "given_name": book.word("Name", "given"),
        "family_name": book.word("Name", "family"),
        "birth_date": book.day("Identity", "birth_date"),
        "phone": book.phone("Identity", "phones"),
        "service_id": service,
        "question": book.words("NewReferralBody", "question", 10),
        "narrative": book.words("NewReferralBody", "narrative", 10),
        "reason_codes": " ".join(book.reasons("NewReferralBody", "reason_codes")),
        "authorization_number": book.word("NewReferralBody", "authorization_number"),
        "consent_basis": "treatment",
    }


async def _too_long_away(story: Cast) -> None:
    """Let every session be of this morning: sessions are of real time, which nobody can skip."""
    connection = await asyncpg.connect(story.town.database_url)
    try:
        await connection.execute("update lk.session set seen_at = seen_at - interval '13 hours'")
    finally:
        await connection.close()
    await asyncio.sleep(desk.CALLER_SECONDS + 0.1)


async def emergency(story: Cast, book: Book, patient: str) -> None:
    """Open what a coordinator holds no key of, and let another review it."""
    path = await _protected(story, book, patient)
    cco = story.cco.org
    doctor = await _known(story, cco, "doctor@network.example", Role.CLINICIAN)
    async with browser(story, doctor, signing.PASSWORD) as client:
        said = {
            "reason": "overdose",
            "words": book.words("Breaking", "words", 5),
            "medical_emergency": "yes",
            "password": signing.PASSWORD,
        }
        done = await sent(client, f"{path}/break-glass", f"{path}/break-glass", **said)
        assert done.status_code == 303, done.text
        book.shown.append((await client.get(path)).content)
    await _reviewed(story, book)


async def _protected(story: Cast, book: Book, patient: str) -> str:
    """Send protected care on a consent that does not name the coordinators."""
    office = await story.account("Bay Clinic")
    consent = {
        "basis": "part2_consent",
        "classes": ["part2"],
        "signed_on": "2026-01-02",
        "expires_at": "2039-01-02T00:00:00Z",
        "to_org_ids": [str(office.org.id)],
        "words": {name: book.words("ConsentWords", name) for name in _CONSENT.split()},
    }
    made = await put(story.clinic, f"/patients/{patient}/consents", consent)
    stands = {
        "sensitivity": "part2",
        "consent_basis": "part2_consent",
        "consent_id": made["id"],
    }
    body = order(book, patient, office.org.service_id, **stands)
    path = f"/referrals/{(await put(story.clinic, '/referrals', body))['id']}"
    await look(story.clinic, book, path)
    return path


async def _reviewed(story: Cast, book: Book) -> None:
    address = "officer@network.example"
    officer = await _known(story, story.cco.org, address, Role.PRIVACY_OFFICER)
    async with browser(story, officer, signing.PASSWORD) as client:
        page = (await client.get("/break-glass")).text
        form = next(each for each in forms.every(page) if each.action.endswith("/review"))
        said = {"verdict": "justified", "comment": book.words("Review", "comment", 5)}
        done = await client.post(form.action, data=form.fields | said)
        assert done.status_code == 303, done.text
        book.shown.append((await client.get("/break-glass")).content)
