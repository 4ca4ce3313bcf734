"""A real Chromium on the real one-command stack; console errors and requests that leave the machine fail the test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.devservers.running import RunningStack, free_port, running

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


class Stack:
    """The running product: its address, its data folder and its demo accounts by role."""

    def __init__(self, inner: RunningStack) -> None:
        self.url = f"http://127.0.0.1:{inner.port}"
        self.data_dir = inner.data_dir
        listed = json.loads((inner.data_dir / "demo_accounts.json").read_text())
        self.accounts: dict[str, dict[str, str]] = {account["role"]: account for account in listed}


class Watcher:
    """Notes whatever a page must not do."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.faults: list[str] = []
        self.expected: set[int] = set()

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: Any) -> None:
        refused = any(f"status of {status}" in message.text for status in self.expected)
        if message.type in ("error", "warning") and not refused:
            self.faults.append(f"console {message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:", "about:")):
            self.faults.append(f"left the machine: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status} {response.url}")


@contextmanager
def demo_stack(folder: Path, port: int) -> Iterator[Stack]:
    """`python run.py` with fresh demo data in a folder that is not there yet."""
    # Many people sign in from this one address within a minute.
    with running(folder, port, LOGIN_RATE_LIMIT="1000 per minute") as inner:
        yield Stack(inner)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack that the tests share."""
    with demo_stack(tmp_path_factory.mktemp("stack") / "var", free_port()) as shared:
        yield shared


class Visit:
    """One person at one screen."""

    def __init__(self, stack: Stack, context: BrowserContext, size: str) -> None:
        self.stack, self.size = stack, size
        self.page: Page = context.new_page()
        self.watcher = Watcher(stack.url)
        self.watcher.watch(self.page)

    def open(self, path: str) -> None:
        self.page.goto(self.stack.url + path)

    def sign_in(self, role: str) -> None:
        account = self.stack.accounts[role]
        self.open("/login/")
        self.page.fill("#username", account["username"])
        self.page.fill("#password", account["password"])
        self.page.click("button[type=submit]")
        self.page.wait_for_url(f"{self.stack.url}/")

    def sign_out(self) -> None:
        self.page.context.clear_cookies()

    def choose(self, name: str, words: str, text: str | None = None) -> None:
        """Search in an AJAX select, as a person types, and take the choice that holds `text`."""
        field = self.page.locator(f"select[name='{name}'] + .select2")
        field.click()
        box = self.page.locator(".select2-container--open input.select2-search__field").last
        box.fill(words)
        self.page.locator(".select2-results__option", has_text=text or words).first.click()

    def no_sideways_scroll(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px too wide"

    def shot(self, name: str) -> None:
        """Keep a picture for whoever wants to look; the folder is not in the repository."""
        folder = Path(__file__).resolve().parents[2] / "test-output"
        folder.mkdir(exist_ok=True)
        self.page.screenshot(path=folder / f"{name}-{self.size}.png", full_page=True)


@pytest.fixture(params=list(SIZES))
def visit(request: pytest.FixtureRequest, stack: Stack, chromium: Browser) -> Iterator[Visit]:
    """A fresh browser window at each width; its faults fail the test at the end."""
    context = chromium.new_context(
        viewport=SIZES[request.param], locale="th-TH", timezone_id="Asia/Bangkok", accept_downloads=True
    )
    context.set_default_timeout(15_000)
    one = Visit(stack, context, request.param)
    yield one
    one.no_sideways_scroll()
    context.close()
    assert one.watcher.faults == []
