"""What the web counts: its answers by template, method and class of status, and failed proofs."""

from service.metrics import Registry

PROOFS = frozenset(
    {
        "/api/v1/sessions",
        "/api/v1/sessions/passkey",
        "/api/v1/sessions/current/proof",
        "/sign-in",
        "/prove",
    }
)
"""Where somebody proves who they are; a 401 is a proof that proved nothing."""


class Metrics:
    """The counts of one web process, since it began."""

    def __init__(self) -> None:
        self.registry = Registry()

    def took(self, route: str, method: str, *, status: int, seconds: float) -> None:
        """Count one answer."""
        self.registry.took(
            "lk_http_request_duration_seconds",
            seconds,
            route=route,
            method=method,
            status=f"{status // 100}xx",
        )
        if status == 401 and method == "POST" and route in PROOFS:
            self.registry.add("lk_sign_in_failures_total")

    def text(self, *, degraded: bool) -> str:
        """Spell everything in the text format of Prometheus."""
        self.registry.put("lk_redis_degraded", degraded)
        return self.registry.text()
