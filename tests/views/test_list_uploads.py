"""Sending a certified list on its page: taken at once, watched while it is read, its end in words."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database

from app.enums import RunState
from app.services import evidence
from tests.factories.chain import Chain
from tests.people import Browser, People
from tests.services.test_list_uploads import book

Raw = dict[str, Any]


@pytest.fixture
def page(db: Database[Raw], people: People) -> str:
    chain = Chain(db, people.places)
    return f"/certified-counts/{chain.key(chain.home.other)}"


def send(browser: Browser, page: str, data: bytes, name: str = "list.xlsx") -> Any:
    return browser.post(f"{page}/names", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def read(people: People, db: Database[Raw]) -> RunState | None:
    with people.app.app_context():
        return evidence.read_list(str((db.list_uploads.find_one() or {})["_id"]))


def test_a_file_is_taken_watched_and_told_of(people: People, db: Database[Raw], page: str) -> None:
    browser = people.browser("lao")
    sent = send(browser, page, book(3, 2))
    assert sent.status_code == 302 and sent.location.endswith(f"{page}#names-title")
    shown = browser.get(page).text
    assert f'data-poll="{page}/names"' in shown and "list.xlsx" in shown
    assert f'data-poll="{page}/names"' in browser.get(f"{page}/names").text
    assert read(people, db) is RunState.DONE
    ended = browser.get(f"{page}/names").text
    assert "data-poll=" not in ended and "data-poll-reload" in ended and "นำเข้ารายชื่อ 5 คน" in ended
    assert "data-poll" not in browser.get(page).text, "the page would load itself again and again"
    assert "นำเข้ารายชื่อ 5 คน" in browser.get(page).text


def test_refused_rows_stand_on_the_page_and_nothing_of_the_file_is_markup(
    people: People, db: Database[Raw], page: str
) -> None:
    browser = people.browser("lao")
    send(browser, page, book(2, 0, number="<b>9</b>"), name="<img src=x>.xlsx")
    assert read(people, db) is RunState.FAILED
    for url in (page, f"{page}/names"):
        text = browser.get(url).text
        assert "แก้ไข 2 แถว" in text and re.search(r"แถว 2: ", text)
        assert "<img src=x>" not in text and "<b>9</b>" not in text


def test_who_only_reads_sees_that_a_file_is_read_and_cannot_send_one(people: People, page: str) -> None:
    send(people.browser("lao"), page, book(3, 2))
    district = people.browser("district")
    assert "data-poll=" in district.get(page).text
    assert send(district, page, book(1, 1)).status_code in (302, 403)
    assert people.browser("neighbour").get(f"{page}/names").status_code == 404
    assert send(people.browser("neighbour"), page, book(1, 1)).status_code == 404


def test_a_file_in_line_says_so(people: People, db: Database[Raw], page: str) -> None:
    send(people.browser("lao"), page, book(3, 2))
    other = db.import_runs.insert_one({"state": "reading", "requested_by": "lao", "worker": "w"}).inserted_id
    db.reading_turns.insert_one({"_id": "lao", "of": "import_runs", "job": other, "since": datetime.now(UTC)})
    assert "ระบบอ่านทีละไฟล์" in people.browser("lao").get(page).text


def test_an_empty_or_missing_file_is_told_at_once(people: People, db: Database[Raw], page: str) -> None:
    browser = people.browser("lao")
    assert send(browser, page, b"").status_code == 400
    assert browser.post(f"{page}/names", {}).status_code == 302
    assert db.list_uploads.count_documents({}) == 0
