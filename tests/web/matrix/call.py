"""One way to call a route."""

from typing import Any
from uuid import UUID

import msgspec

from service.domain.policy import Action
from tests.web.matrix.law import About

NOBODY = str(UUID(int=7))
"""A member that no organization has."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One way to call a route.

    `json`, `form`: the body; in their texts `{name}` stands for a record of the stage. `seen`: the
    version sent in If-Match. `spends`: records made anew before each call; `session` is one.
    `records`: which record a parameter means, where it is not the one of its own name. `ours`: open
    to all, but not to a form that another site sent.
    """

    json: Any = None
    form: dict[str, str] | None = None
    query: str = ""
    seen: str = ""
    about: About | None = None
    actions: tuple[Action, ...] = ()
    spends: tuple[str, ...] = ()
    records: dict[str, str] = {}
    ours: bool = False
