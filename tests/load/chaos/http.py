"""HTTP as the proxy in front would pass it on, and what an answer says of a write: taken, refused or not known."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

import urllib3

HOST = "lec.example"
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
SECONDS = 75.0
"""Longer than the web waits for an election."""


class Lost(Exception):
    """No whole answer came: what was asked for may have been done."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    location: str
    etag: str

    def json(self) -> Any:
        return json.loads(self.text)


class Connection:
    """One program or browser with its cookies, behind a proxy that speaks for `address`."""

    def __init__(self, port: int, address: str, seconds: float = SECONDS) -> None:
        timeout = urllib3.Timeout(connect=5, read=seconds)
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1, timeout=timeout, retries=False)
        self._proxied = {
            "Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST, "X-Forwarded-For": address,
            # what Flask-WTF asks of a browser on HTTPS
            "Referer": f"https://{HOST}/",
        }  # fmt: skip
        self.cookies: dict[str, str] = {}
        self.bearer = ""

    def send(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Answer:
        """One request. Raises Lost."""
        own = {**self._proxied, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.bearer:
            own["Authorization"] = f"Bearer {self.bearer}"
        elif self.cookies:
            own["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            answer = self._pool.request(method, path, body=body, headers=own, redirect=False)
            text = answer.data.decode("utf-8", "replace")
        except urllib3.exceptions.HTTPError as error:
            raise Lost(type(error).__name__) from error
        for value in answer.headers.getlist("Set-Cookie"):
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return Answer(answer.status, text, answer.headers.get("Location", ""), answer.headers.get("ETag", ""))

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post_form(self, path: str, fields: dict[str, Any]) -> Answer:
        body = urlencode(fields, doseq=True)
        return self.send("POST", path, body, Content_Type="application/x-www-form-urlencoded")

    def send_json(self, method: str, path: str, fields: dict[str, Any], **headers: str) -> Answer:
        return self.send(method, path, json.dumps(fields), Content_Type="application/json", **headers)

    def send_file(self, path: str, fields: dict[str, Any]) -> Answer:
        body, kind = urllib3.encode_multipart_formdata(fields)
        return self.send("POST", path, body, Content_Type=kind)

    def sign_in(self, username: str, password: str) -> bool:
        """By the form, as a person does. Raises Lost."""
        page = self.get("/login/")
        token = TOKEN.search(page.text)
        if page.status != 200 or token is None:
            return False
        fields = {"username": username, "password": password, "csrf_token": unescape(token[1])}
        return self.post_form("/login/", fields).status == 302

    def take_token(self, username: str, password: str) -> bool:
        """As a program does. Raises Lost."""
        self.bearer = ""
        answer = self.send_json("POST", "/api/v1/security/login", {"username": username, "password": password})
        if answer.status == 200:
            self.bearer = answer.json()["access_token"]
        return answer.status == 200
