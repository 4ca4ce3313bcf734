"""Whatever is done with a file on a page or by REST: no process of the web reads it, nor starts one that does."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pymongo.database import Database

from app.services.imports.files import reading
from tests.factories.chain import Chain
from tests.people import Browser, People
from tests.services.imports.planned import roster
from tests.services.test_list_uploads import book
from tests.views.test_imports import UNKNOWN, file_of, key_of, run_work

Raw = dict[str, Any]


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    def refuse(*_: Any) -> Any:
        raise AssertionError("a file is read")

    monkeypatch.setattr(reading, "_started", refuse)
    return monkeypatch


def sent(browser: Browser, data: bytes, **form: str) -> str:
    """The address of the import of a file, not read yet."""
    answer = browser.post("/imports/new", {"file": (io.BytesIO(data), "a.csv"), **form})
    assert answer.status_code == 302
    return str(answer.location)


@pytest.mark.parametrize("state", ["mapping", "preview"])
def test_no_page_of_an_import_reads_its_file(
    people: People, db: Database[Raw], monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    lao, browser = people.places.takhop_tambon, people.browser("lao")
    db.students.insert_many(roster(lao, lao.own, 5))
    data = UNKNOWN.encode() if state == "mapping" else file_of(list(db.students.find().sort("_id", 1)))
    real, started = reading._started, []

    def counted(*args: Any) -> Any:
        started.append(args)
        return real(*args)

    monkeypatch.setattr(reading, "_started", counted)
    address = sent(browser, data, school=lao.own)
    key = key_of(address)
    assert not started
    run_work(browser, key)
    assert len(started) == 1 and state == (db.import_runs.find_one() or {})["state"]
    form = {"use-0": "1", "header-0": "0", "seen-0": "0", "c-0-0": "national_id", "c-0-1": "first_name"}
    pages = [browser.get(f"/imports/{key}/columns"), browser.post(f"/imports/{key}/columns", {**form, "do": "look"})]
    pages += [browser.get(address), browser.get(f"/imports/{key}/original")]
    assert [page.status_code for page in pages] == [200, 200, 200, 200]
    if state == "preview":
        refused = browser.get(f"/imports/{key}/refused")
        assert refused.status_code == 200 and refused.data.startswith(b"PK")
    chosen = browser.post(f"/imports/{key}/columns", {**form, "c-0-2": "last_name", "do": "use"})
    assert chosen.status_code == 302, chosen.text
    assert len(started) == 1, "a page has read the file"
    run_work(browser, key)
    assert len(started) == 2


def test_the_page_of_a_certified_list_reads_no_file(people: People, db: Database[Raw], unread: Any) -> None:
    chain, browser = Chain(db, people.places), people.browser("lao")
    page = f"/certified-counts/{chain.key(chain.home.other)}"
    taken = browser.post(f"{page}/names", {"file": (io.BytesIO(book(1, 1)), "a.xlsx")})
    assert taken.status_code == 302 and browser.get(page).status_code == 200
