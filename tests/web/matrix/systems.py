"""How the doors for an organization's own systems are called."""

from service.actions import hook_secrets
from service.actions.hook_secrets import Sealed
from service.domain import ids
from service.store import webhooks
from service.store.pool import Scope
from tests.web.matrix.call import Call
from tests.web.matrix.callers import OWNER
from tests.web.matrix.stage import Stage

_NOWHERE = {"url": "https://ana:secret@example.org"}
_LATER = {"failed_since": "2099-01-02T00:00:00Z"}

CALLS: dict[str, tuple[Call, ...]] = {
    "POST /api/v1/webhooks": (Call(json=_NOWHERE),),
    "POST /webhooks": (Call(form=_NOWHERE),),
    "POST /api/v1/webhooks/{webhook_id:uuid}/rotate": (Call(json={}),),
    "POST /webhooks/{webhook_id:uuid}/rotate": (Call(form={}),),
    "POST /api/v1/webhooks/{webhook_id:uuid}/enable": (Call(),),
    "POST /webhooks/{webhook_id:uuid}/enable": (Call(form={}),),
    "POST /api/v1/webhooks/{webhook_id:uuid}/disable": (Call(spends=("webhook_id",)),),
    "POST /webhooks/{webhook_id:uuid}/disable": (Call(form={}, spends=("webhook_id",)),),
    "DELETE /api/v1/webhooks/{webhook_id:uuid}": (Call(spends=("webhook_id",)),),
    "POST /webhooks/{webhook_id:uuid}/end": (Call(form={}, spends=("webhook_id",)),),
    "POST /api/v1/webhooks/{webhook_id:uuid}/resend": (Call(json=_LATER),),
    "POST /webhooks/{webhook_id:uuid}/resend": (Call(form={"number": "99999"}),),
}


async def webhook(stage: Stage) -> object:
    """Make a webhook of the clinic."""
    house, org = stage.site.house, stage.orgs[OWNER]
    assert org.actor.member_id
    webhook_id = ids.new_id()
    said = Sealed(url="https://example.org/hook", secret="whsec_AAAA")
    sealed = await hook_secrets.seal(house.keys, org.id, webhook_id, said=said)
    async with house.office.db.transaction(Scope(org_id=org.id)) as connection:
        await webhooks.insert(
            connection,
            org.id,
            webhook_id=webhook_id,
            sealed=sealed,
            kinds=(),
            member_id=org.actor.member_id,
            most=10_000,
        )
    return webhook_id
