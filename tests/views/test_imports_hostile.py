"""What somebody who means harm sends to the pages and the interface of imports, and what comes of it: nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from tests.people import Browser, People, make_person
from tests.test_api_scope import token_of
from tests.views.test_imports import NEW, file_of, key_of, pupils, row_of, send, table
from tests.views.test_imports_api import Program

__all__ = ["pupils"]
Raw = dict[str, Any]
WRONG = "1101700230709"
"""The ID number of the row of `file_of` that is refused."""


@pytest.fixture
def address(people: People, pupils: list[Raw]) -> str:
    """A previewed import of the own school, sent by its LAO."""
    return send(people.browser("lao"), file_of(pupils), school=pupils[0]["school_code"])


@pytest.mark.parametrize("words", ["%00", "a%00b", "²", "¼", "๔", "%ED%A0%80", "\\", "(", "9" * 400, "$where"])
def test_whatever_is_looked_for_has_an_answer(people: People, address: str, words: str) -> None:
    assert people.browser("lao").get(f"{address}?words={words}").status_code == 200


@pytest.mark.parametrize("level", ["province", "district"])
def test_a_role_that_may_import_is_nothing_where_the_area_keeps_no_rosters(
    app: Flask, people: People, address: str, db: Database[Raw], level: str
) -> None:
    odd = make_person("odd", "lao", people.places.takhop_tambon.area(level))
    browser, program = Browser(app, odd), Program(app, token_of(app, odd))
    one, run = row_of(db, address, "refused")["_id"], key_of(address)
    for query in ("", "?deed=refused", f"?one={one}"):
        page = browser.get(address + query)
        assert page.status_code == 200 and WRONG not in page.text and 'name="v-' not in page.text
        assert 'id="apply"' not in page.text
    for path in ("columns", "accepted", "refused", "original"):
        assert browser.get(f"/imports/{run}/{path}").status_code == 403, path
    for kind in ("accepted", "refused"):
        assert program.get(f"{run}/files/{kind}").status_code == 403, kind
    assert WRONG not in program.get(f"{run}/rows").text


@pytest.mark.parametrize(
    "columns", [{"99999": "national_id"}, {"1048575": "national_id"}, {"-1": "national_id"}, {"0": "_id"}]
)
def test_columns_that_the_file_has_not_are_refused(
    app: Flask, people: People, address: str, db: Database[Raw], columns: Raw
) -> None:
    lao, before = Program(app, token_of(app, people["lao"])), db.import_runs.find_one()
    sheet = {"index": 0, "header": 0, "columns": columns}
    for sheets in ([sheet], [sheet] * 9):
        assert lao.post(f"{key_of(address)}/columns", {"sheets": sheets}).status_code in (400, 422)
    assert db.import_runs.find_one() == before


def test_a_layout_is_named_in_few_words(app: Flask, people: People, pupils: list[Raw], db: Database[Raw]) -> None:
    lao = Program(app, token_of(app, people["lao"]))
    data = {"file": (io.BytesIO(file_of(pupils)), "a.csv"), "school": pupils[0]["school_code"], "layout": "x" * 100_000}
    answer = lao.post("", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422 and "layout" in answer.json["fields"]
    assert db.import_runs.count_documents({}) == 0


STRAY = "1103700230701"
"""An ID number that stands where none belongs."""


def test_an_id_number_in_a_wrong_column_is_no_more_readable_than_in_its_own(
    app: Flask, people: People, db: Database[Raw]
) -> None:
    rows = [
        {**NEW, "first_name": f"มานะ  {STRAY}", "last_name": "เรียน  ดี"},
        {**NEW, "national_id": WRONG, "first_name": f"{STRAY}", "religion": f"พุทธ  {STRAY}", "grade": f"ป.9 {STRAY}"},
        {**NEW, "national_id": WRONG, "student_no": STRAY, "room": f"ห้อง {STRAY}", "status": f"ลา {STRAY}"},
    ]
    address = send(people.browser("lao"), table(rows), school=people.places.takhop_tambon.own)
    stored = str(list(db.import_rows.find()))
    assert STRAY in stored, "the roster and its import hold what was typed"
    odd = make_person("odd", "lao", people.places.takhop_tambon.area("district"))
    reader, program = Browser(app, odd), Program(app, token_of(app, odd))
    for row in db.import_rows.find():
        assert STRAY not in reader.get(f"{address}?one={row['_id']}").text
    assert STRAY not in reader.get(address).text
    run = key_of(address)
    for path in (run, f"{run}/rows", f"{run}/schools"):
        answer = program.get(path)
        assert answer.status_code == 200 and STRAY not in answer.text, path
    assert STRAY in Program(app, token_of(app, people["lao"])).get(f"{run}/rows").text
