"""Named SQL: every statement lives in `queries/<aggregate>.sql` under a `-- name:` line."""

from importlib import resources
from types import SimpleNamespace

_MARK = "-- name: "


def load(aggregate: str) -> SimpleNamespace:
    """Read one file of statements; each becomes an attribute, named as its mark says."""
    text = resources.files("service.store").joinpath(f"queries/{aggregate}.sql").read_text("utf-8")
    found: dict[str, str] = {}
    for block in text.split(_MARK)[1:]:
        name, _, statement = block.partition("\n")
        found[name.strip()] = statement.strip()
    return SimpleNamespace(**found)


def parts(aggregate: str) -> dict[str, str]:
    """Read a file of statement parts, in their order; each stands under a `-- part:` line."""
    text = resources.files("service.store").joinpath(f"queries/{aggregate}.sql").read_text("utf-8")
    found: dict[str, str] = {}
    for block in text.split("-- part: ")[1:]:
        name, _, part = block.partition("\n")
        found[name.strip()] = part.strip()
    return found


def every() -> dict[str, dict[str, str]]:
    """Read all files: aggregate to name to statement; a test prepares each of them."""
    folder = resources.files("service.store").joinpath("queries")
    names = sorted(entry.name.removesuffix(".sql") for entry in folder.iterdir())
    return {name: dict(vars(load(name))) for name in names}
