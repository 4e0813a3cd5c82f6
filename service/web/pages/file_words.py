"""Files on pages: how each is shown, which were chosen in a form, what is wrong with one."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from service import faults
from service.actions.read_attachment import File
from service.actions.receive_file import FileRefused
from service.domain.file_kinds import Unfit

_PREFIX = "file_"
_KNOWN = frozenset({*Unfit, "missing"})
_UNITS = ((1_000_000, "MB"), (1_000, "kB"))


def _nobody(file: File) -> bool:
    return False


def shown(
    found: Iterable[File],
    *,
    under: str,
    own: UUID | None,
    retracts: Callable[[File], bool] = _nobody,
) -> list[dict[str, Any]]:
    """Spell files for a page; one that is held back leads nowhere."""
    return [
        {
            "id": str(file.id),
            "name": file.label.name if file.label else "",
            "size": size_of(file.label.length) if file.label else "",
            "state": file.state,
            "unscanned": file.state == "clean" and file.scanner == "none",
            "who": "" if file.org_id == own else file.organization,
            "href": f"{under}/{file.id}" if file.state == "clean" and file.label else "",
            "loose": file.loose and file.org_id == own,
            "fit": file.state in ("pending", "clean"),
            "reason": file.retract_reason or "",
            "retractable": file.label is not None and not file.loose and retracts(file),
        }
        for file in found
    ]


def size_of(length: int) -> str:
    """Say how long a file is, as people do."""
    for unit, name in _UNITS:
        if length >= unit:
            return f"{length / unit:.1f} {name}"
    return f"{length} B"


def chosen(form: Mapping[str, str]) -> tuple[UUID, ...]:
    """List the files that were ticked in a form; raises Malformed for what is no id."""
    try:
        return tuple(UUID(name[len(_PREFIX) :]) for name in form if name.startswith(_PREFIX))
    except ValueError:
        raise faults.Malformed("Send the form as the page has it.") from None


def code_of(fault: faults.Fault) -> str:
    """Name why a file was refused, as a page's address carries it."""
    if isinstance(fault, FileRefused):
        return str(fault.extra["reason"])
    return Unfit.TOO_LARGE.value


def errors_of(code: str) -> dict[str, str]:
    """Read that name back; whatever else stands in the address is nothing."""
    return {"file": code} if code in _KNOWN else {}
