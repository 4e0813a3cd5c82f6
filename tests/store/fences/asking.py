"""Asking the law: may this role do that to this row, by name or blindly."""

import msgspec

from tests.store.fences.law import LAW
from tests.store.fences.words import Fence, Row, Scope, anyone, fence

KEYS = frozenset(
    {
        "root_key", "network_key", "org_key", "public_key", "key_generation", "legal_hold",
        "epoch", "seal", "content", "referral", "party", "leg", "patient", "patient_index",
        "external_id", "contact", "consent", "address", "agency_worker", "person", "organization",
        "clock_offset", "audit", "thread", "thread_party", "thread_title", "message",
        "thread_note", "message_copy", "attachment", "attachment_copy", "person_login",
        "password_ask", "break_glass", "parked_form", "message_draft", "agency_note",
    }
)  # fmt: skip
"""What the operator's rotation and shredding reach, all of it."""


def fences_of(table: str) -> tuple[Fence, ...]:
    """List the fences of a table for every role; an unknown table is a KeyError."""
    keys = (fence("lk_keys", "all", anyone),) if table in KEYS else ()
    return (*LAW[table], *keys, fence("lk_check", "select", anyone))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants what under which scope."""

    role: str
    command: str
    scope: Scope


def allowed(fences: tuple[Fence, ...], asked: Asked, row: Row) -> bool:
    """Say whether a role may do this to a row, as far as rows go.

    To change or delete a row by name one must see it, and what it becomes must be allowed too.
    """
    match asked.command:
        case "select":
            return _any(fences, asked, row, new=False)
        case "insert":
            return _any(fences, asked, row, new=True)
        case _:
            seen = msgspec.structs.replace(asked, command="select")
            return _any(fences, seen, row, new=False) and blindly(fences, asked, row)


def blindly(fences: tuple[Fence, ...], asked: Asked, row: Row) -> bool:
    """Say the same of a statement that names no row and so need not see any."""
    old = _any(fences, asked, row, new=False)
    return old and (asked.command == "delete" or _any(fences, asked, row, new=True))


def _any(fences: tuple[Fence, ...], asked: Asked, row: Row, *, new: bool) -> bool:
    return any(
        (each.check or each.using)(row, asked.scope) if new else each.using(row, asked.scope)
        for each in fences
        if asked.role in each.roles and asked.command in each.commands
    )
