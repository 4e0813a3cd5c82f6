"""The accounting of disclosures over the API: one call, one patient."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response

from service.actions import account
from service.domain.details import Moment
from service.domain.policy import Action
from service.store.disclosures import Disclosed
from service.web import desk, guards, problems, routing
from service.web.desk import Asked


class AccountAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the account, from where; `since` instead of six years back."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    after: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    since: Moment | None = None


class AccountOf(msgspec.Struct, frozen=True, kw_only=True):
    """One page of an account; `next` is the `after` of the following one, null at the end."""

    items: tuple[Disclosed, ...]
    since: datetime
    next: str | None


@routing.door(
    "GET",
    "/api/v1/patients/{patient_id:uuid}/disclosures",
    policy=Action.DISCLOSURE_LIST,
    asks=AccountAsk,
    gives=AccountOf,
)
async def disclosures(request: Asked) -> Response[Any]:
    """Account for what was told of a patient: to whom, of which class, on which basis, when."""
    ask = routing.query(request, AccountAsk)
    found = await account.account(
        desk.of(request).office,
        guards.actor(request),
        since=ask.since,
        limit=ask.limit,
        after=ask.after,
        request_id=problems.request_id_of(request.scope),
        **request.path_params,
    )
    return routing.answer(AccountOf(items=tuple(found.items), since=found.since, next=found.next))


HANDLERS = (disclosures,)
