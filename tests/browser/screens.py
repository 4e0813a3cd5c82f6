"""Takes pictures of the ten main pages into docs/screens, out of a demonstration of its own.

python -m tests.browser.screens          takes some half a minute
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from tests.channels import mail_server
from tests.fixtures.browser import FLAGS, NAMES
from tests.shape.sources import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = ROOT / "docs" / "screens"
_WIDE, _PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
_PASSWORD = "blue-kettle-by-the-river"
_PATIENCE_S = 120
_STAFF = {
    "ana@northside.example": {
        "needs-me": "/",
        "new-referral": "/referrals/new",
        "messages": "/threads",
        "directory": "/directory",
    },
    "rosa@columbiacare.example": {
        "tasks": "/tasks",
        "dashboard": "/dashboard",
        "clocks": "/clocks",
    },
}


def main() -> int:
    """Take every picture; give the exit status."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _demonstration() as url, sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, NAMES)))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for address, pages in _STAFF.items():
            _staff(browser, url, address, pages)
        _agency(browser, url)
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in docs/screens")
    return 0


@contextmanager
def _demonstration() -> Iterator[str]:
    port = mail_server.free()
    with tempfile.TemporaryDirectory(prefix="loopkeeper-screens-") as data:
        command = [str(Path(sys.executable).parent / "loopkeeper"), "run", "--port", str(port)]
        running = subprocess.Popen(
            command,
            env=os.environ | {"LOOPKEEPER_DATA": data},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield _ready(f"http://127.0.0.1:{port}")
        finally:
            os.killpg(running.pid, signal.SIGINT)
            running.wait(timeout=60)


def _ready(url: str) -> str:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return url
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.5)


def _staff(browser: "Browser", url: str, address: str, pages: dict[str, str]) -> None:
    context = browser.new_context(viewport=_WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    _keep(page, "sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state("load")
    for name, path in pages.items():
        page.goto(url + path)
        _keep(page, name)
    if "needs-me" in pages:
        page.goto(f"{url}/")
        # In so wide a window a click would open it beside its list.
        where = page.locator(".lk-list tbody a").first.get_attribute("href")
        page.goto(f"{url}{where}")
        _keep(page, "referral")
    context.close()


def _agency(browser: "Browser", url: str) -> None:
    """Open a link that an agency was mailed, and take its first page on a phone."""
    context = browser.new_context(viewport=_PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/dev/outbox")
    hrefs = page.locator("main a").evaluate_all("all => all.map(each => each.href)")
    for href in hrefs:
        page.goto(href)
        found = re.search(rf"{re.escape(url)}/r/[A-Za-z0-9_-]+", page.inner_text("body"))
        if found:
            page.goto(found.group())
            _keep(page, "agency-by-link")
            break
    context.close()


def _keep(page: "Page", name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
