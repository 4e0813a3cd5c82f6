"""Write docs/openapi.json from what the routes declare; a test holds it fresh."""

from pathlib import Path

from service.web import openapi, routes

TARGET = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"

if __name__ == "__main__":
    TARGET.write_bytes(openapi.text(routes.of(demo=True)))
