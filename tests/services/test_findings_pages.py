"""The pages of findings: what each person sees, explaining, forged keys, and setting the rules."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import pytest
from pymongo.database import Database

from app.services import findings
from app.services.accounts import SYSTEM
from app.services.submissions import open_round
from tests.factories.people import IdNumbers, a_student
from tests.factories.places import LaoPlaces
from tests.people import People

Raw = dict[str, Any]
WARNED = {"birth_date": datetime(2010, 1, 1)}


@pytest.fixture
def shared(people: People, db: Database[Raw]) -> str:
    """One person at ทต.ตะขบ and in Buri Ram, a wrong title at ทต.ตะขบ and an odd age at both; the shared number."""
    db.schools.update_many({}, {"$set": {"grades": ["P1"]}})
    open_round(SYSTEM, people.places.round_2)
    findings.sync_rules()
    ids = IdNumbers(Random(8))
    number = ids.thai()
    for lao, name in ((people.places.takhop_tambon, "ลูกตะขบ"), (people.places.buriram_sao, "ลูกบุรีรัมย์")):
        _enrol(db, lao, national_id=number, first_name=name, **WARNED)
    _enrol(db, people.places.takhop_tambon, national_id=ids.thai(), first_name="ทองดี", title="เด็กหญิง")
    findings.check_schools([lao.own for lao in people.places.laos])
    return number


def _enrol(db: Database[Raw], lao: LaoPlaces, **changes: Any) -> None:
    db.students.insert_one(a_student(**{"school_code": lao.own, **lao.path, **changes}))


def key_of(db: Database[Raw], rule: str, lao: LaoPlaces) -> str:
    row = db.findings.find_one({"rule": rule, "lao_code": lao.code})
    assert row is not None
    return str(row["_id"])


@pytest.mark.parametrize(("role", "level"), [("school", "school"), ("lao", "lao")])
def test_people_of_a_school_and_of_its_lao_come_to_their_own_page(
    people: People, shared: str, role: str, level: str
) -> None:
    browser, home = people.browser(role), people.places.takhop_tambon
    answer = browser.get("/findings/")
    code = home.own if level == "school" else home.code
    assert answer.status_code == 302 and answer.location == f"/findings/place?area={level}:{code}"
    page = browser.get(answer.location).text
    assert "ทองดี" in page and "ลูกตะขบ" in page and "/students/edit/" in page
    assert "ลูกบุรีรัมย์" not in page and people.places.buriram_sao.name not in page and shared not in page
    assert "บุรีรัมย์" in page, "the province of the other school is told"


def test_the_offices_above_read_the_list_and_the_page_and_explain_nothing(people: People, shared: str) -> None:
    home = people.places.takhop_tambon
    for role in ("district", "province", "dla"):
        browser = people.browser(role)
        assert browser.get("/findings/").location == "/findings/list/"
        assert "อายุผิดจากปกติของชั้น" in browser.get("/findings/list/").text
        page = browser.get(f"/findings/place?area=lao:{home.code}").text
        assert "ทองดี" in page and "/explain" not in page
    assert people.places.buriram_sao.name in people.browser("dla").get(f"/findings/place?area=lao:{home.code}").text


def test_a_place_out_of_the_area_is_not_there(people: People, shared: str) -> None:
    away = people.places.takhop_sao
    for area in (f"lao:{away.code}", f"school:{away.own}", "country:", "district:3014", "", "lao", "x:y:z"):
        for role in ("lao", "school"):
            assert people.browser(role).get(f"/findings/place?area={area}").status_code == 404, area
            assert people.browser(role).get(f"/findings/progress?area={area}").status_code == 404
            assert people.browser(role).post("/findings/check", {"area": area}).status_code == 404


def test_an_explanation_is_written_on_the_page_and_a_refused_one_stays_in_its_box(
    people: People, shared: str, db: Database[Raw]
) -> None:
    browser, home = people.browser("school"), people.places.takhop_tambon
    key, area = key_of(db, "age-for-grade", home), f"school:{home.own}"
    refused = browser.post(f"/findings/{key}/explain", {"area": area, "explanation": "ก" * 501})
    assert refused.status_code == 400 and "ก" * 501 in refused.text and "โปรดเขียนให้สั้นลง" in refused.text
    answer = browser.post(f"/findings/{key}/explain", {"area": area, "explanation": "<b>เรียนซ้ำ</b>"})
    assert answer.status_code == 302 and answer.location.startswith(f"/findings/place?area={area}")
    page = browser.get(answer.location).text
    assert "&lt;b&gt;เรียนซ้ำ&lt;/b&gt;" in page and "<b>เรียนซ้ำ" not in page
    hidden = browser.get(f"/findings/place?area={area}&explained=hide").text
    assert "เรียนซ้ำ" not in hidden and "ทองดี" in hidden
    shared_key = key_of(db, "duplicate-across-schools", home)
    assert browser.post(f"/findings/{shared_key}/explain", {"area": area}).status_code == 400
    told = browser.post(f"/findings/{shared_key}/explain", {"area": area, "resolution": "100"})
    assert told.status_code == 302 and "พบตัวเรียนอยู่" in browser.get(f"/findings/place?area={area}").text


def test_forged_keys_and_roles_change_nothing(people: People, shared: str, db: Database[Raw]) -> None:
    home, away = people.places.takhop_tambon, people.places.buriram_sao
    before = list(db.findings.find().sort("_id"))
    area = f"lao:{home.code}"
    foreign, own = key_of(db, "age-for-grade", away), key_of(db, "age-for-grade", home)
    told = {"area": area, "explanation": "ปลอม", "resolution": "100"}
    for key in (foreign, "nothing", "age-for-grade", f"{own}x"):
        assert people.browser("lao").post(f"/findings/{key}/explain", told).status_code == 404
        assert people.browser("lao").get(f"/findings/show/{key}").status_code == 404
    for role in ("neighbour", "far"):
        assert people.browser(role).post(f"/findings/{own}/explain", told).status_code == 404
    for role in ("district", "province", "dla"):
        assert people.browser(role).post(f"/findings/{own}/explain", told).status_code in (302, 403)
    assert people.browser("lao").client.post(f"/findings/{own}/explain", data=told).status_code == 400, "no CSRF token"
    error = key_of(db, "title-sex", home)
    assert people.browser("lao").post(f"/findings/{error}/explain", told).status_code == 400
    assert list(db.findings.find().sort("_id")) == before


def test_the_button_checks_a_school_at_once(people: People, shared: str, db: Database[Raw]) -> None:
    browser, home = people.browser("school"), people.places.takhop_tambon
    assert "title-sex" in {row["rule"] for row in db.findings.find({"school_code": home.own, "state": "open"})}
    db.students.delete_many({"school_code": home.own})
    answer = browser.post("/findings/check", {"area": f"school:{home.own}"})
    assert answer.status_code == 302
    assert {row["rule"] for row in db.findings.find({"school_code": home.own, "state": "open"})} == {"empty-grade"}
    db.schools.update_one({"_id": home.own}, {"$set": {"status": "closed"}})
    browser.post("/findings/check", {"area": f"school:{home.own}"})
    assert "ไม่พบสิ่งที่ต้องแก้ไข" in browser.get(answer.location).text


def test_an_lao_is_checked_in_the_background(people: People, shared: str, db: Database[Raw]) -> None:
    browser, home = people.browser("lao"), people.places.takhop_tambon
    key = f"lao:{home.code}"
    assert browser.post("/findings/check", {"area": key}).status_code == 302
    assert "data-poll=" in browser.get(f"/findings/place?area={key}").text
    assert "data-poll=" in browser.get(f"/findings/progress?area={key}").text
    assert findings.run(key)
    assert "data-poll-reload" in browser.get(f"/findings/progress?area={key}").text


def test_the_list_leaves_out_what_is_put_right_and_tells_no_codes(
    people: People, shared: str, db: Database[Raw]
) -> None:
    browser, home = people.browser("district"), people.places.takhop_tambon
    db.findings.update_one({"_id": key_of(db, "title-sex", home)}, {"$set": {"state": "gone"}})
    page = browser.get("/findings/list/").text
    assert "ลูกตะขบ" in page and "ทองดี" not in page and people.places.buriram_sao.own not in page
    sheet = browser.get("/findings/export?format=csv")
    assert sheet.status_code == 200 and "ลูกตะขบ" in sheet.text and "ทองดี" not in sheet.text
    assert people.places.buriram_sao.own not in sheet.text


# -- rule settings -----------------------------------------------------------------------------


def test_the_dla_sets_a_rule_by_labelled_numbers(people: People, shared: str, db: Database[Raw]) -> None:
    browser = people.browser("dla")
    page = browser.get("/rule-settings/edit/large-change").text
    assert "เปลี่ยนตั้งแต่ (ร้อยละ)" in page and 'name="thresholds-percent"' in page and "{" not in page.split("<form")[-1]
    form = {"severity": "notice", "active": "y", "thresholds-percent": "๓๐", "thresholds-persons": "5"}
    assert browser.post("/rule-settings/edit/large-change", form).status_code == 302
    row = db.rule_settings.find_one({"_id": "large-change"})
    assert row is not None and (row["severity"], row["thresholds"]) == ("notice", {"percent": 30, "persons": 5})
    assert "เปลี่ยนตั้งแต่ (ร้อยละ) 30" in browser.get("/rule-settings/list/").text
    findings.sync_rules()
    assert db.rule_settings.find_one({"_id": "large-change"})["thresholds"] == {"percent": 30, "persons": 5}  # type: ignore[index]


@pytest.mark.parametrize("typed", ["-1", "0", "1001", "มาก", "2.5", "", "9" * 40])
def test_a_threshold_out_of_bounds_is_refused_and_kept_in_its_box(
    people: People, shared: str, db: Database[Raw], typed: str
) -> None:
    form = {"severity": "warning", "active": "y", "thresholds-percent": typed, "thresholds-persons": "5",
            "thresholds-other": "7"}  # fmt: skip
    answer = people.browser("dla").post("/rule-settings/edit/large-change", form)
    assert answer.status_code == 200 and "error-summary" in answer.text and f'value="{typed}"' in answer.text
    row = db.rule_settings.find_one({"_id": "large-change"})
    assert row is not None and row["thresholds"] == {"percent": 20, "persons": 10}


def test_rules_are_neither_added_nor_deleted_and_others_do_not_reach_them(people: People, shared: str) -> None:
    assert people.browser("dla").get("/rule-settings/add").status_code in (302, 403, 404)
    assert people.browser("dla").post("/rule-settings/delete/large-change").status_code in (302, 403, 404, 405)
    for role in ("lao", "school", "district", "province"):
        form = {"severity": "notice", "active": ""}
        assert people.browser(role).post("/rule-settings/edit/large-change", form).status_code in (302, 403)
    assert findings.load_settings()["large-change"].severity.value == "warning"


def test_a_person_at_two_schools_cannot_be_made_an_error(people: People, shared: str) -> None:
    form = {"severity": "error", "active": "y"}
    answer = people.browser("dla").post("/rule-settings/edit/duplicate-across-schools", form)
    assert answer.status_code == 200 and "สถานศึกษาสองแห่ง" in answer.text


def test_a_count_against_its_list_leads_to_where_both_are(people: People, shared: str, db: Database[Raw]) -> None:
    home = people.places.takhop_tambon
    counted = {"total": 5, "male": 3, "female": 2, "list_male": 2, "list_female": 2, "list_differs": True}
    key = f"2567-2:{home.other}"
    row = {"round_code": "2567-2", "school_code": home.other, "kind": "other", "state": "in_progress", **home.path}
    db.submissions.update_one({"_id": key}, {"$set": row | counted}, upsert=True)
    findings.check_schools([home.other])
    page = people.browser("lao").get(f"/findings/place?area=school:{home.other}").text
    assert f'href="/certified-counts/{key}"' in page
    assert "ยังไม่เคยตรวจสอบ" not in page
    assert people.browser("lao").get(f"/certified-counts/{key}").status_code == 200


def test_a_finding_leads_to_where_it_is_put_right(people: People, shared: str, db: Database[Raw]) -> None:
    home = people.places.takhop_tambon
    student = db.students.find_one({"first_name": "ลูกตะขบ"})
    db.listed_students.insert_one(
        {"submission_code": f"2567-2:{home.other}", "line": 1, "national_id": shared, "title": "เด็กชาย",
         "first_name": "ชื่อในแบบ", "last_name": "ระบบ", "school_code": home.other, **home.path}
    )  # fmt: skip
    db.schools.update_one({"_id": home.centre}, {"$set": {"status": "closed"}})
    _enrol(db, home, school_code=home.centre, national_id="G000000000001")
    findings.check_schools(home.schools)
    page = people.browser("lao").get(f"/findings/place?area=lao:{home.code}").text
    assert student is not None and f'href="/students/edit/{student["_id"]}"' in page
    assert "ชื่อในแบบ" in page and f'href="/submissions/show/2567-2:{home.other}"' in page
    assert f'href="/students/list/?_flt_0_school={home.centre}"' in page
    for role in ("lao", "district"):
        for address in (f"/submissions/show/2567-2:{home.other}", f"/students/list/?_flt_0_school={home.centre}"):
            assert people.browser(role).get(address).status_code == 200
