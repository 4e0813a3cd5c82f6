"""Each invariant holds after real work, and turns red when somebody breaks it by hand."""

import pytest

from service.domain.rules import Step
from service.store import invariants
from service.store.pool import Scope
from tests import making

STORED = [each for each in invariants.INVARIANTS if not each.running]

# What an operator with all power might do by hand; triggers and foreign keys look away.
BREAKS = {
    "I1": """insert into lk.idempotency (principal, key, body_mac, route, status, resource_id,
               resource_version, created_at, org_id)
             select id, 'k', '\\x00', 'POST /x', 201, gen_random_uuid(), 1, now(), id
               from lk.organization limit 1""",
    "I2": "update lk.outbox set seq = 99 where seq is not null",
    "I3": "delete from lk.event where seq = 2",
    "I4": "update lk.event set rule_id = 'L99' where step = 'accept'",
    "I5": "update lk.timer set state = 'disarmed'",
    "I6": "update lk.outbox set state = 'dead'",
    "I6a": "update lk.outbox set state = 'gathered'",
    "I7": """insert into lk.delivery (id, effect_id, org_id, channel, state, message_id,
               created_at, attempted_at)
             select id, id, org_id, 'mail', 'attempted', 'm', now(), now() - interval '11 minutes'
               from lk.outbox limit 1""",
    "I8": """drop index lk.leg_one_acceptance;
             update lk.leg set state = 'accepted', accepted_at = now()""",
    "I9": """insert into lk.seal select s.context_id, s.class, s.epoch, o.id, s.key_id, s.sealed,
               s.referral_id, s.created_at from lk.seal s, lk.organization o
              where o.name = 'Stranger' limit 1""",
    "I10": "delete from lk.disclosure",
    "I11": """update lk.timer set turn_org_id =
               (select id from lk.organization where name = 'Stranger')""",
    "I12": "delete from lk.audit where action = 'leg.step' or referral_id is not null",
    "I12a": "update lk.audit set at = at - interval '61 seconds'",
    "I14": """insert into lk.link (id, org_id, referral_id, leg_id, address_id, delivery_id,
                secret_hash, state, expires_at, created_at)
              select l.id, l.org_id, l.referral_id, l.id, a.id, l.id, '\\x01', 'revoked',
                now() + interval '1 day', now() from lk.leg l join lk.address a using (org_id)
               limit 1;
              insert into lk.link_session (secret_hash, id, link_id, challenge_id, org_id, leg_id,
                referral_id, created_at, seen_at, expires_at)
              select '\\x02', id, id, id, org_id, leg_id, referral_id, now(), now(),
                now() + interval '1 hour' from lk.link limit 1""",
    "I15": "update lk.timer set due_at = now() - interval '61 seconds'",
    "I16": "update lk.org_key set state = 'expired' where purpose = 'field'",
    "I17": "update lk.referral set sent_at = null",
    "I18": """insert into lk.recovery_code (person_id, code_hash, created_at)
             select id, '\\x03', now() from lk.person limit 1;
             update lk.person set state = 'disabled'""",
    "I19": """insert into lk.delivery (id, effect_id, org_id, contact_id, number_id, channel, state,
               message_id, said, created_at, attempted_at)
             select id, id, org_id, id, id, 'sms', 'sent', 'm', '{"home": "UTC"}', now(), now()
               from lk.outbox limit 1""",
    "I20": """insert into lk.delivery (id, effect_id, org_id, contact_id, number_id, channel, state,
               message_id, said, created_at, attempted_at)
             select id, id, org_id, id, id, 'sms', 'sent', 'm', '{"home": "UTC"}', now(),
               date_trunc('day', now()) + interval '3 hours' from lk.outbox limit 1""",
    "I21": """insert into lk.delivery (id, effect_id, org_id, contact_id, number_id, channel, state,
               message_id, said, created_at)
             select n.id, n.id, o.id, o.id, o.id, 'sms', 'sent', 'm', '{"home": "UTC"}', now()
               from (select id from lk.organization limit 1) o,
                    (select gen_random_uuid() as id from generate_series(1, 2)) n""",
    "I22": """insert into lk.delivery (id, effect_id, org_id, channel, state, message_id,
               created_at, finished_at)
             select id, id, org_id, 'sms', 'sent', 'm', now(), now() - interval '74 hours'
               from lk.outbox limit 1""",
    "I23": "update lk.event set entered_at = entered_at - interval '61 seconds'",
}

