"""What every command needs: the settings in force, and faults told as sentences."""

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

import click

from service import faults

if TYPE_CHECKING:
    from service.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

RUN_FILE = "environment.json"


def data_folder() -> Path:
    """Return the folder in which `loopkeeper run` keeps its data."""
    return Path(os.environ.get("LOOPKEEPER_DATA", ".loopkeeper"))


def environment() -> dict[str, str]:
    """Return the environment in force; without a DATABASE_URL that of a `run` under way here."""
    given = dict(os.environ)
    data = data_folder()
    if given.get("DATABASE_URL") or given.get("DATABASE_URL_FILE") or not (data / "lock").exists():
        return given
    from service import servers

    known = data / RUN_FILE
    if servers.found(data) is None or not known.exists():
        return given
    return {**json.loads(known.read_text(encoding="utf-8")), **given}


def current() -> "Settings":
    """Read the settings in force; raises SettingsFault with everything that is wrong."""
    from service.settings import Settings

    return Settings.read(environment())


def reported(command: Callable[P, T]) -> Callable[P, T]:
    """Let a command tell its faults as sentences: exit 2 for settings, 1 for all else."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        from crypto.faults import RootKeyRefused

        try:
            return command(*args, **kwargs)
        except faults.Fault as fault:
            _end(_sentence(fault), status=2 if fault.slug == "settings" else 1)
        except RootKeyRefused as refused:
            _end(str(refused), status=1)

    return wrapper


def _end(sentence: str, *, status: int) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(status)


def _sentence(fault: faults.Fault) -> str:
    listed = fault.extra.get("faults")
    if listed:
        lines = "\n".join(f"  {each}" for each in listed)
        return f"{fault.title()}\n{lines}\nIn demo mode `loopkeeper run` needs none of them."
    errors = "".join(
        f" {each['field']}: {each['detail']}" for each in fault.extra.get("errors", ())
    )
    return f"{fault.title()} {errors.strip() or fault.detail}"
