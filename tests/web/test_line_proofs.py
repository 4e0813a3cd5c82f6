"""The proof of a line: given to its readers, checked with the public key, broken by a byte."""

from typing import Any

import msgspec
import pytest

from crypto import checkpoint, inclusion
from crypto.faults import CannotOpen
from crypto.inclusion import Proof
from service.actions import seal_record
from service.domain import ids
from service.domain.people import Role
from tests.web.pair import Pair
from tests.web.test_record_api import reading


async def keys(pair: Pair) -> dict[bytes, Any]:
    publics = await pair.site.house.keys.checkpoint_keys()
    return dict(checkpoint.read_key(checkpoint.key_line(*each)) for each in publics.items())


async def seal(pair: Pair, *, limit: int = 3) -> None:
    while await seal_record.seal_record(pair.site.house.worker_office, limit=limit):
        pass


async def lines(caller: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await caller.get("/api/v1/audit?limit=100")).json()["items"]
    return found


async def proof_of(caller: Any, line: dict[str, Any]) -> Proof:
    answer = await caller.get(f"/api/v1/audit/{line['id']}/proof")
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Proof)


async def test_every_line_of_the_house_is_proved_under_a_checkpoint_of_many_logs(
    pair: Pair,
) -> None:
    for _ in range(3):
        made = await pair.sent()
        await pair.other.get(f"/api/v1/referrals/{made['id']}")
    caller, _ = await reading(pair, Role.PRIVACY_OFFICER)
    async with caller:
        shown = await lines(caller)
        assert len(shown) > 5
        await seal(pair, limit=500)
        for each in shown:
            proof = await proof_of(caller, each)
            signed = inclusion.check(proof, await keys(pair))
            assert signed.checkpoint.heads > 1
            assert (str(proof.audit_id), proof.log_id) == (each["id"], pair.sender.id)
            assert each["action"].encode() in proof.line


async def test_the_proof_of_an_old_line_goes_on_holding_as_the_record_grows(pair: Pair) -> None:
    await pair.sent()
    caller, _ = await reading(pair, Role.PRIVACY_OFFICER)
    async with caller:
        (first, *_) = await lines(caller)
        sizes = []
        for _ in range(3):
            await seal(pair)
            proof = await proof_of(caller, first)
            inclusion.check(proof, await keys(pair))
            sizes.append(proof.size)
    assert sizes == sorted(set(sizes))


WRONG = {
    "line": lambda proof: {"line": proof.line[:-1] + b"9"},
    "leaf": lambda proof: {"leaf": "00" * 32},
    "seq": lambda proof: {"seq": proof.seq + 1},
    "size": lambda proof: {"size": proof.size + 1},
    "another log": lambda proof: {"log_id": ids.new_id()},
    "another id": lambda proof: {"audit_id": ids.new_id()},
    "path": lambda proof: {"path": ("11" * 32, *proof.path[1:])},
    "no path": lambda proof: {"path": ()},
    "no hash": lambda proof: {"path": ("zz", *proof.path[1:])},
    "heads": lambda proof: {"heads_path": (*proof.heads_path, "11" * 32)},
    "place": lambda proof: {"heads_place": proof.heads_place + 1},
    "checkpoint": lambda proof: {
        "checkpoint": proof.checkpoint[:-2] + ("11" if proof.checkpoint.endswith("00") else "00")
    },
    "form": lambda proof: {"form": "loopkeeper-proof/2"},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_proof_with_anything_else_in_it_does_not_hold(pair: Pair, wrong: str) -> None:
    await pair.sent()
    caller, _ = await reading(pair, Role.PRIVACY_OFFICER)
    async with caller:
        line = (await lines(caller))[0]
        await seal(pair, limit=500)
        proof = await proof_of(caller, line)
    known = await keys(pair)
    inclusion.check(proof, known)
    with pytest.raises(CannotOpen):
        inclusion.check(msgspec.structs.replace(proof, **WRONG[wrong](proof)), known)
    with pytest.raises(CannotOpen):
        inclusion.check(proof, {})


async def test_a_line_that_has_no_number_yet_is_told_to_wait(pair: Pair) -> None:
    await pair.sent()
    caller, _ = await reading(pair, Role.PRIVACY_OFFICER)
    async with caller:
        line = (await lines(caller))[0]
        answer = await caller.get(f"/api/v1/audit/{line['id']}/proof")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-sealed-yet")


async def test_a_proof_of_others_acts_is_a_line_and_one_is_given_of_ones_own_to_all(
    pair: Pair,
) -> None:
    made = await pair.sent()
    officer, _ = await reading(pair, Role.PRIVACY_OFFICER)
    caller, _ = await reading(pair, Role.CLINICIAN)
    stranger, _ = await reading(
        Pair(pair.site, pair.recipient, pair.sender, pair.patient_id), Role.PRIVACY_OFFICER
    )
    async with officer, caller, stranger:
        await caller.get(f"/api/v1/referrals/{made['id']}")
        own, others = (await lines(caller))[0], (await lines(officer))[-1]
        await seal(pair)
        inclusion.check(await proof_of(caller, own), await keys(pair))
        inclusion.check(await proof_of(officer, others), await keys(pair))
        asked = {"action": "audit.prove"}
        noted = (await officer.get("/api/v1/audit", params=asked)).json()["items"]
        assert [each["resource_id"] for each in noted] == [others["id"]]
        for line_id in (others["id"], str(ids.new_id())):
            refused = await caller.get(f"/api/v1/audit/{line_id}/proof")
            absent = await stranger.get(f"/api/v1/audit/{line_id}/proof")
            assert (refused.status_code, absent.status_code) == (403, 404)
