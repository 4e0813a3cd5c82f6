"""axe-core, and what it finds in a page that a browser shows."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 A and AA, and axe's own advice. Source: axe-core, doc/API.md, "axe-core tags"."""

(_FILE,) = Path(__file__).parent.glob("axe.*.js")
_SOURCE = _FILE.read_text()
_RUN = "async rules => (await axe.run(document, {runOnly: rules})).violations"


def faults(page: "Page") -> list[str]:
    """Name every breach of the rules in the page as it stands: the rule, and where."""
    page.wait_for_load_state("load")
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SOURCE)
    found: list[dict[str, Any]] = page.evaluate(_RUN, RULES)
    return [
        f"{each['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


def sideways(page: "Page") -> list[str]:
    """Name what makes a page wider than its window, if anything does (WCAG 2.2, 1.4.10)."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          const out = [...document.querySelectorAll("body *")].filter(
            each => each.getBoundingClientRect().right > wide + 1);
          return out.slice(-3).map(each => each.outerHTML.slice(0, 160));
        }"""
    )
