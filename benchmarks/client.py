"""A browser without a screen: one kept connection, cookies, forms filled from their own HTML, a stopwatch."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

CHUNK = 65_536
Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that was read to its end; seconds from sending to the last byte, `first` to the first."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    first: float

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Client:
    """One person's browser on one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path: str, **headers: str) -> Answer:
        return self._send("GET", path, None, headers)

    def post(self, path: str, fields: Fields, **given: str) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **given}
        return self._send("POST", path, urlencode(fields).encode(), headers)

    def twin(self) -> Client:
        """The same person in another window, on a connection of its own."""
        made = Client(self.port)
        made.cookies = dict(self.cookies)
        return made

    def close(self) -> None:
        self._connection.close()

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self.cookies:
            headers = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        start = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):  # the kept connection had ended
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        first = time.perf_counter() - start
        parts = []
        while part := response.read(CHUNK):
            parts.append(part)
        seconds = time.perf_counter() - start
        for text in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(text).items()}
        return Answer(response.status, dict(response.headers), b"".join(parts), seconds, first)


class _Forms(HTMLParser):
    """Collects what a browser would send for each form with method post."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self._form: Fields | None = None
        self._select: tuple[str, list[tuple[str, bool]], bool] | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = [] if given.get("method", "").lower() == "post" else None
            if self._form is not None:
                self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and given.get("name") and given.get("type") not in ("submit", "button", "file"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self._form.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = (given.get("name", ""), [], "multiple" in given)
        elif tag == "option" and self._select is not None:
            self._select[1].append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._area = given.get("name", "")
            self._form.append((self._area, ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None and self._form is not None:
            self._form[-1] = (self._area, (self._form[-1][1] + data).removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None and self._form is not None:
            name, options, many = self._select
            chosen = [value for value, selected in options if selected]
            if not chosen and options and not many:
                chosen = [options[0][0]]
            self._form.extend((name, value) for value in chosen)
            self._select = None


def form_with(html: str, field: str) -> Fields:
    """What the page's form that holds `field` would send as it stands; raises LookupError without such a form."""
    parser = _Forms()
    parser.feed(html)
    for form in parser.forms:
        if any(name == field for name, _ in form):
            return form
    raise LookupError(f"no form with a field {field}")
