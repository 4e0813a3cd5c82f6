"""A caller that leaves in the middle of its own request breaks nothing of ours."""

from litestar import Litestar, Request, post

from service import faults
from service.web import problems

SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "headers": [],
    "client": None,
    "server": ("localhost", 80),
    "scheme": "http",
    "http_version": "1.1",
}


async def test_a_body_that_never_came_whole_is_the_callers_mistake_and_not_broken():
    seen = []

    @post("/")
    async def read(request: Request) -> None:
        await request.body()

    def told(request, error):
        seen.append(problems.fault_of(error))
        return problems.spell(request, seen[0])

    async def hung_up():
        return {"type": "http.disconnect"}

    async def nobody(message):
        return None

    app = Litestar([read], exception_handlers={Exception: told}, openapi_config=None)
    scope = {**SCOPE, "state": {}, "litestar_app": app, "app": app}
    await app(scope, hung_up, nobody)
    assert isinstance(seen[0], faults.Malformed)
