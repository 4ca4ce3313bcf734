"""What a browser would post for a form: every input of the page as it stands."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class Inputs(HTMLParser):
    """The (name, value) pairs of the big form, in the order of the page; templates do not count."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self.inside = False
        self.template = 0
        self.noscript = 0
        self.select: str | None = None
        self.multiple = False
        self.chosen: list[str] = []
        self.area: str | None = None
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        own = dict(attributes)
        if tag == "form":
            self.inside = own.get("id") == "model_form"
        self.template += tag == "template"
        self.noscript += tag == "noscript"
        if not self.inside or self.template or self.noscript:
            return
        name = own.get("name")
        if tag == "input" and name and own.get("type") != "file":
            if own.get("type") != "checkbox" or "checked" in own:
                self.pairs.append((name, own.get("value") or ""))
        elif tag == "select" and name:
            self.select, self.multiple, self.chosen, self.first = name, "multiple" in own, [], None
        elif tag == "option" and self.select:
            value = own.get("value") or ""
            self.first = value if self.first is None else self.first
            if "selected" in own:
                self.chosen.append(value)
        elif tag == "textarea" and name:
            self.area, self.text = name, ""

    def handle_endtag(self, tag: str) -> None:
        self.template -= tag == "template"
        self.noscript -= tag == "noscript"
        if tag == "form":
            self.inside = False
        elif tag == "select" and self.select:
            chosen = self.chosen or ([] if self.multiple or self.first is None else [self.first])
            self.pairs += [(self.select, value) for value in chosen]
            self.select = None
        elif tag == "textarea" and self.area:
            # A browser drops the first line break and sends the others as CR LF.
            text = self.text.replace("\r\n", "\n")
            text = text[1:] if text.startswith("\n") else text
            self.pairs.append((self.area, text.replace("\n", "\r\n")))
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text += data

    first: str | None = None


def inputs(page: str) -> dict[str, list[str]]:
    """Name → values of everything that sending the form unchanged would post."""
    parser = Inputs()
    parser.feed(page)
    found: dict[str, list[str]] = {}
    for name, value in parser.pairs:
        found.setdefault(name, []).append(value)
    return found


def posted(page: str, **changes: Any) -> dict[str, Any]:
    """The page's own values with some changed; None leaves one out."""
    found: dict[str, Any] = {**inputs(page), **changes}
    return {name: value for name, value in found.items() if value is not None}
