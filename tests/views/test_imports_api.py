"""Imports of rosters as programs see them: from the upload to the undoing, and what is refused on the way."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from pymongo.database import Database

from app.services.imports.working import work
from tests.factories.rosters.files import RosterFile, make_file
from tests.people import People
from tests.test_api_scope import token_of

Raw = dict[str, Any]
SIZE = 12


@dataclass
class Program:
    """A program that speaks for one person."""

    app: Flask
    headers: dict[str, str]

    def get(self, path: str = "", **query: Any) -> Any:
        return self.app.test_client().get(f"/api/v1/imports/{path}", headers=self.headers, query_string=query)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        sent = {} if body is None else {"json": body}
        return self.app.test_client().post(f"/api/v1/imports/{path}", headers=self.headers, **sent, **more)

    def send(self, file: RosterFile, **form: str) -> Any:
        data = {"file": (io.BytesIO(file.data), file.name), **form}
        return self.post("", data=data, content_type="multipart/form-data")

    def sent(self, file: RosterFile, **form: str) -> str:
        """The id of a file's import once the background has read it."""
        answer = self.send(file, **form)
        assert answer.status_code == 202, answer.text
        self.work(answer.json["id"])
        return str(answer.json["id"])

    def work(self, pk: str) -> None:
        """What the background does."""
        with self.app.app_context():
            work(pk)

    def result(self, pk: str) -> Raw:
        found: Raw = self.get(pk).json["result"]
        return found


@pytest.fixture
def programs(app: Flask, people: People) -> dict[str, Program]:
    return {name: Program(app, token_of(app, user)) for name, user in people.users.items()}


@pytest.fixture
def lao(programs: dict[str, Program]) -> Program:
    return programs["lao"]


@pytest.fixture
def school(db: Database[Raw], people: People) -> Raw:
    found = db.schools.find_one({"_id": people.places.takhop_tambon.own})
    assert found is not None
    return found


@pytest.fixture
def file(school: Raw) -> RosterFile:
    return make_file("lec", "xlsx", ("wrong_ids", "thai_digits"), SIZE, school=school)


def test_a_file_is_sent_previewed_applied_and_undone(
    lao: Program, file: RosterFile, school: Raw, db: Database[Raw]
) -> None:
    taken, refused = file.expected.taken, file.expected.refused
    answer = lao.send(file, school=school["_id"], reason="ตามหลักฐาน")
    assert answer.status_code == 202, answer.text
    pk = answer.json["id"]
    assert answer.headers["Location"].endswith(f"/api/v1/imports/{pk}")
    assert answer.json["result"]["state"] == "reading"
    lao.work(pk)
    run = lao.result(pk)
    assert (run["state"], run["rows"], run["layout"], run["questions"]) == ("preview", SIZE, "lec", [])
    assert {name: n for name, n in run["numbers"].items() if n} == {"new": taken, "refused": refused}

    found = lao.get(f"{pk}/rows", deed="refused").json["result"]
    assert [(row["sheet"], row["row"]) for row in found] == [fault[:2] for fault in file.expected.faults]
    assert found[0]["troubles"][0]["field"] == "national_id" and found[0]["troubles"][0]["message"]
    [counts] = lao.get(f"{pk}/schools").json["result"]
    assert counts["school"] == school["_id"]
    assert sum(n for grade in counts["after"].values() for n in grade.values()) == taken

    assert lao.post(f"{pk}/apply").status_code == 202
    assert lao.result(pk)["state"] == "applying"
    lao.work(pk)
    assert (lao.result(pk)["state"], lao.result(pk)["applied"]) == ("applied", taken)
    assert db.students.count_documents({"school_code": school["_id"]}) == taken
    for kind, rows in (("accepted", taken), ("refused", refused)):
        made = lao.get(f"{pk}/files/{kind}")
        assert made.status_code == 200 and "no-store" in made.headers["Cache-Control"]
        sheet = load_workbook(io.BytesIO(made.data)).worksheets[0]
        assert sheet.max_row > rows

    assert lao.post(f"{pk}/undo").status_code == 202
    lao.work(pk)
    assert lao.result(pk)["state"] == "undone"
    assert db.students.count_documents({}) == 0


