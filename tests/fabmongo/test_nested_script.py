"""Rows of a form in a real browser: added, moved and removed, also those inside a row."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "app/static/js/lec/repeat.js"
START = """<script type="module">import { initRepeats } from "./repeat.js";
initRepeats(document, () => {}); window.ready = true;</script>"""


@pytest.fixture
def page(the_ark: Any, tmp_path: Path, chromium: Any) -> Iterator[Any]:
    """The form for a new ark with the script on it, and nothing else."""
    html = the_ark.visitor(the_ark.a).get("/arkview/add?_class=Ark").text
    form = html[html.index('<form id="model_form"') :]
    head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
    (tmp_path / "index.html").write_text(head + form[: form.index("</form>")] + "</form>" + START)
    shutil.copy(SCRIPT, tmp_path)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = chromium.new_page()
    found.goto(f"http://127.0.0.1:{server.server_port}/index.html")
    found.wait_for_function("window.ready")
    yield found
    found.close()
    server.shutdown()
    server.server_close()


@pytest.mark.browser
def test_rows_are_added_moved_and_removed(page: Any) -> None:
    def names() -> list[str]:
        values: list[str] = page.evaluate(
            """[...document.querySelectorAll("#cabins > .nested > ol > li")].map(
                (row) => row.querySelector("[name$='-name']").value)"""
        )
        return values

    box = page.locator("#cabins > .nested")
    rows = box.locator("> ol > li")
    add = box.locator("> [data-repeat-add]")
    add.click()
    add.click()
    for index, name in enumerate(("one", "two", "three")):
        rows.nth(index).locator("[name$='-name']").first.fill(name)
    tools = "> .repeat__tools "
    rows.nth(2).locator(tools + "[data-repeat-up]").click()
    assert names() == ["one", "three", "two"]
    assert rows.nth(0).locator(tools + "[data-repeat-up]").is_disabled()
    assert rows.nth(2).locator(tools + "[data-repeat-down]").is_disabled()
    rows.nth(0).locator(tools + "[data-repeat-remove]").click()
    assert names() == ["three", "two"]

    inner = rows.nth(0).locator("[data-repeat]")
    inner.locator("[data-repeat-add]").click()
    assert (inner.locator("li").count(), rows.count()) == (2, 2)
    inner.locator("[data-repeat-remove]").first.click()
    assert (inner.locator("li").count(), names()) == (1, ["three", "two"])
    posted = page.evaluate("[...new FormData(document.getElementById('model_form')).keys()]")
    assert not [name for name in posted if "__row" in name]
    assert len({name for name in posted if name.endswith("-name") and name.startswith("cabins")}) == 2
