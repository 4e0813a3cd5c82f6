"""The headers that go with every answer, by kind of page."""

from enum import StrEnum

Pair = tuple[bytes, bytes]


class Page(StrEnum):
    """What kind of answer it is, as far as a browser must be told what it may load."""

    DATA = "data"
    FORM = "form"
    PASSKEY = "passkey"
    LIVE = "live"
    VIEWER = "viewer"
    ASSET = "asset"
    FILE = "file"


_NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
# The same as for a form, and a script of our own that talks to us alone; pages work without it.
_OWN_SCRIPT = (
    f"{_NOTHING}; script-src 'self'; connect-src 'self'; style-src 'self';"
    " img-src 'self' data:; form-action 'self'"
)
CSP: dict[Page, str] = {
    Page.DATA: _NOTHING,
    Page.ASSET: _NOTHING,
    # What others wrote: it may not run, open a window, or count as ours.
    Page.FILE: f"{_NOTHING}; sandbox",
    # Our own style sheet and our own forms: no script at all, from anywhere.
    Page.FORM: f"{_NOTHING}; style-src 'self'; img-src 'self' data:; form-action 'self'",
    Page.PASSKEY: _OWN_SCRIPT,
    Page.LIVE: _OWN_SCRIPT,
    Page.VIEWER: (
        f"{_NOTHING}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " connect-src 'self'"
    ),
}
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}
_HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


def _pairs(page: Page) -> tuple[Pair, ...]:
    said = {**_ALWAYS, "content-security-policy": CSP[page]}
    if page is not Page.ASSET:
        said["cache-control"] = "no-store"
    return tuple((name.encode(), value.encode()) for name, value in said.items())


_BY_PAGE = {page: _pairs(page) for page in Page}


def fixed(page: Page, *, secure: bool) -> tuple[Pair, ...]:
    """Return the headers of a kind of page; `secure` says that people reach us by https."""
    return (*_BY_PAGE[page], _HSTS) if secure else _BY_PAGE[page]


def with_fixed(given: list[Pair], page: Page, *, secure: bool) -> list[Pair]:
    """Add what an answer does not say itself."""
    there = {name.lower() for name, _ in given}
    return given + [pair for pair in fixed(page, secure=secure) if pair[0] not in there]
