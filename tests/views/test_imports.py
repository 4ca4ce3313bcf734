"""Pages of roster imports: each state, mending and applying through the pages, and those who may not."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from app.rules.imports.fields import LABELS
from app.services.imports.working import work
from tests.people import Browser, People
from tests.services.imports.planned import TEMPLATE, roster, texts

Raw = dict[str, Any]
NEW = {
    "national_id": "1101700230708", "title": "เด็กชาย", "first_name": "มานะ", "last_name": "เรียนดี", "sex": "ชาย",
    "birth_date": "03/01/2560", "grade": "ป.1", "status": "กำลังศึกษา", "admitted_on": "16/05/2566",
}  # fmt: skip


@pytest.fixture
def pupils(db: Database[Raw], people: People) -> list[Raw]:
    """Five students of the own school of ทต.ตะขบ."""
    lao = people.places.takhop_tambon
    db.students.insert_many(roster(lao, lao.own, 5))
    return list(db.students.find().sort("_id", 1))


def table(rows: list[dict[str, str]]) -> bytes:
    """A CSV file in the layout of LEC's template."""
    out = io.StringIO()
    writer = csv.DictWriter(out, TEMPLATE, extrasaction="ignore")
    writer.writerow({name: LABELS[name][0] for name in TEMPLATE})
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def run_work(browser: Browser, key: str) -> None:
    """What the background does, here and now."""
    with browser.client.application.app_context():
        work(key)


def send(browser: Browser, data: bytes, name: str = "ไฟล์.csv", **form: str) -> str:
    """The address of the import of a file that was taken and read."""
    answer = browser.post("/imports/new", {"file": (io.BytesIO(data), name), **form})
    assert answer.status_code == 302, answer.text
    run_work(browser, answer.location.rpartition("/")[2])
    return str(answer.location)


def key_of(address: str) -> str:
    return address.rpartition("/")[2]


def file_of(pupils: list[Raw]) -> bytes:
    """The first pupil with another room, the second as stored, a new one, and one whose number is wrong."""
    changed = {**texts(pupils[0]), "room": "9"}
    wrong = {**NEW, "national_id": "1101700230709", "first_name": "ปิติ"}
    return table([changed, texts(pupils[1]), NEW, wrong])


def row_of(db: Database[Raw], address: str, deed: str) -> Raw:
    found = db.import_rows.find_one({"run": ObjectId(key_of(address)), "deed": deed})
    assert found is not None, deed
    return found


def test_a_file_is_previewed_mended_applied_and_undone(people: People, pupils: list[Raw], db: Database[Raw]) -> None:
    browser = people.browser("lao")
    address = send(browser, file_of(pupils), school=pupils[0]["school_code"])
    before = list(db.students.find().sort("_id", 1))
    page = browser.get(address).text
    assert "รอตรวจและยืนยัน" in page and "เพิ่มใหม่ 1 คน" in page and "แก้ไข 1 คน" in page
    assert "เพิ่มใหม่ 1 · แก้ไข 1 · ไม่มีในไฟล์ 3 · รับไม่ได้ 1" in browser.get("/imports/list/").text
    assert "1101700230708" not in page.replace('value="1101700230709"', ""), "an ID number is shown in full"

    refused = row_of(db, address, "refused")
    fixed = browser.post(f"/imports/{key_of(address)}/rows/{refused['_id']}", {"v-national_id": "1101700203450"})
    assert fixed.status_code == 302 and f"one={refused['_id']}" in fixed.location
    assert db.import_rows.find_one({"_id": refused["_id"]})["deed"] == "new"  # type: ignore[index]
    assert "ปิติ" in browser.get(fixed.location).text

    changed = row_of(db, address, "changed")
    browser.post(f"/imports/{key_of(address)}/rows", {"action": "out", "rowid": str(changed["_id"])})
    assert "แก้ไข 1 คน" not in browser.get(address).text
    browser.post(f"/imports/{key_of(address)}/rows", {"action": "in", "rowid": str(changed["_id"])})
    assert list(db.students.find().sort("_id", 1)) == before, "something was written before it was confirmed"

    applied = browser.post(f"/imports/{key_of(address)}/apply", {"reason": "ตามไฟล์"})
    assert applied.status_code == 302
    assert "data-poll=" in browser.get(address).text
    run_work(browser, key_of(address))
    page = browser.get(address).text
    assert "บันทึกลงทะเบียนแล้ว" in page
    assert db.students.find_one({"_id": pupils[0]["_id"]})["room"] == "9"  # type: ignore[index]
    assert db.students.count_documents({"first_name": "มานะ"}) == 1

    again = send(browser, file_of(pupils), school=pupils[0]["school_code"])
    page = browser.get(again).text
    assert "ไฟล์นี้เคยนำเข้าแล้ว" in page and "ไม่มีอะไรต้องบันทึก" in page
    refusal = browser.post(f"/imports/{key_of(again)}/apply", {"reason": "ก"})
    assert refusal.status_code == 409 and "ไม่มี" in refusal.text

    assert browser.post(f"/imports/{key_of(address)}/undo").status_code == 302
    run_work(browser, key_of(address))
    assert "ย้อนกลับแล้ว" in browser.get(address).text
    assert db.students.count_documents({}) == len(pupils)
    assert db.students.find_one({"_id": pupils[0]["_id"]})["room"] == pupils[0]["room"]  # type: ignore[index]


