"""Reading a page as a browser without script does: its forms with what stands in them."""

from html.parser import HTMLParser

import msgspec


class Found(msgspec.Struct):
    """One form: where it is sent, and its fields as they would be sent untouched."""

    action: str
    fields: dict[str, str]


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Found] = []
        self._name = ""
        self._area = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Found(said.get("action", ""), {}))
        elif tag == "input" and "name" in said and self.found:
            if said.get("type") not in ("radio", "checkbox") or "checked" in said:
                self.found[-1].fields[said["name"]] = said.get("value", "")
        elif tag in ("textarea", "select"):
            self._name, self._area = said["name"], tag == "textarea"
            self.found[-1].fields[self._name] = ""
        elif tag == "option" and "selected" in said:
            self.found[-1].fields[self._name] = said["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = False

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1].fields[self._name] += data


def every(page: str) -> list[Found]:
    """List the forms of a page."""
    return _Forms(page).found


def of_step(page: str, step: str, *, on_behalf: bool = False) -> Found:
    """Return the form of a step on the page of a referral."""
    return next(
        form
        for form in every(page)
        if form.fields.get("act") == step and ("on_behalf" in form.fields) == on_behalf
    )


def sent_to(page: str, action: str) -> Found:
    """Return the form that is sent to an address."""
    return next(form for form in every(page) if form.action == action)
