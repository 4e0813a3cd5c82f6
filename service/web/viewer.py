"""The API's document, and a viewer for it that loads nothing from anywhere else."""

from functools import lru_cache
from typing import Any

from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler

from service.domain.policy import Action
from service.web import openapi, routing
from service.web.desk import Asked
from service.web.headers import Page
from templates import assets

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Loopkeeper API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{style}"></head>
<body><div id="viewer"></div>
<script src="{script}"></script><script src="/api/docs/start.js"></script></body></html>
"""
_START = """SwaggerUIBundle({
  url: "/api/openapi.json", dom_id: "#viewer", validatorUrl: null, deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"
});
"""


@routing.door("GET", "/api/openapi.json", policy=Action.PUBLIC, hidden=True)
async def described(request: Asked) -> Response[Any]:
    """Serve the OpenAPI document of this service's own routes."""
    return Response(_document(request.app), media_type="application/json")


@routing.door("GET", "/api/docs", policy=Action.PUBLIC, page=Page.VIEWER, hidden=True)
async def docs(request: Asked) -> Response[Any]:
    """Serve the viewer's page."""
    page = _PAGE.format(
        style=assets.asset("swagger-ui.css"), script=assets.asset("swagger-ui-bundle.js")
    )
    return Response(page, media_type="text/html; charset=utf-8")


@routing.door("GET", "/api/docs/start.js", policy=Action.PUBLIC, hidden=True)
async def start(request: Asked) -> Response[Any]:
    """Serve the few lines that start the viewer; inline they would need a weaker policy."""
    return Response(_START, media_type="text/javascript; charset=utf-8")


@lru_cache(maxsize=4)
def _document(app: Litestar) -> bytes:
    found = {
        handler: None for route in app.routes for handler in getattr(route, "route_handlers", ())
    }
    return openapi.text(each for each in found if isinstance(each, HTTPRouteHandler))


HANDLERS = (described, docs, start)
