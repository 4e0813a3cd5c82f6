"""What a caller reads: docstrings, and arguments that say what they mean."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.shape import sources

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(node: ast.Module | ast.ClassDef) -> Iterator[Documented]:
    for child in node.body:
        if isinstance(child, Documented) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public(child)


def _without_docstring(path: Path) -> Iterator[str]:
    if not ast.get_docstring(sources.tree(path)):
        yield str(path)
    for node in _public(sources.tree(path)):
        overload = any("overload" in ast.unparse(mark) for mark in node.decorator_list)
        if not ast.get_docstring(node) and not overload:
            yield f"{path}:{node.lineno} {node.name}"


def test_every_public_name_says_what_it_is() -> None:
    files = sources.files(*sources.PACKAGES)
    assert not [name for path in files for name in _without_docstring(path)]


def _is_boolean(argument: ast.arg) -> bool:
    return argument.annotation is not None and ast.unparse(argument.annotation) == "bool"


def test_no_boolean_is_passed_by_position() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}({argument.arg})"
        for path in sources.files(*sources.PACKAGES)
        for node in sources.functions(path)
        for argument in (*node.args.posonlyargs, *node.args.args)
        if _is_boolean(argument)
    ]
    assert not found


def test_imports_are_absolute() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in sources.files(*sources.EVERYTHING)
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not found
