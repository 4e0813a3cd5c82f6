"""Every answer with health data has its line in the record before its first byte leaves."""

import re
from typing import Any
from uuid import UUID

import httpx2
import pytest

from service.actions import seal_record
from service.domain import ids
from service.store.pool import Scope
from service.web import routes, routing
from tests import files
from tests.web import link_making, test_threads_api
from tests.web.link_person import Person
from tests.web.pair import ACCEPT, Pair
from tests.web.sending import looked_at, send
from tests.web.site import ORIGIN, Site
from tests.web.test_no_longer_readable import NOTE


async def referral(pair: Pair) -> dict[str, Any]:
    """Send a referral that is accepted and answered with a note."""
    made = await pair.sent()
    leg = (await pair.step(pair.other, made["legs"][0], ACCEPT)).json()["legs"][0]
    done = {"step": "complete", "outcome": "served", "need_met": "yes", "document": NOTE}
    assert (await pair.step(pair.other, leg, done)).status_code == 200
    return made


async def document(pair: Pair) -> str:
    found = (await pair.one.get(f"/api/v1/referrals/{(await referral(pair))['id']}")).json()
    return str(found["documents"][0]["id"])


async def attachment(pair: Pair) -> str:
    """Send a file with a referral and let it be looked at."""
    made = await send(pair.one, f"referrals/{(await pair.sent())['id']}", files.pdf(1000))
    assert await looked_at(pair.site) == ["clean"]
    return str(made.json()["id"])


async def sealed_line(pair: Pair) -> str:
    """Look at something and seal the line of it."""
    made = await pair.sent()
    await pair.one.get(f"/api/v1/referrals/{made['id']}")
    await seal_record.seal_record(pair.site.house.worker_office)
    async with pair.site.house.check.transaction(Scope()) as connection:
        asked = "select id from audit where org_id = $1 and action = 'referral.read'"
        return str(await connection.fetchval(asked, pair.sender.id))


async def task(pair: Pair) -> None:
    made = await pair.sent()
    async with pair.site.house.worker.transaction(Scope()) as connection:
        await connection.execute(
            "insert into human_task (id, kind, org_id, referral_id, about_org_id, reason,"
            " opened_at) values (gen_random_uuid(), 'call', $1, $2::text::uuid, $3, 'x', lk.now())",
            pair.sender.id,
            made["id"],
            pair.recipient.id,
        )


async def path(pair: Pair, template: str) -> tuple[str, Any]:
    """Make what a route shows, and return its path and body."""
    body = None
    named: dict[str, Any] = {"patient_id": pair.patient_id, "partner_id": pair.recipient.id}
    if "attachment_id" in template:
        named["attachment_id"] = await attachment(pair)
    elif "thread_id" in template:
        named["thread_id"] = (await test_threads_api.begun(pair))["thread_id"]
    elif "line_id" in template:
        named["line_id"] = await sealed_line(pair)
    elif "document_id" in template:
        named["document_id"] = await document(pair)
    elif "tasks" in template:
        await task(pair)
    elif "patients" not in template:
        made = await pair.sent()
        named |= {"referral_id": made["id"], "reference": made["reference"]}
    if template.endswith("search"):
        body = {"phone": "+15035550123"}
    return re.sub(r"\{(\w+):\w+\}", lambda found: str(named[found[1]]), template), body