def test_a_fix_that_is_refused_keeps_what_was_typed(people: People, pupils: list[Raw], db: Database[Raw]) -> None:
    browser = people.browser("lao")
    address = send(browser, file_of(pupils), school=pupils[0]["school_code"])
    refused = row_of(db, address, "refused")
    path = f"/imports/{key_of(address)}/rows/{refused['_id']}"
    browser.post(path, {"v-first_name": "ชูใจ"})
    stale = browser.post(path, {"v-first_name": "วีระ", "v-last_name": "พิมพ์ไว้"})
    assert stale.status_code == 409
    assert 'value="พิมพ์ไว้"' in stale.text and 'role="alert"' in stale.text
    assert db.import_rows.find_one({"_id": refused["_id"]})["edits"] == {"first_name": "ชูใจ"}  # type: ignore[index]


def test_questions_are_asked_once_and_a_wrong_answer_stays(
    people: People, pupils: list[Raw], db: Database[Raw]
) -> None:
    browser, code = people.browser("lao"), pupils[0]["school_code"]
    address = send(browser, table([{**NEW, "birth_date": "03/01/60"}]), school=code)
    page = browser.get(address).text
    assert "ตอบก่อนยืนยัน 1 ข้อ" in page and re.search(r'id="apply" disabled', page)
    name = "q-birth_date:two-digit-era"
    answer = browser.post(f"/imports/{key_of(address)}/answers", {name: "no-such"})
    assert answer.status_code == 400 and "โปรดเลือกคำตอบ" in answer.text
    assert browser.post(f"/imports/{key_of(address)}/answers", {name: "be"}).status_code == 302
    run_work(browser, key_of(address))
    assert "คำตอบของท่าน" in browser.get(address).text
    assert row_of(db, address, "new")["values"]["birth_date"] == datetime(2017, 1, 3)


UNKNOWN = "เลขบัตร;ชื่อเด็ก;สกุลเด็ก;เกิดวันที่;อยู่ชั้น\n1101700230708;มานะ;เรียนดี;03/01/2560;ป.1\n"