def test_rows_come_in_pages_and_are_put_right(lao: Program, file: RosterFile, school: Raw) -> None:
    pk = lao.sent(file, school=school["_id"])
    seen, after = [], 0
    while after is not None:
        page = lao.get(f"{pk}/rows", after=after, page_size=5).json
        seen += [row["n"] for row in page["result"]]
        after = page["next"]
    assert seen == list(range(1, SIZE + 1))

    [refused, *_] = lao.get(f"{pk}/rows", deed="refused").json["result"]
    fixed = lao.post(f"{pk}/rows/{refused['id']}", {"typed": {"national_id": "G990000000001"}})
    assert fixed.status_code == 200, fixed.text
    assert (fixed.json["result"]["deed"], fixed.json["result"]["troubles"]) == ("new", [])
    out = lao.post(f"{pk}/rows/{refused['id']}", {"left_out": True})
    assert out.json["result"]["left_out"] is True
    assert lao.result(pk)["left_out"] == 1
    for body in ({"typed": "x"}, {"typed": {"room": 1}}, {"left_out": "yes"}, {"other": 1}, []):
        assert lao.post(f"{pk}/rows/{refused['id']}", body).status_code == 400, body
    wrong = lao.post(f"{pk}/rows/{refused['id']}", {"typed": {"nothing": "x"}})
    assert (wrong.status_code, list(wrong.json["fields"])) == (422, ["nothing"])
    for query in ({"deed": "x"}, {"after": "-1"}, {"page_size": "1000"}, {"strange": "1"}):
        assert lao.get(f"{pk}/rows", **query).status_code == 400, query


def test_questions_are_told_with_their_choices_and_answered(lao: Program, school: Raw) -> None:
    file = make_file("dmc-short", "xlsx", ("two_digit_years",), SIZE, school=school)
    pk = lao.sent(file, school=school["_id"])
    questions = {one["key"]: one for one in lao.result(pk)["questions"]}
    assert {key: one["rows"] for key, one in questions.items()} == file.expected.asked
    assert [one["value"] for one in questions["birth_date:two-digit-era"]["options"]] == ["be", "ce"]
    too_soon = lao.post(f"{pk}/apply")
    assert too_soon.status_code == 409 and too_soon.json["message"]
    wrong = lao.post(f"{pk}/answers", {"answers": {"birth_date:two-digit-era": "x"}})
    assert wrong.status_code == 422
    answer = lao.post(f"{pk}/answers", {"answers": file.expected.answers, "_reason": "ก"})
    assert answer.status_code == 202, answer.text
    lao.work(pk)
    assert {name: n for name, n in lao.result(pk)["numbers"].items() if n} == {"new": SIZE}
    assert all(one["answer"] for one in lao.result(pk)["questions"])


def test_columns_of_an_unknown_file_are_said(lao: Program, school: Raw) -> None:
    text = b"aaa,bbb,ccc\r\n1,2,3\r\n4,5,6\r\n"
    unknown = RosterFile("x.csv", text, "", "csv", (), make_file(size=6).expected)
    pk = lao.sent(unknown, school=school["_id"])
    assert lao.result(pk)["state"] == "mapping"
    columns = {"0": "national_id", "1": "first_name", "2": "last_name"}
    answer = lao.post(f"{pk}/columns", {"sheets": [{"index": 0, "header": 0, "columns": columns}]})
    assert answer.status_code == 202, answer.text
    lao.work(pk)
    assert lao.result(pk)["numbers"]["refused"] == 2
    strange = {"index": 0, "header": 0, "columns": {"x": "title"}}
    for body in ({}, {"sheets": [{}]}, {"sheets": [strange]}, {"sheets": 1}):
        assert lao.post(f"{pk}/columns", body).status_code == 400, body


def test_an_import_is_cancelled_once(lao: Program, file: RosterFile, school: Raw) -> None:
    pk = lao.sent(file, school=school["_id"])
    assert lao.post(f"{pk}/cancel").status_code == 202
    assert lao.result(pk)["state"] == "cancelled"
    assert lao.post(f"{pk}/cancel").status_code == 409
    assert lao.post(f"{pk}/undo").status_code == 409


