"""The web, over ASGI, on a real PostgreSQL and Redis."""