LOOKS = {
    "/": "referral.list",
    "/tasks": "referral.list",
    **dict.fromkeys(("/appointments", "/board"), "referral.list"),
    "/tasks/partners/{partner_id:uuid}": "referral.list",
    "/api/v1/audit": "audit.read",
    "/api/v1/audit/{line_id:uuid}/proof": "audit.prove",
    "/api/v1/break-glass": "break_glass.list",
    "/api/v1/threads": "thread.list",
    "/referrals/{referral_id:uuid}": "referral.read",
    "/referrals/{referral_id:uuid}/print": "referral.read",
    "/referrals/{referral_id:uuid}/letter": "referral.read",
    "/referrals/{referral_id:uuid}/consent": "consent.read",
    "/patients/{patient_id:uuid}/consents": "consent.read",
    "/patients/{patient_id:uuid}/contacts": "contact.read",
    "/patients/{patient_id:uuid}/texts": "patient.words_read",
    "/patients/{patient_id:uuid}/disclosures": "disclosure.list",
    "/patients/{patient_id:uuid}/disclosures.csv": "disclosure.list",
    "/record": "audit.read",
    "/record/export": "audit.export",
    "/break-glass": "break_glass.list",
    "/files/{attachment_id:uuid}": "attachment.read",
    "/threads": "thread.list",
    "/threads/{thread_id:uuid}": "thread.read",
    "/api/v1/attachments/{attachment_id:uuid}": "attachment.look",
    "/api/v1/attachments/{attachment_id:uuid}/content": "attachment.read",
    "/api/v1/referrals/{referral_id:uuid}/attachments": "attachment.list",
    "/api/v1/threads/{thread_id:uuid}/attachments": "attachment.list",
    "/api/v1/referrals": "referral.list",
    "/api/v1/events": "referral.list",
    "/api/v1/referrals/{referral_id:uuid}": "referral.read",
    "/api/v1/referrals/{referral_id:uuid}/witnesses": "witness.read",
    "/api/v1/referrals/by-reference/{reference:str}": "referral.read",
    "/api/v1/documents/{document_id:uuid}": "document.read",
    "/api/v1/human-tasks": "referral.list",
    "/api/v1/threads/{thread_id:uuid}": "thread.read",
    "/api/v1/patients/{patient_id:uuid}": "patient.read",
    "/api/v1/patients/{patient_id:uuid}/contacts": "contact.read",
    "/api/v1/patients/{patient_id:uuid}/consents": "consent.read",
    "/api/v1/patients/{patient_id:uuid}/disclosures": "disclosure.list",
    "POST /api/v1/patients/search": "patient.search",
}
"""Routes that tell of patients, and the act that their line names."""

BY_LINK = {
    "/r/card": "link.read_card",
    "/r/inbox": "link.read_card",
    "/r/details": "link.read_identity",
    "/r/stepup": "link.read_card",
    "/r/done/{act:str}": "link.read_card",
    "/r/messages": "thread.read",
    "/r/files/{attachment_id:uuid}": "attachment.read",
    "/p/request": "page.read",
    **dict.fromkeys(
        (f"/r/{each}" for each in ("accept", "decline", "ask", "confirm_cancel", "outcome")),
        "link.read_card",
    ),
}
"""The same through a link; `test_link_inside.py` and `test_patient_page.py` show their lines."""

NOTHING_OF_PATIENTS = {
    *("/livez", "/readyz", "/metrics", "/static/{name:str}", "/problems/{slug:str}"),
    *("/hooks/sms/kannel/receipts", "/mail-off/{secret:str}", "/r/pickup"),
    *("/api/openapi.json", "/api/docs", "/api/docs/start.js"),
    *(
        "/api/v1/account/mail",
        "/api/v1/sessions",
        "/api/v1/sessions/current",
        "/api/v1/sessions/recovery-codes",
    ),
    *("/api/v1/passkeys", "/api/v1/api-keys", "/api/v1/organizations"),
    "/api/v1/organizations/{org_id:uuid}",
    *(
        f"/api/v1/organizations/{{org_id:uuid}}/{each}"
        for each in ("mailbox", "workers", "members", "services")
    ),
    # What one's own systems were told: a type, a number and what came of it, and of whom nothing.
    *("/webhooks", "/api/v1/webhooks", "/api/v1/webhooks/{webhook_id:uuid}/deliveries"),
    # Sums of a whole period.
    *("/api/v1/measures/rates", "/api/v1/measures/dashboard", "/dashboard", "/dashboard.csv"),
    # Inert, byte for byte alike; and a form without anything of the referral.
    *("/r/{secret:path}", "/r/code", "/r/people", "/p/{secret:path}", "/p/code", "/p/left"),
    # That something is new, never what.
    "/live",
    # Mails of a demonstration, which name nobody.
    *("/dev/outbox", "/dev/outbox/{key:str}", "/dev/outbox/{key:str}/raw"),
    *("/invitation/{secret:str}", "/forgotten", "/sign-in", "/account", "/prove"),
    # What somebody typed oneself; to open a form is a line of its own, `form.read`.
    *("/parked/{parked_id:uuid}", "/api/v1/threads/{thread_id:uuid}/draft"),
    *("/referrals/new", "/threads/new", "/organizations/{org_id:uuid}/people"),
    *("/members", "/api/v1/factor-resets"),
    # Of the network, and of offices: how long is waited, by whom, and when who is there.
    *("/clocks", "/api/v1/clocks", "/assignment", "/api/v1/assignment-rules"),
    "/organizations/{org_id:uuid}/calendar",
    # Kinds of mail and the organizations they are for.
    "/outbox",
    # What is offered, and whether there is room.
    "/directory",
    # What texts say, with names of nobody.
    "/texts",
    # Versions and ages of keys.
    "/keys",
    # What a table needs, and of one that was sent its lines' numbers and how to mend them.
    "/imports",
    # The form that asks for an emergency's reason, before anything is opened.
    "/referrals/{referral_id:uuid}/break-glass",
}
"""Routes that tell of no patient, and why where it is not plain."""


