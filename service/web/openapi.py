"""The API as an OpenAPI 3.1 document, made of what the routes declare and nothing else."""

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler

from service.web import problems, routing
from service.web.routing import Operation

_PARAMETER = re.compile(r"{(\w+):(\w+)}")
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Names this act: the same key and body again is the same act.",
}
_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The version decided on, as the ETag says it; or send `version`.",
}
_PROBLEM = {"$ref": "#/components/responses/Problem"}


def _steady(schema: Any) -> Any:
    """Put the defaults of sets in order: they have none, and the document must not change."""
    if isinstance(schema, list):
        return [_steady(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _steady(value) for name, value in schema.items()}
    if kept.get("uniqueItems") and isinstance(kept.get("default"), list):
        kept["default"] = sorted(kept["default"])
    return kept


def document(handlers: Iterable[HTTPRouteHandler]) -> dict[str, Any]:
    """Write the document of these routes; hidden ones and pages for people are not in it."""
    named = [(handler, routing.operation_of(handler)) for handler in handlers]
    # A route that names no kind of answer and no body is a page, or nothing a program would call.
    shown = [(handler, said) for handler, said in named if said is not None and not said.hidden]
    refs, components = _schemas([said for _, said in shown])
    paths: dict[str, Any] = {}
    for handler, said in shown:
        for path in sorted(handler.paths):
            plain = _PARAMETER.sub(r"{\1}", path)
            method = next(iter(handler.http_methods)).lower()
            paths.setdefault(plain, {})[method] = _operation(handler, path, said, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Loopkeeper",
            "version": version("loopkeeper"),
            "description": "Referrals that come home. Every no is an RFC 9457 problem.",
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {"session": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _steady(dict(sorted(components.items()))),
            "responses": {"Problem": _problem(refs)},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key: lk_..."},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-lk_session"},
            },
        },
    }


def text(handlers: Iterable[HTTPRouteHandler]) -> bytes:
    """Write the document as bytes that are the same for the same routes."""
    return msgspec.json.format(msgspec.json.encode(document(handlers)), indent=1) + b"\n"


def _schemas(operations: list[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    kinds = [kind for said in operations for kind in (said.takes, said.gives) if kind is not None]
    unique = list(dict.fromkeys([problems.Problem, *kinds]))
    template = "#/components/schemas/{name}"
    schemas, components = msgspec.json.schema_components(unique, ref_template=template)
    return dict(zip(unique, schemas, strict=True)), _in_order(components)


def _in_order(found: Any) -> Any:
    """Put sets that are a default in order: their own order is another in every process."""
    if isinstance(found, list):
        return [_in_order(each) for each in found]
    if not isinstance(found, dict):
        return found
    told = {name: _in_order(value) for name, value in found.items()}
    if told.get("uniqueItems") and isinstance(told.get("default"), list):
        told["default"] = sorted(told["default"])
    return told


def _problem(refs: dict[Any, Any]) -> dict[str, Any]:
    return {
        "description": "A no: what it is (`type`), and what to do next (`detail`).",
        "content": {problems.MEDIA_TYPE: {"schema": refs[problems.Problem]}},
    }


def _operation(
    handler: HTTPRouteHandler, path: str, said: Operation, refs: dict[Any, Any]
) -> dict[str, Any]:
    told = " ".join((handler.fn.__doc__ or "").split())
    found: dict[str, Any] = {
        "operationId": handler.fn.__qualname__ + "_" + handler.fn.__module__.rpartition(".")[2],
        "summary": told,
        "tags": [path.split("/")[3] if path.startswith("/api/v1/") else "service"],
        "parameters": _parameters(path, said),
        "responses": {str(said.status): _success(said, refs), "default": _PROBLEM},
    }
    if said.upload == "file":
        found["requestBody"] = _FILE
        found["parameters"].append(_NAME)
    if said.takes is not None:
        body = {"application/json": {"schema": refs[said.takes]}}
        found["requestBody"] = {"required": True, "content": body}
    return found


_FILE = {
    "required": True,
    "description": "The file as it is, at most 25 MB; Content-Type says what kind it is.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_NAME = {
    "name": "X-File-Name",
    "in": "header",
    "required": True,
    "description": "What the file is called, in UTF-8 with percent signs.",
    "schema": {"type": "string", "maxLength": 600},
}


def _success(said: Operation, refs: dict[Any, Any]) -> dict[str, Any]:
    if said.gives is None:
        return {"description": "Done."}
    return {
        "description": "Done.",
        "content": {"application/json": {"schema": refs[said.gives]}},
    }


def _parameters(path: str, said: Operation) -> list[dict[str, Any]]:
    found = [_path_parameter(name, kind) for name, kind in _PARAMETER.findall(path)]
    if said.asks is not None:
        found += _query_parameters(said.asks)
    if said.once:
        found.append(_KEY | {"required": True})
    fields = getattr(said.takes, "__struct_fields__", ())
    if "version" in fields:
        found.append(_MATCH)
    return found


def _path_parameter(name: str, kind: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "uuid"} if kind == "uuid" else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(asks: Any) -> list[dict[str, Any]]:
    _, components = msgspec.json.schema_components([asks], ref_template="#/{name}")
    shape = components[asks.__name__]
    needed = shape.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "schema": _flat(schema, components),
        }
        for name, schema in shape["properties"].items()
    ]


def _flat(schema: Any, components: dict[str, Any]) -> Any:
    """Put referenced enums where they are used; a query has no nesting to repeat."""
    ref = schema.get("$ref") if isinstance(schema, dict) else None
    if ref is not None:
        return components[ref.rpartition("/")[2]]
    if "anyOf" in schema:
        kinds = [_flat(each, components) for each in schema["anyOf"] if each != {"type": "null"}]
        return kinds[0] if len(kinds) == 1 else {**schema, "anyOf": kinds}
    return schema
