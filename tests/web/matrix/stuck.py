"""How the doors to what is stuck on its way out are called, and the record of one such effect."""

from typing import Any

from service.domain import ids
from tests.web.matrix.call import Call
from tests.web.matrix.callers import OWNER
from tests.web.matrix.stage import Stage

CALLS: dict[str, tuple[Call, ...]] = {
    "POST /texts": (Call(form={}),),
    "POST /outbox/{effect_id:uuid}/retry": (Call(form={}, spends=("effect_id",)),),
    "POST /outbox/{effect_id:uuid}/give-up": (Call(form={}, spends=("effect_id",)),),
}
"""The calls of each route."""


async def _effect(stage: Stage) -> Any:
    """A mail to the clinic that nobody will take."""
    effect_id = ids.new_id()
    await stage.owner.execute(
        "insert into lk.outbox (id, kind, org_id, due_at, next_at, created_at, state)"
        " values ($1, 'notice', $2, lk.now(), lk.now(), lk.now(), 'dead')",
        effect_id,
        stage.orgs[OWNER].id,
    )
    return effect_id


MAKERS = {"effect_id": _effect}
"""What makes each record."""
