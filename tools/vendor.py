"""Fetches the few files of other people's that we serve, and proves that they are unchanged.

    python tools/vendor.py           fetch what vendor.lock names and write templates/static
    python tools/vendor.py --own     rewrite only our own style sheet, script and the manifest
    python tools/vendor.py --check   change nothing; exit 1 where anything differs

Only fetching needs npm and the network. vendor.lock pins each package by the sha512 of its
tarball and each file we made of it by the sha512 of its bytes. What the tests alone use says in
the lock which folder it belongs `in`; it is not served and not in the wheel.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "vendor.lock"
STATIC = ROOT / "templates" / "static"
OWN = tuple(ROOT / "templates" / room for room in ("styles", "scripts", "pictures"))
FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'


def main(words: list[str]) -> int:
    """Do what the command line asks; give the exit status."""
    if words == ["--check"]:
        faults = check()
        sys.stderr.writelines(fault + "\n" for fault in faults)
        return 1 if faults else 0
    if words not in ([], ["--own"]):
        sys.stderr.write(__doc__ or "")
        return 2
    if not words:
        fetch()
    write_manifest()
    return 0


def fetch() -> None:
    """Fetch every package of the lock, write its files and the sums of what was written."""
    lock = json.loads(LOCK.read_text())
    for package in lock["packages"]:
        with tempfile.TemporaryDirectory() as folder:
            tarball = _pack(package, Path(folder))
            _clear(package)
            with tarfile.open(tarball) as archive:
                for entry in package["files"]:
                    member = archive.extractfile("package/" + entry["from"])
                    assert member is not None
                    content = _cleaned(member.read(), entry["to"])
                    entry["sha512"] = hashlib.sha512(content).hexdigest()
                    (_home(entry) / _hashed(entry["to"], content)).write_bytes(content)
    LOCK.write_text(json.dumps(lock, indent=2) + "\n")


def write_manifest() -> None:
    """Write our own files under their hashed names, and the manifest of all."""
    for source in _own():
        _remove_versions(source.name)
        content = source.read_bytes()
        (STATIC / _hashed(source.name, content)).write_bytes(content)
    (STATIC / "manifest.json").write_text(json.dumps(_expected(), indent=2) + "\n")


def check() -> list[str]:
    """Name everything in templates/static that is not what the lock and our sources say."""
    faults: list[str] = []
    expected = _expected()
    manifest = STATIC / "manifest.json"
    if not manifest.exists() or json.loads(manifest.read_text()) != expected:
        faults.append("templates/static/manifest.json is stale: run python tools/vendor.py --own")
    for entry in _locked_files():
        found = _versions(entry["to"], _home(entry))
        if [hashlib.sha512(path.read_bytes()).hexdigest() for path in found] != [entry["sha512"]]:
            faults.append(f"{entry['to']} differs from vendor.lock: run python tools/vendor.py")
    for name, hashed in expected.items():
        path = STATIC / hashed
        if not path.exists() or _hashed(name, path.read_bytes()) != hashed:
            faults.append(f"{hashed} is missing or was changed by hand")
    known = {*expected.values(), "manifest.json"}
    faults.extend(f"{path.name} is nobody's" for path in STATIC.iterdir() if path.name not in known)
    return faults


def _own() -> list[Path]:
    return sorted(path for folder in OWN for path in folder.iterdir() if path.is_file())


def _locked_files() -> list[dict[str, str]]:
    packages = json.loads(LOCK.read_text())["packages"]
    return [entry for package in packages for entry in package["files"]]


def _expected() -> dict[str, str]:
    """Give served name by plain name: from the disk for fetched files, from source for ours."""
    names: dict[str, str] = {}
    for entry in _locked_files():
        if _home(entry) != STATIC:
            continue
        found = _versions(entry["to"])
        names[entry["to"]] = found[0].name if found else "missing"
    for source in _own():
        names[source.name] = _hashed(source.name, source.read_bytes())
    return dict(sorted(names.items()))


def _pack(package: dict[str, str], folder: Path) -> Path:
    wanted = f"{package['name']}@{package['version']}"
    command = ["npm", "pack", wanted, "--silent", "--pack-destination", str(folder)]
    # S603, S607: npm is found on the developer's PATH, and the words come from vendor.lock.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    (tarball,) = folder.glob("*.tgz")
    digest = hashlib.sha512(tarball.read_bytes()).digest()
    if package["integrity"] != "sha512-" + base64.b64encode(digest).decode():
        raise SystemExit(f"{wanted}: the tarball is not the one in vendor.lock")
    return tarball


def _cleaned(content: bytes, name: str) -> bytes:
    """Drop source maps; from GOV.UK's stylesheet also its fonts and its crest.

    GDS Transport and the crest are licensed for gov.uk alone.
    """
    if not name.endswith((".css", ".js")):
        return content
    text = content.decode()
    text = re.sub(r"/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=.*", "", text)
    if name == "govuk-frontend.css":
        text = re.sub(r"/\*! Copyright \(c\) 2011 by Margaret Calvert.*?\*/", "", text)
        text = re.sub(r"@font-face\{[^}]*\}", "", text)
        text = text.replace("GDS Transport,arial,sans-serif", FONTS)
        text = re.sub(r"url\(/assets/images/[^)]*\)", "none", text)
        assert "url(/" not in text
        assert "GDS" not in text
    return text.rstrip().encode() + b"\n"


def _hashed(name: str, content: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:8]}{dot}{ending}"


def _home(entry: dict[str, str]) -> Path:
    return ROOT / entry["in"] if "in" in entry else STATIC


def _versions(name: str, folder: Path = STATIC) -> list[Path]:
    stem, _, ending = name.rpartition(".")
    pattern = re.compile(rf"{re.escape(stem)}\.[0-9a-f]{{8}}\.{re.escape(ending)}")
    return sorted(path for path in folder.iterdir() if pattern.fullmatch(path.name))


def _remove_versions(name: str, folder: Path = STATIC) -> None:
    for path in _versions(name, folder):
        path.unlink()


def _clear(package: dict[str, list[dict[str, str]]]) -> None:
    for entry in package["files"]:
        _remove_versions(entry["to"], _home(entry))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
