"""Swagger UI in a real Chromium: it draws our document under a strict policy, with nothing from elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.fabmongo.api.shelter import Program

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-x'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
)


@pytest.fixture
def served(the_zoo: Any) -> Iterator[str]:
    """The zoo on a port, every answer with the policy."""

    def strict(environ: Any, start: Any) -> Any:
        def begin(status: str, headers: list[Any], *rest: Any) -> Any:
            return start(status, [*headers, ("Content-Security-Policy", POLICY)], *rest)

        return the_zoo.app.wsgi_app(environ, begin)

    server = make_server("127.0.0.1", 0, strict, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.mark.browser
def test_the_page_shows_the_document_and_sends_a_request(the_zoo: Any, served: str, chromium: Any) -> None:
    cookie = the_zoo.visitor(the_zoo.a).client.get_cookie("session")
    token = Program(the_zoo.app, the_zoo.a).headers["Authorization"].removeprefix("Bearer ")
    complaints: list[str] = []
    context = chromium.new_context()
    context.add_cookies([{"name": "session", "value": cookie.value, "url": served}])
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda asked: asked.url.startswith((served, "data:")) or complaints.append(asked.url))
    page.goto(f"{served}/api/docs/")
    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("auth-bearer-value").first.fill(token)
    page.get_by_role("button", name="Apply credentials").first.click()
    page.get_by_role("button", name="Close").last.click()
    page.locator("#operations-tag-animals").click()
    page.locator("#operations-animals-animals_list .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table .response").get_by_text("Tom").first.wait_for()
    context.close()
    assert complaints == []
