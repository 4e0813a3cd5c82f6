"""Sign-ins and passkeys of somebody who never calls here."""

from typing import Any

from service.domain import ids
from tests.web.matrix.callers import OWNER
from tests.web.matrix.stage import Stage


async def _session(stage: Stage) -> Any:
    """A session of somebody who never calls here."""
    actor = stage.orgs[OWNER].actor
    await stage.site.session(actor)
    found = "select id from lk.session where member_id = $1 limit 1"
    return await stage.owner.fetchval(found, actor.member_id)


async def _passkey(stage: Stage) -> Any:
    """A passkey of somebody who never calls here."""
    passkey_id = ids.new_id()
    await stage.owner.execute(
        "insert into lk.passkey (id, person_id, credential_hash, credential_id, public_key,"
        " sign_count, backed_up, name, created_at) values ($1, $2, $3, '', '', 0, false, 'Laptop',"
        " lk.now())",
        passkey_id,
        stage.orgs[OWNER].actor.person_id,
        passkey_id.bytes,
    )
    return passkey_id


MAKERS = {"session_id": _session, "passkey_id": _passkey}
"""What makes the records of these parameters."""