def test_ids_are_whole_for_who_writes_the_roster_and_masked_for_others(
    programs: dict[str, Program], people: People, file: RosterFile, school: Raw, app: Flask
) -> None:
    pk = programs["lao"].sent(file, school=school["_id"])
    numbers = list(file.expected.values)
    assert all(number in programs["lao"].get(f"{pk}/rows").text for number in numbers)
    assert all(number in programs["dla"].get(f"{pk}/rows").text for number in numbers)
    _let_the_province_read(app)
    shown = programs["province"].get(f"{pk}/rows")
    assert shown.status_code == 200 and len(shown.json["result"]) == SIZE
    assert not any(number in shown.text for number in numbers)
    assert programs["province"].get(f"{pk}/files/refused").status_code == 403
    assert programs["province"].post(f"{pk}/apply").status_code == 403


def _let_the_province_read(app: Flask) -> None:
    with app.app_context():
        sm = app.extensions["appbuilder"].sm
        sm.add_permission_role(sm.find_role("province"), sm.find_permission_view_menu("can_show", "RosterImportView"))


def test_a_foreign_import_does_not_exist(programs: dict[str, Program], file: RosterFile, school: Raw, db: Any) -> None:
    pk = programs["lao"].sent(file, school=school["_id"])
    row = db.import_rows.find_one({})["_id"]
    before = db.import_runs.find_one({})
    for name in ("neighbour", "far"):
        program = programs[name]
        for path in (pk, f"{pk}/rows", f"{pk}/schools", f"{pk}/files/refused"):
            assert program.get(path).status_code == 404, path
        for path in ("apply", "cancel", "undo", "answers", "columns", f"rows/{row}"):
            assert program.post(f"{pk}/{path}", {"answers": {}} if path == "answers" else {}).status_code == 404, path
        assert program.get("").json["count"] == 0
        assert program.send(file, school=school["_id"]).status_code == 403
        assert program.send(file, lao=school["lao_code"]).status_code == 403
    assert db.import_runs.find_one({}) == before
    assert db.import_runs.count_documents({}) == 1
    other = programs["lao"].sent(file, school=school["_id"])
    assert programs["lao"].post(f"{other}/rows/{row}", {"left_out": True}).status_code == 404


def test_what_is_no_upload_is_refused_in_words(
    programs: dict[str, Program], lao: Program, file: RosterFile, school: Raw, app: Flask, db: Any
) -> None:
    assert lao.post("", {"file": "x"}).status_code == 415
    nothing = lao.post("", data={"school": school["_id"]}, content_type="multipart/form-data")
    assert (nothing.status_code, list(nothing.json["fields"])) == (400, ["file"])
    assert lao.send(file, school=school["_id"], state="applied").status_code == 400
    assert lao.send(file, school="nowhere").status_code in (403, 422)
    huge = RosterFile("x.xlsx", bytes(app.config["MAX_CONTENT_LENGTH"] + 1), "", "", (), file.expected)
    assert lao.send(huge, school=school["_id"]).status_code == 413
    assert lao.send(file, school=school["_id"], reason="ก" * 501).status_code == 400
    for role in ("province", "district"):
        assert programs[role].send(file, school=school["_id"]).status_code == 403
    assert app.test_client().post("/api/v1/imports/").status_code == 401
    assert db.import_runs.count_documents({}) == 0

    text = RosterFile("x.xlsx", b"PK\x03\x04 not a workbook", "", "", (), file.expected)
    run = lao.result(lao.sent(text, school=school["_id"]))
    assert run["state"] == "failed" and run["error"]


def test_a_refusal_is_in_the_language_that_was_asked_for(lao: Program, file: RosterFile, school: Raw) -> None:
    pk = lao.sent(file, school=school["_id"])
    thai, english = (lao.post(f"{pk}/undo?_l_={language}").json["message"] for language in ("th", "en"))
    assert "ย้อนกลับ" in thai and "undone" in english


def test_the_document_describes_what_there_is(lao: Program, app: Flask) -> None:
    document = app.test_client().get("/api/v1/_openapi", headers=lao.headers).json
    told = {path: methods for path, methods in document["paths"].items() if path.startswith("/api/v1/imports")}
    mine = {path.removeprefix("/api/v1/imports"): list(methods) for path, methods in told.items()}
    routes = {
        (rule.rule.removeprefix("/api/v1/imports").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/imports")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }  # fmt: skip
    assert {(path, method) for path, methods in mine.items() for method in methods} == routes
    upload = document["paths"]["/api/v1/imports/"]["post"]["requestBody"]["content"]
    assert list(upload) == ["multipart/form-data"]
    assert json.dumps(document)
