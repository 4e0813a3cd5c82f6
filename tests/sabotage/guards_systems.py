"""Guards of what is told to systems: numbers of the feed, webhooks, addresses that are called."""

from tests.sabotage.guard import Guard

_NUMBERER = "tests/workers/test_numberer.py"
_CHANNEL = "tests/channels/test_webhook.py"
_HOOKS = "tests/workers/test_hooks.py"

SYSTEMS = (
    Guard(
        name="the numberer looks from the oldest transaction under way on",
        file="service/store/queries/feeds.sql",
        text="n (xact, id) order by xact, id limit 1);",
        instead="n (xact, id) order by xact desc, id limit 1) where xact < pg_current_xact_id();",
        test=f"{_NUMBERER}::test_a_step_that_commits_late_is_never_skipped_by_a_reader_who_went_past",
    ),
    Guard(
        name="a feed is its organization's own",
        file="service/store/migrations/0035_feeds.sql",
        text="policy feed_own on feed for select to lk_web using (org_id = %s)', org);",
        instead="policy feed_own on feed for select to lk_web using (true or org_id = %s)', org);",
        test=f"{_NUMBERER}::test_nobody_reads_the_feed_of_another",
    ),
    Guard(
        name="a recipient is told of its own legs",
        file="service/store/queries/feeds.sql",
        text="where l.id = e.leg_id and l.org_id = p.org_id) end",
        instead="where l.id = e.leg_id) end",
        test=f"{_NUMBERER}::test_a_recipient_reads_of_its_own_leg_and_of_no_sibling",
    ),
    Guard(
        name="every address of a name is looked at",
        file="channels/webhook.py",
        text="all(addresses.may_call(each, loopback=self._loopback) for each in found)",
        instead="bool(found)",
        test=f"{_CHANNEL}::test_this_machine_is_called_in_a_demonstration_only",
        quick=True,
    ),
    Guard(
        name="the address that was looked at is the one that is called",
        file="channels/webhook.py",
        text="await self._post(url, found[0], parcel)",
        instead="await self._post(url, (await self._resolver(url.host, 1))[0], parcel)",
        test=f"{_CHANNEL}::test_a_name_is_resolved_once_so_that_a_second_answer_leads_nowhere",
        quick=True,
    ),
    Guard(
        name="an address that leads on is what it leads to",
        file="channels/addresses.py",
        text="return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)",
        instead="return None",
        test=f"{_CHANNEL}::test_nothing_of_ours_may_be_called",
        quick=True,
    ),
    Guard(
        name="redirects are not followed",
        file="channels/webhook.py",
        text="follow_redirects=False",
        instead="follow_redirects=True",
        test=f"{_CHANNEL}::test_a_redirect_is_an_answer_and_not_a_way",
        quick=True,
    ),
    Guard(
        name="the certificate is of the name",
        file="channels/webhook.py",
        text="""extensions={"sni_hostname": url.host},""",
        instead="extensions={},",
        test=f"{_CHANNEL}::test_the_certificate_must_be_of_the_name_though_an_address_is_called",
        quick=True,
    ),
    Guard(
        name="of an answer a little is read",
        file="channels/webhook.py",
        text="        if read > _READ_AT_MOST:\n            return\n",
        instead="",
        test=f"{_CHANNEL}::test_an_endless_answer_is_read_a_little_and_dropped",
    ),
    Guard(
        name="who is away is asked once",
        file="service/store/queries/webhooks.sql",
        text="set next_at = greatest(o.next_at, paused.paused_until)",
        instead="set next_at = o.next_at",
        test=f"{_HOOKS}::test_who_is_away_is_asked_once_and_told_everything_when_it_is_back",
    ),
    Guard(
        name="the secret before is valid for its hours only",
        file="service/actions/hook_secrets.py",
        text=" or self.old_until <= now:",
        instead=":",
        test=f"{_HOOKS}::test_while_a_secret_is_replaced_both_are_valid",
    ),
    Guard(
        name="whoever makes a webhook has just proved who they are",
        file="service/actions/keep_webhooks.py",
        text=(
            "    await permission.fresh(office, actor)\n    _fit(url, kinds, loopback=office.demo)"
        ),
        instead="    _fit(url, kinds, loopback=office.demo)",
        test=(
            "tests/web/test_webhooks_api.py"
            "::test_an_old_proof_is_asked_for_again_before_a_secret_is_told"
        ),
    ),
)
"""Rows of this room."""
