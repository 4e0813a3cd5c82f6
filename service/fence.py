"""The fence round our package names: they are common words, and a stranger's package may bear one.

Another distribution with a package called ``channels`` or ``templates`` would be imported in place
of ours without a word. So: all five come from one folder, or nothing starts.
"""

from importlib.util import find_spec
from pathlib import Path

from service.faults import Fault, Kind

PACKAGES = ("service", "channels", "crypto", "templates", "workers")


class Strangers(Fault):
    """Another package of the same name is installed."""

    kind, slug = Kind.BROKEN, "strangers"


def folder_of(package: str) -> Path | None:
    """Return the folder a package would be imported from, or None where it has no ``__init__``."""
    spec = find_spec(package)
    return Path(spec.origin).resolve().parent.parent if spec and spec.origin else None


def check(packages: tuple[str, ...] = PACKAGES) -> None:
    """Raise Strangers unless all our packages lie side by side."""
    ours = Path(__file__).resolve().parent.parent
    strange = [name for name in packages if folder_of(name) != ours]
    if strange:
        raise Strangers(
            f"{', '.join(strange)} would not come from {ours}. Install Loopkeeper in an"
            " environment of its own, or uninstall the other package and install it again."
        )
