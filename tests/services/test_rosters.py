"""Export to import is a no-op in every layout; and the two result files of an import."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import openpyxl
import pytest
from flask import Flask
from pymongo.database import Database

from app.fabmongo.scope import acting_as
from app.fabmongo.security.models import User
from app.reports.rosters import delimited, lec_export, name_list, oneroster, own
from app.reports.rosters.refused import REASON
from app.services.imports.results import write_accepted, write_refused
from app.services.rosters import choose, pupils
from tests.factories.places import Places, make_places
from tests.services.imports.planned import deeds, person, planned, roster, rows_of

Raw = dict[str, Any]


def csv_file(out: Any, head: Any, pupils: Any) -> None:
    for piece in delimited.roster(head, pupils):
        out.write(piece.encode())


LAYOUTS: dict[str, Callable[..., Any]] = {
    "template": own.write, "roster": partial(own.write, prepared=0), "csv": csv_file, "lec-export": lec_export.write,
    "lec-2": name_list.write, "oneroster": oneroster.write,
}  # fmt: skip


@pytest.fixture
def places(app: Flask, db: Database[Raw]) -> Iterator[Places]:
    with app.app_context():
        yield make_places(db)


@pytest.fixture
def officer(db: Database[Raw], places: Places) -> User:
    return person(db, "officer", places.takhop_tambon.area())


@pytest.fixture
def rosters(db: Database[Raw], places: Places) -> list[Raw]:
    """Two schools of one LAO; among them G-codes, leading zeros, empty and full optional fields, long stays."""
    lao = places.takhop_tambon
    rows = roster(lao, lao.own, 40, seed=3) + roster(lao, lao.centre, 12, seed=4)
    db.schools.update_many({"kind": {"$ne": "other"}}, {"$set": {"grades": ["P1", "P2", "P3"]}})
    rows[0] |= {"national_id": "G123456789012", "weight_kg": 21.5, "height_cm": 118.0, "religion": "พุทธ", "room": "01"}
    rows[1] |= {"student_no": None, "room": None, "nationality": None, "first_name": "อัน-นา", "last_name": "ณ ถลาง"}
    rows[2] |= {"status": "absent_long", "student_no": "000012"}
    db.students.insert_many(rows)
    return rows


def exported(actor: User, layout: str, **where: str) -> bytes:
    out = io.BytesIO()
    with acting_as(actor):
        head = choose(actor, **where)
        assert head is not None
        rows = pupils(actor, head, studying_only=layout == "lec-2")
        LAYOUTS[layout](out, head, rows)
    return out.getvalue()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_went_out_comes_in_unchanged(
    db: Database[Raw], officer: User, rosters: list[Raw], places: Places, layout: str
) -> None:
    for where in ({"school": places.takhop_tambon.own}, {"lao": places.takhop_tambon.code}):
        run = planned(officer, exported(officer, layout, **where))
        expected = 52 if "lao" in where else 40
        if layout == "lec-2":
            expected -= 1  # who is absent for long is on no certified list
        found = [deed for deed in deeds(db, run) if deed != "missing"]
        wrong = [row for row in rows_of(db, run) if row["deed"] not in ("unchanged", "missing")]
        assert (len(found), set(found)) == (expected, {"unchanged"}), [
            (row["deed"], row["changes"], row["troubles"]) for row in wrong[:3]
        ]  # fmt: skip


def refused_book(run: Any) -> tuple[Any, bytes]:
    out = io.BytesIO()
    write_refused(run, out)
    return openpyxl.load_workbook(io.BytesIO(out.getvalue())), out.getvalue()


def spoilt(data: bytes, sheet: str, cell: str, value: Any) -> bytes:
    """The workbook with one cell changed."""
    book, out = openpyxl.load_workbook(io.BytesIO(data)), io.BytesIO()
    book[sheet][cell] = value
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("layout", "first", "number"), [("template", 3, "C"), ("lec-export", 5, "P")])
def test_refused_rows_come_in_the_layout_of_the_file_and_go_in_once_they_are_mended(
    db: Database[Raw], officer: User, rosters: list[Raw], places: Places, layout: str, first: int, number: str
) -> None:
    data, own_code = exported(officer, layout, lao=places.takhop_tambon.code), places.takhop_tambon.own
    name = own_code if layout == "lec-export" else "รายชื่อนักเรียน"
    sheet = openpyxl.load_workbook(io.BytesIO(data))[name]
    right = sheet[f"{number}{first + 1}"].value
    run = planned(officer, spoilt(data, name, f"{number}{first + 1}", 1234567890128.0))
    book, _ = refused_book(run)
    (found,) = book.worksheets
    assert found.title == name and found.max_row == first
    end = found.max_column
    assert found.cell(first - 2 if layout == "template" else first - 1, end).value == REASON
    told = found.cell(first, end).value
    assert "เลขประจำตัวประชาชน:" in told and right not in told and "1234567890128" not in told
    wrong = found[f"{number}{first}"]
    assert (wrong.value, wrong.data_type) == ("1234567890128", "s")
    for column in range(1, end):
        if column != wrong.column:
            assert found.cell(first, column).value == sheet.cell(first + 1, column).value
    found[f"{number}{first}"] = right
    out = io.BytesIO()
    book.save(out)
    again = planned(officer, out.getvalue())
    assert again.layout == run.layout
    assert [deed for deed in deeds(db, again) if deed != "missing"] == ["unchanged"]


def test_a_refused_file_that_is_refused_again_has_one_column_of_reasons(
    db: Database[Raw], officer: User, rosters: list[Raw], places: Places
) -> None:
    data = exported(officer, "csv", school=places.takhop_tambon.own)
    number = rosters[5]["national_id"].encode()
    run = planned(officer, data.replace(number, b"1234567890128"))
    _, once = refused_book(run)
    book, twice = refused_book(planned(officer, once))
    headings = [cell.value for cell in book.worksheets[0][1]]
    assert headings.count(REASON) == 1 and headings[-1] == REASON
    assert [list(row) for row in openpyxl.load_workbook(io.BytesIO(once)).worksheets[0].values] == [
        list(row) for row in openpyxl.load_workbook(io.BytesIO(twice)).worksheets[0].values
    ]


def test_what_was_put_right_on_the_page_stands_in_the_file(
    db: Database[Raw], officer: User, rosters: list[Raw], places: Places
) -> None:
    data = exported(officer, "csv", school=places.takhop_tambon.own)
    run = planned(officer, data.replace(rosters[5]["national_id"].encode(), b"1234567890128"))
    db.import_rows.update_one({"run": run.pk, "deed": "refused"}, {"$set": {"edits": {"first_name": "=แก้แล้ว"}}})
    book, _ = refused_book(run)
    cell = book.worksheets[0]["C2"]
    assert (cell.value, cell.data_type) == ("=แก้แล้ว", "s")


def test_nothing_refused_says_so_and_a_school_that_failed_is_there_with_its_reason(
    db: Database[Raw], officer: User, rosters: list[Raw], places: Places
) -> None:
    data = exported(officer, "roster", school=places.takhop_tambon.own)
    run = planned(officer, data)
    assert refused_book(run)[0].worksheets[0]["A1"].value == "ไม่มีแถวที่ไม่รับ"
    db.import_rows.update_one({"run": run.pk, "n": 2}, {"$set": {"deed": "changed"}})
    db.import_schools.update_many({"run": run.pk}, {"$set": {"error_th": "ปิดรอบแล้ว", "error_en": "Closed"}})
    sheet = refused_book(run)[0].worksheets[0]
    assert sheet.max_row == 3 and sheet.cell(3, sheet.max_column).value == "ปิดรอบแล้ว"


def test_accepted_rows_have_their_students_ids_and_no_id_numbers(
    db: Database[Raw], officer: User, rosters: list[Raw], places: Places
) -> None:
    data = exported(officer, "roster", school=places.takhop_tambon.own)
    new = rosters[3]
    db.students.delete_one({"_id": new["_id"]})
    run = planned(officer, data)
    db.import_rows.update_many({"run": run.pk, "deed": "new"}, {"$set": {"state": "applied"}})
    out = io.BytesIO()
    write_accepted(run, out)
    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).worksheets[0]
    lines = list(sheet.iter_rows(min_row=4, values_only=True))
    assert len(lines) == 40
    (line,) = [line for line in lines if line[2] == "เพิ่มใหม่"]
    stored = db.import_rows.find_one({"run": run.pk, "deed": "new"})
    assert stored is not None
    assert line[1] == stored["row"] and line[3] == str(stored["student"])
    assert {line[3] for line in lines if line[2] == "เหมือนเดิม"} == {
        str(row["_id"]) for row in db.students.find({"school_code": places.takhop_tambon.own})
    }
    numbers = {row["national_id"] for row in rosters}
    assert not numbers & {cell for row in sheet.iter_rows(values_only=True) for cell in row}
