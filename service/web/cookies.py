"""The session cookie: `__Host-` and Secure, but for a demonstration on loopback."""

from litestar.datastructures import Cookie

from service.web.desk import Desk

_NAME = "lk_session"


def name(desk: Desk, plain: str = _NAME) -> str:
    """Return a cookie's name; the prefix makes browsers refuse it from anywhere else."""
    return f"__Host-{plain}" if desk.secure else plain


def keep(desk: Desk, secret: str, *, seconds: int, plain: str = _NAME) -> Cookie:
    """Make the cookie that carries a secret to the browser."""
    return Cookie(
        key=name(desk, plain),
        value=secret,
        max_age=seconds,
        path="/",
        secure=desk.secure,
        httponly=True,
        samesite="lax",
    )


def drop(desk: Desk, *, plain: str = _NAME) -> Cookie:
    """Make the cookie that takes it away again."""
    return keep(desk, "", seconds=0, plain=plain)