def test_an_unknown_file_asks_for_its_columns_and_the_layout_is_kept(
    people: People, pupils: list[Raw], db: Database[Raw]
) -> None:
    browser, code = people.browser("lao"), pupils[0]["school_code"]
    address = send(browser, UNKNOWN.encode(), school=code)
    page = browser.get(address).text
    assert "คอลัมน์ใดคืออะไร" in page and "ชื่อเด็ก" in page
    assert "1101700230708" not in page, "samples show an ID number"
    fields = ("national_id", "first_name", "last_name", "birth_date", "grade")
    form = {"use-0": "1", "header-0": "0", "seen-0": "0", "c-0-99": "room", "c-0-x": "room"}
    form |= {f"c-0-{place}": field for place, field in enumerate(fields)}
    path = f"/imports/{key_of(address)}/columns"
    look = browser.post(path, {**form, "do": "look"})
    assert look.status_code == 200 and "ป.1" in look.text
    assert db.import_runs.find_one({"_id": ObjectId(key_of(address))})["state"] == "mapping"  # type: ignore[index]
    none = browser.post(path, {"use-0": "1", "header-0": "0", "seen-0": "0", "do": "use", "save_as": "แบบ ศพด."})
    assert none.status_code == 400 and 'value="แบบ ศพด."' in none.text
    del form["c-0-99"]
    assert browser.post(path, {**form, "do": "use", "save_as": "แบบ ศพด."}).status_code == 302
    run_work(browser, key_of(address))
    assert "รอตรวจและยืนยัน" in browser.get(address).text
    assert db.import_layouts.count_documents({"name": "แบบ ศพด.", "lao_code": people.places.takhop_tambon.code}) == 1
    second = send(browser, UNKNOWN.replace("มานะ", "ชูใจ").encode(), school=code)
    assert "แบบ ศพด." in browser.get(second).text and "รอตรวจและยืนยัน" in browser.get(second).text


STATES = {
    "reading": ("data-poll=", "ยังไม่บันทึกอะไรลงทะเบียน"),
    "applying": ("data-poll=", "กำลังบันทึกลงทะเบียน"),
    "undoing": ("data-poll=", "กำลังย้อนกลับ"),
    "failed": ("นำเข้าไม่สำเร็จ", "ตั้งรหัสผ่านไว้"),
    "cancelled": ("ยกเลิกการนำเข้าแล้ว", "ไม่มีอะไรถูกบันทึก"),
    "undone": ("ย้อนกลับแล้ว",),
    "applied": ("บันทึกลงทะเบียนแล้ว", 'id="undo"'),
}


def store(db: Database[Raw], people: People, state: str, **fields: Any) -> str:
    """The key of an import in some state, of ทต.ตะขบ."""
    run = {
        "state": state, "level": "lao", "file_name": "ก.xlsx", "requested_by": "lao",
        "requested_on": datetime(2024, 6, 1),
        "numbers": {}, "applied": 7 if state == "applied" else 0, "error_th": "ไฟล์ตั้งรหัสผ่านไว้", "error_en": "x",
        **people.places.takhop_tambon.path, **fields,
    }  # fmt: skip
    return str(db.import_runs.insert_one(run).inserted_id)


@pytest.mark.parametrize("state", STATES)
def test_each_state_says_what_happens_and_what_to_do(people: People, db: Database[Raw], state: str) -> None:
    page = people.browser("lao").get(f"/imports/show/{store(db, people, state)}").text
    for text in STATES[state]:
        assert text in page


def test_an_import_whose_rows_are_cleared_offers_neither_files_nor_undo(people: People, db: Database[Raw]) -> None:
    key = store(db, people, "applied", cleared_on=datetime(2024, 9, 1))
    page = people.browser("lao").get(f"/imports/show/{key}").text
    assert "กำหนดเวลาเก็บรักษา" in page and 'id="undo"' not in page and "/accepted" not in page


def test_the_live_part_ends_with_the_work(people: People, db: Database[Raw]) -> None:
    browser = people.browser("lao")
    at_work = store(db, people, "applying", progress_done=3, progress_total=12)
    assert '<progress max="12" value="3"' in browser.get(f"/imports/{at_work}/progress").text
    assert "data-poll-reload" in browser.get(f"/imports/{store(db, people, 'applied')}/progress").text


def test_the_form_says_what_is_missing_and_keeps_the_school(people: People, pupils: list[Raw]) -> None:
    browser, lao = people.browser("lao"), people.places.takhop_tambon
    answer = browser.post("/imports/new", {"school": lao.centre})
    assert answer.status_code == 400 and "ยังไม่ได้เลือกไฟล์" in answer.text
    assert f'value="{lao.centre}" selected' in answer.text
    assert lao.other not in browser.get("/imports/new").text, "a school without a roster is offered"
    foreign = people.places.takhop_sao.own
    data = {"file": (io.BytesIO(file_of(pupils)), "a.csv"), "school": foreign}
    assert browser.post("/imports/new", data).status_code == 403
    assert foreign not in browser.get(f"/imports/schools?q={foreign}").text


