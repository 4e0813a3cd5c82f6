"""Translations are whole, and the files we serve are the ones the lock names."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from templates import assets, catalogs

ROOT = Path(__file__).resolve().parents[2]


def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor", ROOT / "tools" / "vendor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_translation_is_missing_fuzzy_or_stale() -> None:
    assert catalogs.check() == []


def test_served_files_are_those_of_the_lock() -> None:
    assert vendor().check() == []


def test_styles_fetch_nothing_from_elsewhere() -> None:
    for name in ("govuk-frontend.css", "loopkeeper.css"):
        content = (assets.folder() / assets.manifest()[name]).read_text()
        assert "url(" not in content
        assert "@import" not in content
        assert "@font-face" not in content


def test_only_names_of_the_manifest_are_read() -> None:
    for name in ("../__init__.py", "manifest.json", "govuk-frontend.css", "", "/etc/passwd"):
        assert assets.read(name) is None
    served = assets.asset("loopkeeper.css").removeprefix(assets.PREFIX)
    found = assets.read(served)
    assert found is not None
    assert found[1] == "text/css; charset=utf-8"
