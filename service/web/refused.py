"""What is refused at the web's door goes into the record before the answer leaves.

"Not there" and "not yours" are one line alike, as they are one answer alike. A stranger without any
proof is no denial: that is how everybody comes to the sign-in.
"""

from typing import Any
from uuid import UUID

from service import faults
from service.actions.note_denial import Denial
from service.domain.people import Actor, ActorKind
from service.web import cookies, denials, problems
from service.web.desk import Desk

_NOBODY = Actor(kind=ActorKind.SYSTEM)
_UNKNOWN = "session.use"
"""The act of somebody whose proof proves nothing."""


async def met(error: Exception, scope: Any) -> None:
    """Write what was refused before the answer leaves."""
    here: Desk = scope["litestar_app"].state.desk
    denial = _denial(problems.fault_of(error), scope, here)
    if denial is not None:
        await denials.write(here.office, here.denials.met(denial))


def _denial(fault: faults.Fault, scope: Any, here: Desk) -> Denial | None:
    request_id = problems.request_id_of(scope)
    if isinstance(fault, faults.SignInRequired):
        if not _has_proof(scope, here):
            return None
        return Denial(actor=_NOBODY, action=_UNKNOWN, why=fault.slug, request_id=request_id)
    actor = scope.get("state", {}).get("actor")
    if actor is None or not isinstance(fault, faults.Missing | faults.Refused):
        return None
    kind, found = _resource(scope.get("path_params", {}))
    return Denial(
        actor=actor,
        action=str(scope["route_handler"].opt["policy"][0]),
        why=fault.slug,
        resource_kind=kind,
        resource_id=found,
        request_id=request_id,
    )


def _has_proof(scope: Any, here: Desk) -> bool:
    given = dict(scope["headers"])
    if b"authorization" in given:
        return True
    return cookies.name(here).encode() + b"=" in given.get(b"cookie", b"")


def _resource(params: dict[str, Any]) -> tuple[str | None, UUID | None]:
    for name, value in params.items():
        if isinstance(value, UUID):
            return name.removesuffix("_id"), value
    return None, None