_SESSION = """insert into lk.session (secret_hash, id, person_id, org_id, member_id, csrf_hash,
    created_at, seen_at, expires_at)
  select '\\x07', m.id, m.person_id, m.org_id, m.id, '\\x08', now(), now(),
    now() + interval '1 hour' from lk.member m limit 1"""
_KEY = """insert into lk.api_key (org_id, id, member_id, name, secret_hash, created_by_member_id,
    created_at) select m.org_id, m.id, m.id, 'k', '\\x09', m.id, now() from lk.member m limit 1"""

# Every way in that somebody can have left behind them.
WAYS_IN = {
    "a session outlived its person": _SESSION,
    "a passkey outlived its person": """insert into lk.passkey (id, person_id, credential_hash,
        credential_id, public_key, sign_count, backed_up, name, created_at)
      select p.id, p.id, '\\x01', '\\x01', '\\x02', 0, false, 'Key', now()
        from lk.person p limit 1""",
    "a recovery code outlived its person": """insert into lk.recovery_code (person_id, code_hash,
        created_at) select p.id, '\\x03', now() from lk.person p limit 1""",
    "an invitation outlived its person": """insert into lk.invitation (secret_hash, id, person_id,
        purpose, created_at, expires_at)
      select '\\x04', p.id, p.id, 'member', now(), now() + interval '1 day'
        from lk.person p limit 1""",
    "a session outlived its member": _SESSION,
    "a key outlived its member": _KEY,
}

LEAVES = {
    "person": "update lk.person set state = 'disabled'",
    "member": "update lk.member set state = 'inactive'",
}


@pytest.fixture
async def worked(fresh_database):
    """A house in which one of two recipients has accepted a referral, and a stranger lives."""
    async with making.house(fresh_database) as house:
        clinic = await house.organization("Northside Clinic", cco=True)
        pantry = await house.organization("Harbor Food Bank", kind="social_service")
        other = await house.organization("Other Food Bank", kind="social_service")
        await house.organization("Stranger")
        taken = await house.sent(clinic, [pantry, other])
        leg = next(leg for leg in taken.plan.referral.legs if leg.org_id == pantry.id)
        await house.step(pantry.actor, leg.id, Step.ACCEPT)
        yield house


async def found(house, wanted=STORED):
    async with house.check.transaction(Scope()) as connection:
        return await invariants.check(connection, wanted)


async def test_everything_holds_after_real_work(worked):
    assert [each for each in await found(worked, invariants.INVARIANTS) if not each.holds] == []


async def broken(connect, url, statement, wanted):
    """Break a database as its superuser, look as the role of the checks, and take it back."""
    hand = await connect(url)
    transaction = hand.transaction()
    await transaction.start()
    await hand.execute("set local session_replication_role = replica")
    await hand.execute(statement)
    await hand.execute("set local search_path = lk; set local role lk_check")
    findings = await invariants.check(hand, wanted)
    await transaction.rollback()
    await hand.close()
    return findings


async def test_an_invariant_broken_by_hand_turns_red(worked, fresh_database, connect):
    unseen = []
    for each in invariants.INVARIANTS:
        (finding,) = await broken(connect, fresh_database, BREAKS[each.id], [each])
        if finding.holds or not (finding.breaches[0].subject and finding.breaches[0].detail):
            unseen.append(each.id)
    assert unseen == []


@pytest.mark.parametrize("said", WAYS_IN)
async def test_a_way_in_that_a_leaver_left_behind_is_told(worked, fresh_database, connect, said):
    (leavers,) = (each for each in invariants.INVARIANTS if each.id == "I18")
    (there,) = await broken(connect, fresh_database, WAYS_IN[said], [leavers])
    assert there.holds
    gone = f"{WAYS_IN[said]}; {LEAVES[said.rpartition(' ')[2]]}"
    (left,) = await broken(connect, fresh_database, gone, [leavers])
    assert {each.detail for each in left.breaches} == {said}


async def test_a_frozen_clock_is_not_blamed_for_timers_that_wait(worked, fresh_database, connect):
    frozen = "insert into lk.clock_watch values (true, now(), 0, 'boot', now())"
    statement = f"{BREAKS['I15']}; {frozen}"
    findings = await broken(connect, fresh_database, statement, invariants.INVARIANTS)
    assert [each for each in findings if not each.holds] == []
