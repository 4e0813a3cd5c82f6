"""The record of a file: clean, of the recipient's document, and its own key gone."""

from typing import Any

from service.domain import ids
from tests.web.matrix.callers import RECIPIENT
from tests.web.matrix.stage import Stage

_INSERT = """insert into lk.attachment (id, org_id, referral_id, document_id, context_id, class,
    epoch, blob_id, stored_bytes, state, next_at, bound_at, created_at)
  select $1, $2, e.context_id, $3, e.context_id, e.class, e.epoch, $1, 272, 'clean', lk.now(),
    lk.now(), lk.now()
    from lk.epoch e where e.context_id = $4 limit 1"""


async def attachment(stage: Stage) -> Any:
    """A file that whoever may have it is told is gone: nobody gets more than that."""
    file_id = ids.new_id()
    await stage.owner.execute(
        _INSERT,
        file_id,
        stage.orgs[RECIPIENT].id,
        stage.records["document_id"],
        stage.taken.referral_id,
    )
    return file_id
