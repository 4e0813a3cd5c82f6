"""Mails about a person's own sign-in: to that person alone, with secrets that no row holds."""

import re
from email.message import EmailMessage

import pytest

from service.actions import accept_invitation, add_member, forgotten, invitations, sign_in
from service.actions.add_member import NewMember
from service.actions.sign_in import Attempt
from service.domain.people import Role
from tests import making
from tests.actions.signing import GOOD
from tests.workers.shop import Shop

ADDRESS = "sam.lee@example.org"
BETTER = "yellow teapot over 9 rivers"


async def _sam(shop: Shop, org: making.Org, password: str | None = GOOD) -> add_member.Added:
    wish = NewMember(
        org_id=org.id,
        address=ADDRESS,
        name="Sam Lee",
        roles=frozenset({Role.FRONT_DESK}),
        password=password,
        language="es",
    )
    return await add_member.add_member(shop.house.office, org.actor, wish)


def _secret(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://127\.0\.0\.1:8080/invitation/(\S+)", body.get_content())
    assert found
    return found[1]


async def _everything(shop: Shop) -> str:
    tables = await shop.rows("select tablename from pg_tables where schemaname = 'lk'")
    found = [await shop.rows(f"select * from lk.{each['tablename']}") for each in tables]
    return str(found)


async def test_an_invitation_travels_by_mail_and_stands_in_no_row(shop: Shop) -> None:
    org = await shop.house.organization()
    await _sam(shop, org, password=None)
    async with shop.working():
        await shop.drained()
        (mail,) = shop.to(ADDRESS)
    assert "Le invitan" in mail["Subject"]
    secret = _secret(mail)
    assert secret.startswith(invitations.PREFIX)
    assert secret not in await _everything(shop)
    assert secret.removeprefix(invitations.PREFIX) not in await _everything(shop)
    await accept_invitation.accept_invitation(shop.house.office, secret=secret, password=GOOD)
    await sign_in.sign_in(shop.house.office, Attempt(address=ADDRESS, password=GOOD))


async def test_a_link_that_was_used_is_not_mailed_any_more(shop: Shop) -> None:
    org = await shop.house.organization()
    added = await _sam(shop, org, password=None)
    assert added.invitation is not None
    await accept_invitation.accept_invitation(
        shop.house.office, secret=added.invitation.token, password=GOOD
    )
    async with shop.working():
        await shop.drained()
    assert not shop.to(ADDRESS)
    (effect,) = await shop.effects("kind = 'person_invite'")
    assert (effect["state"], effect["last_error"]) == ("cancelled", "invitation_ended")


async def test_a_forgotten_password_is_set_anew_by_mail_and_all_sign_ins_end(shop: Shop) -> None:
    org = await shop.house.organization()
    await _sam(shop, org)
    office = shop.house.office
    await sign_in.sign_in(office, Attempt(address=ADDRESS, password=GOOD))
    for address in (ADDRESS, "nobody@example.org", "no address"):
        await forgotten.ask(office, await sign_in.logins_of(office, address))
    assert await forgotten.answer_all(shop.desk.office) == 3
    assert await forgotten.answer_all(shop.desk.office) == 0
    async with shop.working():
        await shop.drained()
        assert len(shop.mails) == 1
        (mail,) = shop.to(ADDRESS)
        secret = _secret(mail)
        assert secret not in await _everything(shop)
        await accept_invitation.accept_invitation(office, secret=secret, password=BETTER)
        await shop.drained()
        assert [each["code"] for each in await shop.effects("kind = 'security'")] == [
            "password_set"
        ]
    assert len(shop.to(ADDRESS)) == 2
    assert await shop.rows("select id from lk.session where ended_at is null") == []
    with pytest.raises(accept_invitation.InvitationEnded):
        await accept_invitation.accept_invitation(office, secret=secret, password=BETTER)
    await sign_in.sign_in(office, Attempt(address=ADDRESS, password=BETTER))


async def test_who_belongs_nowhere_any_more_gets_no_link(shop: Shop) -> None:
    org = await shop.house.organization()
    added = await _sam(shop, org)
    await shop.owner.execute(
        "update lk.member set state = 'inactive' where id = $1", added.member_id
    )
    office = shop.house.office
    await forgotten.ask(office, await sign_in.logins_of(office, ADDRESS))
    assert await forgotten.answer_all(shop.desk.office) == 1
    assert await shop.effects() == []
    assert await shop.rows("select id from lk.invitation") == []


async def test_a_security_mail_goes_to_the_person_and_never_to_the_cover(shop: Shop) -> None:
    org = await shop.house.organization()
    added = await _sam(shop, org)
    await shop.owner.execute(
        "update lk.member set away_until = '2099-01-01', cover_member_id = $2 where id = $1",
        added.member_id,
        org.actor.member_id,
    )
    await shop.owner.execute(
        "update lk.member set state = 'inactive' where id = $1", org.actor.member_id
    )
    from service.actions import notices
    from service.store.pool import Scope

    async with shop.house.office.db.transaction(Scope(org_id=org.id)) as connection:
        await notices.tell(
            connection, notices.What.PASSKEY_ADDED, org_id=org.id, member_id=added.member_id
        )
    async with shop.working():
        await shop.drained()
        (mail,) = shop.mails
    assert ADDRESS in mail["To"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "http://127.0.0.1:8080/account" in body.get_content()
