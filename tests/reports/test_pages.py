"""The report's pages as people of different areas see them, and files that say the same as the page."""

import csv as stdlib_csv
import io
import re
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from pymongo.database import Database

from app.documents.reports import ReportRun
from app.enums import RunState
from app.reports import xlsx
from app.services import reports
from tests.factories import reports as census
from tests.people import People

Raw = dict[str, Any]
NOBODY = "0" * 24


@pytest.fixture
def filled(db: Database[Raw], people: People) -> People:
    census.fill_rosters(db, people.places)
    census.certify(db, people.places.takhop_sao, people.places.round_2, {"P1": (5, 6)})
    return people


def asked(people: People, who: str = "dla", area: str = "") -> ReportRun:
    answer = people.browser(who).post("/reports/new", {"round": "2567-2", "area": area})
    assert answer.status_code == 302, answer.text
    return ReportRun.objects.get(pk=answer.location.rpartition("/")[2])


def built(people: People, who: str = "dla", area: str = "") -> ReportRun:
    run = asked(people, who, area)
    assert reports.build(str(run.pk)) is RunState.DONE
    run.reload()
    return run


def cells(html: str) -> dict[str, tuple[str, ...]]:
    """Rows of the tree table: path -> boys, girls, total as shown."""
    rows = re.findall(r'<tr data-id="([^"]+)".*?</tr>', html, re.S)
    bodies = re.findall(r"<tr data-id=.*?</tr>", html, re.S)
    return {
        path: tuple(re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r'<td class="num">(.*?)</td>', body))
        for path, body in zip(rows, bodies, strict=True)
    }


def test_the_form_offers_the_rounds_and_the_own_area(filled: People) -> None:
    page = filled.browser("district").get("/reports/new").text
    assert 'value="2567-2" selected' in page
    assert 'value="district:3014" selected' in page
    assert "อำเภอปักธงชัย" in page


def test_the_area_select_answers_inside_the_own_area_only(filled: People) -> None:
    browser = filled.browser("district")
    found = browser.get("/reports/areas?q=ตะขบ").json["results"]
    assert {item["id"] for item in found if item["id"].startswith("lao:")} == {"lao:5301401", "lao:6301408"}
    assert browser.get("/reports/areas?q=ถลุงเหล็ก").json["results"] == []
    assert browser.get("/reports/areas?q=๕๓๐๑๔๐๑").json["results"][0]["id"] == "lao:5301401"


@pytest.mark.parametrize("area", ["lao:6310118", "country:", "province:30", "lao:", "x", "school:30140801"])
def test_a_forged_area_is_refused_and_what_was_chosen_stays(filled: People, area: str) -> None:
    answer = filled.browser("lao").post("/reports/new", {"round": "2567-1", "area": area})
    assert answer.status_code in (400, 403)
    assert "data-error-summary" in answer.text
    assert 'value="2567-1" selected' in answer.text
    assert ReportRun.objects.count() == 0


def test_a_waiting_run_shows_its_progress_and_can_be_cancelled(filled: People) -> None:
    run = asked(filled)
    browser = filled.browser("dla")
    page = browser.get(f"/reports/show/{run.pk}").text
    assert f'data-poll="/reports/{run.pk}/progress"' in page
    fragment = browser.get(f"/reports/{run.pk}/progress").text
    assert "data-poll=" in fragment
    assert "<html" not in fragment
    assert browser.post(f"/reports/{run.pk}/cancel").status_code == 302
    assert "data-poll-reload" in browser.get(f"/reports/{run.pk}/progress").text
    page = browser.get(f"/reports/show/{run.pk}").text
    assert "ยกเลิกแล้ว" in page
    assert "data-poll=" not in page
    again = browser.post(f"/reports/{run.pk}/again")
    assert again.location.rpartition("/")[2] != str(run.pk)


def test_an_unfinished_run_has_no_files_and_no_rows(filled: People) -> None:
    run = asked(filled)
    browser = filled.browser("dla")
    for part in ("xlsx", "csv", "children?parent=TH"):
        assert browser.get(f"/reports/{run.pk}/{part}").status_code == 409


