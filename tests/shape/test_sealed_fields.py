"""Every field of text that a door takes says in one table how it is kept: none is forgotten."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import inspect

from service.domain import privacy
from service.web import routes, routing

_CODE = re.compile(r"\^\[[a-zA-Z0-9_\\-]+\]")
"""A pattern of codes and ids: there is no room in it for words."""

_PASSKEY = {"Credential", "Response"}
"""What an authenticator says of itself; of its person it knows nothing."""


def _texts(kind: inspect.Type, struct: str, field: str) -> Iterator[tuple[str, str, str]]:
    """Go through the fields of text of what a door takes: Struct, field, pattern."""
    if isinstance(kind, inspect.StructType):
        for each in kind.fields:
            yield from _texts(each.type, kind.cls.__name__, each.name)
    elif isinstance(kind, inspect.StrType):
        yield struct, field, kind.pattern or ""
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _texts(one, struct, field)
    else:
        inner: Any = getattr(kind, "item_type", None) or getattr(kind, "value_type", None)
        if inner is not None:
            yield from _texts(inner, struct, field)


def _taken() -> set[tuple[str, str]]:
    operations = [routing.operation_of(handler) for handler in routes.EVERY]
    return {
        (struct, field)
        for operation in operations
        if operation is not None and operation.takes is not None
        for struct, field, pattern in _texts(inspect.type_info(operation.takes), "", "")
        if struct not in _PASSKEY and not _CODE.match(pattern)
    }


def test_every_field_of_text_says_how_it_is_kept() -> None:
    taken = _taken()
    known = {(each.struct, each.name) for each in privacy.FIELDS}
    assert len(taken) > 80
    assert sorted(taken - known) == []


_BY_FORM = {"AgencyPerson", "Enrolment", "NewPerson", "File", "Parked"}
"""What comes in by a form of a link, as a file, or over a sign-in; no Struct of the API has it."""
_DATES = {"birth_date"}
_ASKED = {"DirectoryAsk"}


def test_the_table_names_nothing_that_no_door_takes() -> None:
    taken = _taken()
    gone = [
        (each.struct, each.name)
        for each in privacy.FIELDS
        if (each.struct, each.name) not in taken
        and each.struct not in _BY_FORM | _ASKED
        and each.name not in _DATES
    ]
    assert gone == []


def test_no_field_is_in_the_table_twice() -> None:
    names = [(each.struct, each.name) for each in privacy.FIELDS]
    assert len(names) == len(set(names))