EVIL = '"><script>alert(1)</script>'
EVIL_NAME = "<img src=x onerror=alert(1)>.csv"


def test_what_a_file_says_is_never_markup(people: People, pupils: list[Raw], db: Database[Raw]) -> None:
    browser, code = people.browser("lao"), pupils[0]["school_code"]
    wrong = {**NEW, "first_name": EVIL, "last_name": EVIL, "grade": EVIL}
    address = send(browser, table([wrong, {**NEW, "room": EVIL[:9]}]), name=EVIL_NAME, school=code, reason=EVIL)
    row = row_of(db, address, "refused")
    asked = f"one={row['_id']}&words={EVIL}&school={EVIL}&kind={EVIL}&deed={EVIL}"
    pages = [address, "/imports/list/", f"{address}?{asked}"]
    odd = send(browser, UNKNOWN.replace("ชื่อเด็ก", EVIL).replace("มานะ", EVIL).encode(), name=EVIL_NAME, school=code)
    for path in (*pages, odd):
        page = browser.get(path)
        assert page.status_code == 200 and "<script>alert" not in page.text and "<img src=x" not in page.text, path
    assert "&lt;script&gt;alert" in browser.get(address).text
    form = {"do": "use", "save_as": EVIL, "header-0": EVIL, "use-0": EVIL}
    refused = browser.post(f"/imports/{key_of(odd)}/columns", form)
    assert "<script>alert" not in refused.text


POSTS = ("columns", "answers", "rows", "apply", "cancel", "undo", "rows/{row}")


def test_another_lao_reaches_neither_run_nor_row(people: People, pupils: list[Raw], db: Database[Raw]) -> None:
    address = send(people.browser("lao"), file_of(pupils), school=pupils[0]["school_code"])
    run, row = key_of(address), row_of(db, address, "changed")
    before = list(db.import_rows.find()), list(db.import_runs.find())
    for person in ("neighbour", "far"):
        browser = people.browser(person)
        for path in (f"show/{run}", f"{run}/progress", f"{run}/columns", f"{run}/accepted", f"{run}/refused"):
            assert browser.get(f"/imports/{path}").status_code == 404, path
        for path in POSTS:
            data = {"action": "out", "rowid": str(row["_id"]), "reason": "ก", "v-first_name": "ก"}
            assert browser.post(f"/imports/{run}/{path.format(row=row['_id'])}", data).status_code == 404, path
        assert run not in browser.get("/imports/list/").text
    assert (list(db.import_rows.find()), list(db.import_runs.find())) == before


def test_rows_of_another_import_are_not_reached_through_ones_own(
    people: People, pupils: list[Raw], db: Database[Raw]
) -> None:
    browser, code = people.browser("lao"), pupils[0]["school_code"]
    mine = key_of(send(browser, file_of(pupils), school=code))
    other = send(people.browser("school"), file_of(pupils))
    row = row_of(db, other, "changed")
    assert browser.post(f"/imports/{mine}/rows/{row['_id']}", {"v-first_name": "ก"}).status_code == 404
    assert browser.post(f"/imports/{mine}/rows", {"action": "out", "rowid": str(row["_id"])}).status_code == 400
    assert f'id="one-{row["_id"]}"' not in browser.get(f"/imports/show/{mine}?one={row['_id']}").text
    assert db.import_rows.find_one({"_id": row["_id"]}) == row
    assert browser.post(f"/imports/{mine}/rows", {"action": "delete", "rowid": str(row["_id"])}).status_code == 400


def test_forged_fields_of_a_fix_are_not_taken(people: People, pupils: list[Raw], db: Database[Raw]) -> None:
    browser = people.browser("lao")
    address = send(browser, file_of(pupils), school=pupils[0]["school_code"])
    row = row_of(db, address, "refused")
    foreign = people.places.takhop_sao.own
    forged = {"v-student": str(pupils[2]["_id"]), "v-school_code": foreign, "v-_id": "1", "v-deed": "new"}
    browser.post(f"/imports/{key_of(address)}/rows/{row['_id']}", forged)
    after = db.import_rows.find_one({"_id": row["_id"]})
    assert after is not None and not after.get("edits") and after["school_code"] == row["school_code"]