def test_the_page_opens_level_by_level_down_to_the_grades(filled: People) -> None:
    run = built(filled)
    browser = filled.browser("dla")
    page = browser.get(f"/reports/show/{run.pk}").text
    shown = cells(page)
    assert set(shown) == {"TH", "TH/30", "TH/31"}
    assert shown["TH"][2] == f"{run.total:,}"
    path, depth = "TH", 0
    while True:
        below = cells(browser.get(f"/reports/{run.pk}/children", query_string={"parent": path}).text)
        if not below:
            break
        numbers = [int(number.replace(",", "")) for *_, number in below.values() if number != "–"]
        assert sum(numbers) == int(shown[path][2].replace(",", ""))
        shown |= below
        depth += 1
        path = next(key for key, values in below.items() if values[2] != "–")
        if depth == 5:
            break
    assert depth == 5
    assert path.rpartition("/")[2] in {"K2", "P1", "P6", "C2", "C3"}


def test_a_school_without_counts_is_a_dash_and_a_word_and_never_zero(filled: People) -> None:
    run = built(filled)
    lao = filled.places.korat_city
    path = f"TH/{lao.province}/{lao.district}/{lao.code}"
    text = filled.browser("dla").get(f"/reports/{run.pk}/children", query_string={"parent": path}).text
    assert cells(text)[f"{path}/{lao.other}"] == ("–", "–", "–")
    assert "ยังไม่มีข้อมูล" in text


def test_the_files_hold_the_numbers_of_the_page(filled: People) -> None:
    run = built(filled)
    browser = filled.browser("dla")
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/reports/{run.pk}/xlsx").data))
    lines = list(book["สรุป"].iter_rows(min_row=xlsx.HEADER_ROW + 3, values_only=True))
    assert lines[0][7:11] == (run.unverified, run.male, run.female, run.total)
    assert run.unverified == 11
    by_level: dict[str, int] = {}
    for line in lines:
        by_level[line[0]] = by_level.get(line[0], 0) + (line[10] or 0)
    assert set(by_level.values()) == {run.total}
    assert len(by_level) == 4
    schools = list(book["รายสถานศึกษา"].iter_rows(min_row=xlsx.HEADER_ROW + 3, values_only=True))
    assert sum(line[12] or 0 for line in schools) == run.total
    assert sum(line[9] or 0 for line in schools) == run.unverified
    assert len(schools) == run.schools
    text = browser.get(f"/reports/{run.pk}/csv").get_data().decode("utf-8-sig")
    rows = list(stdlib_csv.DictReader(io.StringIO(text, newline="")))
    assert sum(int(row["รวม"] or 0) for row in rows) == run.total
    assert sum(int(row["ชาย"] or 0) for row in rows) == run.male
    assert sum(int(row["ยังไม่ตรวจสอบ"] or 0) for row in rows) == run.unverified


def test_the_page_says_what_is_not_verified_in_the_totals_and_at_each_row(filled: People, db: Database[Raw]) -> None:
    lao, browser = filled.places.takhop_sao, filled.browser("dla")
    census.report(db, lao, lao.own, filled.places.round_2, source="reason", total=0)
    db.students.delete_many({"school_code": lao.own})
    run = built(filled)
    page = browser.get(f"/reports/show/{run.pk}").text
    assert "ในจำนวนนี้ยังไม่ตรวจสอบ 11 คน (1 แห่ง)" in page
    assert page.count("ยังไม่ตรวจสอบ 11 คน (1 แห่ง)</span>") == 3, "the totals, the country, the province"
    assert page.count("ศูนย์โดยไม่มีประกาศ 1 แห่ง</span>") == 3
    path = f"TH/{lao.province}/{lao.district}/{lao.code}"
    rows = browser.get(f"/reports/{run.pk}/children", query_string={"parent": path}).text
    schools = rows.split(f'data-id="{path}/')[1:]
    noted = {row.partition('"')[0]: re.findall(r'tree-note">(.*?)<', row) for row in schools}
    assert noted == {lao.own: ["ศูนย์โดยไม่มีประกาศ"], lao.centre: [], lao.other: ["ยังไม่ตรวจสอบ"]}
    assert 'data-label="ยังไม่ตรวจสอบ (คน)" class="num">11</td>' in browser.get("/reports/list/").text


