"""From a commit to a mail: what arrives, what it says, and what is kept."""

from crypto import token
from tests.workers import shop as shops


async def test_an_invitation_arrives_with_a_link_whose_hash_is_in_the_table(shop) -> None:
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    taken = await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: shop.to(bank.mailbox))
        await shop.drained()
    [mail] = shop.to(bank.mailbox)
    secret = shops.link_in(mail)
    [link] = await shop.rows("select * from lk.link")
    assert link["secret_hash"] == token.secret_hash(secret)
    assert taken.plan.referral.reference in mail["Subject"]
    assert "Northside Clinic" in mail["Subject"]
    for word in ("García", "María", "food", "Groceries"):
        assert word.encode() not in shop.office.taken[0]
    [effect] = await shop.effects("kind = 'invite'")
    assert effect["state"] == "done"
    assert effect["tries"] == 1
    [delivery] = await shop.rows("select * from lk.delivery")
    assert (delivery["state"], delivery["message_id"]) == ("sent", mail["Message-ID"])
    assert secret not in repr(await shop.rows("select * from lk.delivery"))