@pytest.mark.parametrize("person", ["province", "district"])
def test_the_offices_above_read_and_do_nothing(
    people: People, pupils: list[Raw], db: Database[Raw], person: str
) -> None:
    address = send(people.browser("lao"), file_of(pupils), school=pupils[0]["school_code"])
    browser, run = people.browser(person), key_of(address)
    page = browser.get(address).text
    assert "รอตรวจและยืนยัน" in page and 'id="apply"' not in page and 'name="v-' not in page
    before = list(db.import_rows.find())
    for path in (*POSTS, "accepted", "refused"):
        target = f"/imports/{run}/{path.format(row=row_of(db, address, 'changed')['_id'])}"
        answer = browser.get(target) if path in ("accepted", "refused") else browser.post(target, {"action": "out"})
        assert answer.status_code in (302, 403) and "/imports/" not in (answer.location or "")
    assert browser.get("/imports/new").status_code in (302, 403)
    assert list(db.import_rows.find()) == before


def test_filters_show_what_they_say(people: People, pupils: list[Raw]) -> None:
    browser = people.browser("lao")
    address = send(browser, file_of(pupils), school=pupils[0]["school_code"])

    def shown(query: str) -> int:
        return len(re.findall(r'<tr id="row-', browser.get(f"{address}?{query}").text))

    assert shown("deed=new") == 1 and shown("deed=refused") == 1 and shown("deed=nothing") == shown("")
    assert shown("deed=missing") == 3, "who is not in the file"
    assert shown("words=มานะ") == 1 and shown("words=.*") == 0 and shown("words=4") == 1
    assert shown("mark=left_out") == 0 and shown("after=3") == shown("") - 3


def test_whoever_left_and_is_in_the_file_bears_a_mark(people: People, pupils: list[Raw], db: Database[Raw]) -> None:
    gone = {"status": "discharged", "left_on": datetime(2024, 3, 31)}
    db.students.update_one({"_id": pupils[0]["_id"]}, {"$set": gone})
    browser, silent = people.browser("lao"), {**texts(pupils[0]), "status": ""}
    address = send(browser, table([silent, *map(texts, pupils[1:])]), school=pupils[0]["school_code"])
    text = browser.get(f"{address}?mark=remarked&words={pupils[0]['first_name']}").text
    assert len(re.findall(r'<tr id="row-', text)) == 1
    assert "ทะเบียนบันทึกว่าออกจากสถานศึกษาแล้ว" in text
    assert 'id="row-' not in browser.get(f"{address}?mark=remarked&words=ไม่มีใคร").text
    assert "มีข้อสังเกตให้ตรวจ" in browser.get(address).text


def test_the_way_in_stands_where_rosters_are(app: Flask, people: People) -> None:
    lao = people.places.takhop_tambon
    for person, there in (("lao", True), ("province", False)):
        browser = people.browser(person)
        assert f"/rosters/?school={lao.own}" in browser.get(f"/schools/show/{lao.own}").text
        assert (f"/imports/new?school={lao.own}" in browser.get(f"/schools/show/{lao.own}").text) is there
        assert ('href="/imports/new"' in browser.get("/students/list/").text) is there
        assert "/imports/list/" in browser.get("/").text
    assert "/imports/new" not in people.browser("lao").get(f"/schools/show/{lao.other}").text


def test_files_are_noted_as_exports_and_a_written_preview_can_be_undone(
    people: People, pupils: list[Raw], db: Database[Raw]
) -> None:
    browser = people.browser("lao")
    address = send(browser, file_of(pupils), school=pupils[0]["school_code"])
    key = key_of(address)
    assert browser.get(f"/imports/{key}/refused").status_code == 200
    assert browser.get(f"/imports/{key}/original").data == file_of(pupils)
    noted = list(db.audit_entries.find({"verb": "export", "of": "students"}))
    assert [row["columns"] for row in noted] == [["refused"], ["original"]]
    assert [(row["rows"], row["whole"]) for row in noted] == [(1, True), (4, True)]
    assert 'id="undo"' not in browser.get(address).text
    db.import_runs.update_one({"_id": ObjectId(key)}, {"$set": {"applied": 1}})
    assert 'id="undo"' in browser.get(address).text