def test_a_report_from_before_verification_was_kept_opens_and_does_not_say_all_is_verified(
    filled: People, db: Database[Raw]
) -> None:
    run, browser = built(filled), filled.browser("dla")
    names = ("unverified", "schools_unverified", "schools_no_proclamation")
    db.report_rows.update_many({"run": run.pk}, {"$unset": dict.fromkeys(names, "")})
    db.report_runs.update_one({"_id": run.pk}, {"$unset": {"unverified": ""}})
    page = browser.get(f"/reports/show/{run.pk}").text
    assert "รายงานนี้ไม่ได้แยกจำนวนที่ยังไม่ตรวจสอบ" in page
    assert "ในจำนวนนี้ยังไม่ตรวจสอบ" not in page
    for part in ("xlsx", "csv", "children?parent=TH/30"):
        assert browser.get(f"/reports/{run.pk}/{part}").status_code == 200
    assert browser.get("/reports/list/").status_code == 200


def test_the_files_have_a_plain_name_and_a_thai_one(filled: People) -> None:
    run = built(filled, area="district:3014")
    header = filled.browser("dla").get(f"/reports/{run.pk}/csv").headers["Content-Disposition"]
    assert "filename=lec-count-2567-2-3014.csv" in header
    assert "จำนวนนักเรียน-2567-2-อำเภอปักธงชัย.csv" in unquote(header)


def test_the_chart_carries_the_pages_nonce(filled: People) -> None:
    run = built(filled)
    answer = filled.browser("dla").get(f"/reports/show/{run.pk}")
    (nonce,) = re.findall(r'<style[^>]* nonce="([^"]+)"', answer.text)
    assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    assert 'role="img"' in answer.text


def test_a_run_is_seen_by_those_whose_area_holds_it(filled: People) -> None:
    run = built(filled, "lao")
    for who in ("dla", "province", "district", "lao"):
        assert filled.browser(who).get(f"/reports/show/{run.pk}").status_code == 200
        assert run.area_name in filled.browser(who).get("/reports/list/").text


@pytest.mark.parametrize("who", ["school", "neighbour", "far"])
def test_a_run_out_of_reach_does_not_exist(filled: People, who: str) -> None:
    run, browser = built(filled, "lao"), filled.browser(who)
    for part in ("progress", "children?parent=TH/30", "xlsx", "csv"):
        assert browser.get(f"/reports/{run.pk}/{part}").status_code == 404, part
    assert browser.get(f"/reports/show/{run.pk}").status_code == 404
    for path in ("cancel", "again"):
        assert browser.post(f"/reports/{run.pk}/{path}").status_code == 404, path
    assert run.area_name not in browser.get("/reports/list/").text.partition("list-card")[2]


@pytest.mark.parametrize("pk", [NOBODY, "x", "../x"])
def test_a_malformed_or_unknown_id_is_not_found(filled: People, pk: str) -> None:
    for path in (f"show/{pk}", f"{pk}/progress", f"{pk}/csv"):
        assert filled.browser("dla").get(f"/reports/{path}").status_code == 404


def test_a_place_outside_the_run_is_not_found(filled: People) -> None:
    run = built(filled, "lao")
    for parent in ("", "TH/31", "TH", "../x"):
        answer = filled.browser("lao").get(f"/reports/{run.pk}/children", query_string={"parent": parent})
        assert answer.status_code == 404


def test_a_failed_run_says_why_and_can_be_asked_for_again(filled: People, db: Database[Raw]) -> None:
    run = asked(filled)
    db.report_runs.update_one(
        {"_id": run.pk}, {"$set": {"state": "failed", "error": "เครื่องหมดแรง <b>"}, "$unset": {"active_key": ""}}
    )
    page = filled.browser("dla").get(f"/reports/show/{run.pk}").text
    assert "เครื่องหมดแรง &lt;b&gt;" in page
    assert f"/reports/{run.pk}/again" in page


def test_a_post_without_the_token_starts_nothing(filled: People) -> None:
    answer = filled.browser("dla").client.post("/reports/new", data={"round": "2567-2"})
    assert answer.status_code == 400
    assert ReportRun.objects.count() == 0


def test_a_school_sees_its_own_grades_at_once(filled: People) -> None:
    run = built(filled, "school")
    shown = cells(filled.browser("school").get(f"/reports/show/{run.pk}").text)
    own, *grades = shown.values()
    assert len(grades) == 3
    assert sum(int(grade[2]) for grade in grades) == int(own[2]) == run.total