def test_every_route_that_is_read_is_known_to_tell_of_patients_or_not() -> None:
    """A new route goes into LOOKS, with its line, or among those that tell of no patient."""
    read = {
        place
        for handler in routes.of(demo=True)
        if routing.operation_of(handler) and "GET" in handler.http_methods
        for place in handler.paths
    }
    known = {*LOOKS, *BY_LINK, *NOTHING_OF_PATIENTS}
    assert read - known == set()
    assert {each for each in known if " " not in each} - read == set()


class Watched:
    """The application, and what the record says at the moment an answer's first byte leaves."""

    def __init__(self, site: Site, *, hangs_up: bool = False) -> None:
        self._site = site
        self._hangs_up = hangs_up
        self.lines: list[str] = []
        self._before = ids.new_id()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def out(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.lines = await recorded(self._site, after=self._before)
                if self._hangs_up:
                    raise OSError("the caller is gone")
            await send(message)

        await self._site.app(scope, receive, out)


async def recorded(site: Site, *, after: UUID) -> list[str]:
    """List the acts that were committed since then, as another connection sees them."""
    async with site.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch("select action from audit where id > $1 order by id", after)
    return [row["action"] for row in rows]


@pytest.mark.parametrize("route", LOOKS)
async def test_the_line_is_there_when_the_first_byte_leaves(pair: Pair, route: str) -> None:
    verb, template = route.split() if " " in route else ("GET", route)
    where, body = await path(pair, template)
    watched = Watched(pair.site)
    opened = await pair.site.session(pair.sender.actor)
    if template.startswith("/api/"):
        headers = {"authorization": pair.one.headers["authorization"]}
    else:
        headers = {"cookie": f"lk_session={opened.secret}", "accept": "text/html"}
    transport = httpx2.ASGITransport(app=watched)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as caller:
        answer = await caller.request(verb, where, json=body)
    assert answer.status_code == 200, answer.text
    assert LOOKS[route] in watched.lines


async def test_a_caller_that_hangs_up_has_still_looked(pair: Pair) -> None:
    where, _ = await path(pair, "/api/v1/referrals/{referral_id:uuid}")
    watched = Watched(pair.site, hangs_up=True)
    headers = {"authorization": pair.one.headers["authorization"]}
    transport = httpx2.ASGITransport(app=watched, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as caller:
        await caller.get(where)
    assert watched.lines == ["referral.read"]


async def test_a_line_that_cannot_be_written_lets_nothing_out(pair: Pair, connect: Any) -> None:
    where, _ = await path(pair, "/api/v1/referrals/{referral_id:uuid}")
    owner = await connect(pair.site.owner_url)
    await owner.execute("revoke insert on lk.audit from lk_web")
    answer = await pair.one.get(where)
    assert answer.status_code == 500
    assert "Garc" not in answer.text


async def test_a_card_and_a_link_leave_their_lines(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    assert (await person.get("/r/card")).status_code in (200, 303)
    rows = await link_making.rows(
        here.house, "select action from audit where link_id = $1 order by at, id", link.id
    )
    acts = [row["action"] for row in rows]
    assert acts[:3] == ["link.minted", "link.pressed", "link.verified"]
