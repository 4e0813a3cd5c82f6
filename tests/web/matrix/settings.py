"""How the doors to clocks, calendars and assignment are called, and the record of one rule."""

from typing import Any

from service.domain import ids
from tests.web.matrix.call import Call
from tests.web.matrix.callers import NETWORK, OWNER
from tests.web.matrix.stage import Stage

_TERM = {"clock": "answer", "priority": "routine", "unit": "hours", "amount": 0}
_NOBODY = {"member_id": "00000000-0000-7000-8000-000000000000"}

CALLS: dict[str, tuple[Call, ...]] = {
    "POST /api/v1/clocks/preview": (Call(json=_TERM),),
    "PUT /api/v1/clocks": (Call(json={"term": _TERM, "seen": None}),),
    "POST /clocks/preview": (Call(form={"clock": ""}),),
    "POST /clocks": (Call(form={"seen": "x"}),),
    "POST /organizations/{org_id:uuid}/closures": (Call(form={"first": ""}),),
    "POST /organizations/{org_id:uuid}/hours": (Call(form={"seen": "0", "open-0": "x"}),),
    "POST /organizations/{org_id:uuid}/closures/end": (Call(form={"day": ""}),),
    "POST /api/v1/assignment-rules": (Call(json=_NOBODY),),
    "DELETE /api/v1/assignment-rules/{rule_id:uuid}": (Call(spends=("rule_id",)),),
    "POST /organizations/{org_id:uuid}/services/{service_id:uuid}/capacity": (
        Call(form={"capacity": "open"}),
    ),
    "POST /assignment": (Call(form={"member": ""}),),
    "POST /assignment/{rule_id:uuid}/end": (Call(form={}, spends=("rule_id",)),),
}
"""The calls of each route."""


async def _rule(stage: Stage) -> Any:
    """A coordinator named for nothing in particular."""
    rule_id, coordinators = ids.new_id(), stage.orgs[NETWORK]
    await stage.owner.execute(
        "insert into lk.assignment_rule (org_id, id, member_id, created_at)"
        " values ($1, $2, $3, lk.now())",
        coordinators.id,
        rule_id,
        coordinators.actor.member_id,
    )
    return rule_id


async def _view(stage: Stage) -> Any:
    """A list that somebody who never calls here keeps at hand."""
    view_id, actor = ids.new_id(), stage.orgs[OWNER].actor
    await stage.owner.execute(
        "insert into lk.saved_view (org_id, id, member_id, view, mine, made_at)"
        " values ($1, $2, $3, 'overdue', false, lk.now()) on conflict do nothing",
        stage.orgs[OWNER].id,
        view_id,
        actor.member_id,
    )
    return view_id


MAKERS = {"rule_id": _rule, "view_id": _view}
"""What makes each record."""
