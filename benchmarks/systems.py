"""The three systems: how each is started, signed in to, and under which address each has a page."""

from __future__ import annotations

import html
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from app.devservers.processes import Child, wait_until
from benchmarks.client import Client, form_with


class Server:
    """One system under gunicorn with one worker process; a subclass knows its addresses."""

    name = ""
    factory = ""
    by_key = True
    """Whether the list's link to the next page goes by key."""

    def __init__(self, log_folder: Path, env: Mapping[str, str]) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-c", "python:benchmarks.web", f"{self.factory}:application()"]
        log = log_folder / f"{self.factory}.log"
        self._child = Child(self.name, command, log, {**env, "PORT": str(self.port), "PYTHONUTF8": "1"})

    def wait_ready(self, seconds: float = 60) -> None:
        """Return when it accepts requests; raises RuntimeError with its last words when it does not."""
        if not wait_until(lambda: _listens(self.port), self._child, seconds):
            raise RuntimeError(f"{self.name}: {self._child.last_line()} (see {self._child.log})")

    def stop(self) -> None:
        self._child.stop(5)

    def sign_in(self, username: str, password: str) -> Client:
        client = Client(self.port)
        if client.get(f"/sign-in/{username}").status >= 400:
            raise RuntimeError(f"{self.name}: {username} could not sign in")
        return client

    def list(self, page: int = 0, prefix: str = "", school: str = "", lao: str = "") -> str:
        raise NotImplementedError

    def show(self, pk: str) -> str:
        raise NotImplementedError

    def edit(self, pk: str) -> str:
        raise NotImplementedError

    def export(self, lao: str) -> str:
        raise NotImplementedError

    def next_link(self, text: str) -> str | None:
        """The address of the next page, as the page itself gives it."""
        found = re.search(r'<a[^>]*rel="next"[^>]*>', text)
        target = re.search(r'href="([^"]*)"', found[0]) if found else None
        if target is None:
            return None
        path = html.unescape(target[1])
        return self.list() + path if path.startswith("?") else path


class Product(Server):
    """LEC."""

    name = "LEC"
    factory = "benchmarks.product"
    prefix_index = 0

    def sign_in(self, username: str, password: str) -> Client:
        client = Client(self.port)
        fields = dict(form_with(client.get("/login/").text, "password"))
        client.post("/login/", [*{**fields, "username": username, "password": password}.items()])
        page = client.get(self.list())
        if page.status != 200:
            raise RuntimeError(f"{self.name}: {username} could not sign in ({page.status})")
        self.prefix_index = _option(page.text, "last_name", ("ขึ้นต้นด้วย", "Starts with"))
        return client

    def list(self, page: int = 0, prefix: str = "", school: str = "", lao: str = "") -> str:
        given = {
            "page_StudentView": str(page or ""), f"_flt_{self.prefix_index}_last_name": prefix,
            "_flt_0_school": school, "_flt_0_lao": lao,
        }  # fmt: skip
        return _address("/students/list/", given)

    def show(self, pk: str) -> str:
        return f"/students/show/{pk}"

    def edit(self, pk: str) -> str:
        return f"/students/edit/{pk}"

    def export(self, lao: str) -> str:
        return _address("/students/export", {"format": "csv", "_flt_0_lao": lao})


class ByHand(Server):
    """Flask, pymongo and one template."""

    name = "by hand"
    factory = "benchmarks.byhand"

    def list(self, page: int = 0, prefix: str = "", school: str = "", lao: str = "") -> str:
        return _address("/students", {"page": str(page or ""), "prefix": prefix, "school": school, "lao": lao})

    def show(self, pk: str) -> str:
        return f"/students/{pk}"

    def edit(self, pk: str) -> str:
        return f"/students/{pk}/edit"

    def export(self, lao: str) -> str:
        return _address("/students.csv", {"lao": lao})


class FlaskAdmin(Server):
    """Flask-Admin 2.2."""

    name = "Flask-Admin"
    factory = "benchmarks.flaskadmin"
    by_key = False

    def list(self, page: int = 0, prefix: str = "", school: str = "", lao: str = "") -> str:
        return _address("/students/", {"page": str(page or ""), "flt0_0": prefix, "flt0_1": school, "flt0_2": lao})

    def show(self, pk: str) -> str:
        return f"/students/details/?id={pk}"

    def edit(self, pk: str) -> str:
        return f"/students/edit/?id={pk}"

    def export(self, lao: str) -> str:
        return _address("/students/export/csv/", {"flt0_2": lao})


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(mongo_uri: str, redis_url: str, folder: Path, secret: str) -> dict[str, str]:
    """What all three are started with; LEC takes it as a production installation."""
    return {
        "LEC_ENV": "production", "LEC_DATA_DIR": str(folder / "lec"), "SECRET_KEY": secret,
        "PUBLIC_URL": "https://127.0.0.1", "SMTP_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "lec@lec.example",
        "MONGODB_URI": mongo_uri, "REDIS_URL": redis_url, "PATH": os.environ.get("PATH", ""),
    }  # fmt: skip


def _address(path: str, given: dict[str, str]) -> str:
    wanted = {name: value for name, value in given.items() if value}
    return f"{path}?{urlencode(wanted)}" if wanted else path


def _option(text: str, column: str, labels: tuple[str, ...]) -> int:
    """The number of the filter with one of these labels in the search form's row of a column."""
    row = text.partition(f'data-filter-row="{column}"')[2].partition("</select>")[0]
    for value, label in re.findall(r'<option value="(\d+)"[^>]*>([^<]*)</option>', row):
        if label.strip() in labels:
            return int(value)
    raise LookupError(f"{column} has no filter {labels}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
