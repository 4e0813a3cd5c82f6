"""One JSON object a line, made of keys from a list; whatever is not on the list is dropped.

Messages of drivers and exceptions are never written: they print rows. An error is its class and
the places in our own files it passed through.
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

KEYS = frozenset(
    {"request_id", "method", "route", "status", "ms", "org_id", "actor_id", "referral_id"}
    | {"effect_id", "kind", "channel", "outcome", "attempt", "attempts", "count", "worker"}
    | {"error_class", "where", "version", "clock", "slug", "advice", "seconds", "name", "url"}
    | {"checkpoint"}
)
"""Everything a line may say besides time, level and event; ids and codes, never words."""

_LOG = logging.getLogger("loopkeeper")
_ROOT = str(Path(__file__).resolve().parent.parent)


def say(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Write one line; a field that is not in KEYS is left out."""
    _LOG.log(level, event, extra={"fields": fields})


def broke(event: str, error: BaseException, **fields: Any) -> None:
    """Write what broke: the class of the error and where, never its message."""
    say(event, level=logging.ERROR, error_class=_class_of(error), where=_where(error), **fields)


def set_up(level: str = "info") -> None:
    """Send every logger of this process through the one formatter, to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = name != "uvicorn.access"
    logging.getLogger("uvicorn.access").disabled = True


class Lines(logging.Formatter):
    """Formats a record as one JSON object with keys of the list only."""

    def format(self, record: logging.LogRecord) -> str:
        """Spell the record; of a foreign logger only its name and class of error are told."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(),
            "level": record.levelname.lower(),
        }
        if record.name == _LOG.name:
            line["event"] = str(record.msg)
            fields = getattr(record, "fields", {})
            line |= {key: value for key, value in fields.items() if key in KEYS}
        else:
            line |= {"event": "library", "name": record.name}
            if record.exc_info and record.exc_info[1]:
                error = record.exc_info[1]
                line |= {"error_class": _class_of(error), "where": _where(error)}
        return msgspec.json.encode(line, enc_hook=str).decode()


def _class_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_ROOT)]
    return [
        f"{frame.filename.removeprefix(_ROOT)}:{frame.lineno} {frame.name}"
        for frame in ours
        if "/.venv/" not in frame.filename
    ]
