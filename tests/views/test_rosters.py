"""The page of roster files and its downloads: who gets what, and that each export is noted."""

import csv
import io
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from pymongo.database import Database

from tests.factories.people import a_roster, a_student
from tests.people import Browser, People

Raw = dict[str, Any]


@pytest.fixture
def school(db: Database[Raw], people: People) -> Raw:
    """The own school of ตะขบ with 12 students, one of whom has left."""
    found = db.schools.find_one({"_id": people.places.takhop_tambon.own})
    assert found is not None
    db.students.insert_many(a_roster(11, **found))
    path = {name: found[name] for name in ("lao_code", "district_code", "province_code")}
    db.students.insert_one(
        a_student(school_code=found["_id"], **path, left_on=datetime(2024, 9, 1), status="moved", student_no="99")
    )
    return dict(found)


def sheet_of(answer: Any, name: str | None = None) -> Any:
    assert answer.status_code == 200, answer.status_code
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return book[name] if name else book.worksheets[0]


def lines(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_an_officer_takes_the_roster_in_each_layout_and_each_is_noted(
    people: People, school: Raw, db: Database[Raw]
) -> None:
    browser, at = people.browser("lao"), f"school={school['_id']}"
    numbers = {row["national_id"] for row in db.students.find({"left_on": None})}
    rows = lines(browser.get(f"/rosters/roster?{at}&layout=lec&format=csv"))
    assert {row["เลขประจำตัวประชาชน"] for row in rows} == numbers and len(rows) == 11
    sheet = sheet_of(browser.get(f"/rosters/roster?{at}&layout=lec&format=xlsx"))
    assert {row[0] for row in sheet.iter_rows(min_row=3, values_only=True)} == numbers
    for layout in ("lec-export", "lec-2"):
        sheet = sheet_of(browser.get(f"/rosters/roster?{at}&layout={layout}"), school["_id"])
        assert len({cell for row in sheet.iter_rows(values_only=True) for cell in row} & numbers) == 11
    bundle = zipfile.ZipFile(io.BytesIO(browser.get(f"/rosters/roster?{at}&layout=oneroster").data))
    assert "manifest.csv" in bundle.namelist()
    noted = list(db.audit_entries.find({"verb": "export", "of": "students"}).sort("at", 1))
    assert [(row["format"], row["rows"], row["whole"]) for row in noted] == [
        ("csv", 11, True), ("xlsx", 11, True), ("xlsx", 11, True), ("xlsx", 11, True), ("zip", 11, True),
    ]  # fmt: skip


def test_who_has_left_is_there_only_when_asked_for(people: People, school: Raw) -> None:
    browser = people.browser("school")
    rows = lines(browser.get("/rosters/roster?layout=lec&format=csv&left=1"))
    assert len(rows) == 12 and [row["วันที่ออก"] for row in rows if row["วันที่ออก"]] == ["01/09/2567"]
    sheet = sheet_of(browser.get("/rosters/roster?layout=lec-export&left=1"))
    assert sheet.max_row == 4 + 11


@pytest.mark.parametrize("who", ["province", "district"])
def test_who_may_not_change_students_gets_masked_numbers_and_no_filled_template(
    people: People, school: Raw, db: Database[Raw], who: str
) -> None:
    browser, at = people.browser(who), f"school={school['_id']}"
    numbers = {row["national_id"] for row in db.students.find()}
    for layout in ("lec", "lec-export", "lec-2"):
        sheet = sheet_of(browser.get(f"/rosters/roster?{at}&layout={layout}"))
        assert not numbers & {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    bundle = zipfile.ZipFile(io.BytesIO(browser.get(f"/rosters/roster?{at}&layout=oneroster").data))
    text = b"".join(bundle.read(name) for name in bundle.namelist()).decode()
    assert not any(number in text for number in numbers)
    assert browser.get(f"/rosters/template?{at}&filled=1").status_code == 403
    page = browser.get(f"/rosters/?{at}").text
    assert "แสดงเพียงบางส่วน" in page and "filled=1" not in page


def test_the_template_is_blank_or_filled(people: People, school: Raw, db: Database[Raw]) -> None:
    browser = people.browser("school")
    assert sheet_of(browser.get("/rosters/template"))["A3"].value is None
    assert db.audit_entries.count_documents({"verb": "export"}) == 0
    filled = sheet_of(browser.get("/rosters/template?filled=1"))
    order = [("grade", 1), ("room", 1), ("student_no", 1)]
    stored = [row["national_id"] for row in db.students.find({"left_on": None}).sort(order)]
    assert [cell.value for cell in filled["A"][2:13]] == stored
    assert db.audit_entries.count_documents({"verb": "export", "rows": 11}) == 1


def test_another_area_is_not_there(people: People, school: Raw) -> None:
    for who in ("neighbour", "far"):
        browser = people.browser(who)
        for path in ("", "template", "roster", "counts", "findings"):
            for at in (f"school={school['_id']}", f"lao={school['lao_code']}"):
                assert browser.get(f"/rosters/{path}?{at}").status_code == 404, (who, path, at)
    assert people.browser("school").get(f"/rosters/roster?lao={school['lao_code']}").status_code == 404


def test_an_lao_takes_all_its_schools_and_chooses_one(people: People, school: Raw) -> None:
    browser = people.browser("lao")
    page = browser.get("/rosters/").text
    assert f'value="school:{school["_id"]}"' in page and "layout=oneroster" in page
    assert browser.get(f"/rosters/?place=school:{school['_id']}").location == f"/rosters/?school={school['_id']}"
    rows = lines(browser.get("/rosters/roster?layout=lec&format=csv"))
    assert {(row["รหัสสถานศึกษา"], row["ชื่อสถานศึกษา"]) for row in rows} == {(school["_id"], school["name_th"])}


def test_a_wider_office_must_choose_first(people: People, school: Raw) -> None:
    browser = people.browser("province")
    page = browser.get("/rosters/")
    assert page.status_code == 200 and "ajax-select" in page.text and "layout=" not in page.text
    assert browser.get("/rosters/roster?layout=lec").status_code == 404
    found = browser.get("/rosters/places?q=ตะขบ").get_json()["results"]
    assert f"lao:{school['lao_code']}" in {one["id"] for one in found}


def test_a_school_of_another_affiliation_has_counts_but_no_roster(people: People, db: Database[Raw]) -> None:
    other, browser = people.places.takhop_tambon.other, people.browser("lao")
    page = browser.get(f"/rosters/?school={other}")
    assert page.status_code == 200 and "ไม่มีทะเบียนรายคน" in page.text and "layout=" not in page.text
    assert browser.get(f"/rosters/roster?school={other}").status_code == 400
    assert lines(browser.get(f"/rosters/counts?school={other}&round=2567-2&format=csv")) == []


def test_counts_and_findings_are_files_too(people: People, school: Raw, db: Database[Raw]) -> None:
    path = {name: school[name] for name in ("lao_code", "district_code", "province_code")}
    db.submissions.insert_one(
        {"_id": f"2567-2:{school['_id']}", "round_code": "2567-2", "school_code": school["_id"], "kind": "school",
         "state": "in_progress", "source": "roster", "counts": [{"grade": "P1", "male": 3, "female": 4}], "male": 3,
         "female": 4, "total": 7, **path}
    )
    db.findings.insert_one(
        {"_id": "x", "rule": "age-for-grade", "state": "open", "severity": "warning", "text_th": "=อายุไม่ตรง",
         "text_en": "x", "field": "birth_date", "student_name": "ก", "school_code": school["_id"], **path}
    )
    browser: Browser = people.browser("lao")
    (row,) = lines(browser.get("/rosters/counts?round=2567-2&format=csv"))
    assert (row["รหัสสถานศึกษา"], row["ชั้น"], row["ชาย"], row["หญิง"]) == (school["_id"], "ป.1", "3", "4")
    sheet = sheet_of(browser.get("/rosters/counts?round=2567-2"), "รายสถานศึกษา")
    assert sheet["E8"].value == school["_id"] and sheet["K8"].value == 3
    (row,) = lines(browser.get("/rosters/findings?format=csv"))
    assert row["ช่อง"] == "วันเกิด" and row["สิ่งที่พบ"] == "'=อายุไม่ตรง"
    sheet = sheet_of(browser.get("/rosters/findings"))
    assert sheet["H5"].value == "=อายุไม่ตรง" and sheet["H5"].data_type == "s"
    assert browser.get("/rosters/findings?format=pdf").status_code == 404
