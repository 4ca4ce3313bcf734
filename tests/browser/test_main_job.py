"""The main job as people do it: schools, students, a report, a notice to the 18 LAOs, at both widths."""

from __future__ import annotations

import csv
import io
import re
import time

import openpyxl
import pytest

from tests.browser.conftest import Visit
from tests.browser.mail import wait_for_messages

pytestmark = pytest.mark.browser
ROLES = ["dla", "province", "district", "lao", "school"]
LAOS_OF_PAK_THONG_CHAI = 18
DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def unique(visit: Visit, digits: int = 8) -> str:
    """A number no other run of the test has used."""
    return str(time.time_ns())[-digits:] if visit.size == "desktop" else str(time.time_ns() + 7)[-digits:]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_signs_in_and_sees_its_own_area(visit: Visit, role: str) -> None:
    visit.sign_in(role)
    visit.shot(f"home-{role}")
    assert visit.stack.accounts[role]["area"] in visit.page.content()
    visit.open("/schools/list/?psize_SchoolView=100")
    visit.no_sideways_scroll()
    visit.shot(f"schools-{role}")
    laos = set(visit.page.locator("td[data-label='อปท.']").all_inner_texts())
    assert laos
    if role in ("lao", "school"):
        assert len(laos) == 1
    else:
        assert len(laos) > 1


def test_a_wrong_password_is_refused_without_saying_which(visit: Visit) -> None:
    visit.open("/login/")
    visit.page.fill("#username", "nobody")
    visit.page.fill("#password", "wrong-password-here")
    visit.page.click("button[type=submit]")
    assert visit.page.locator("[role=alert]").count() > 0
    visit.shot("login-refused")
    assert "/login" in visit.page.url


def test_the_language_switch_lasts(visit: Visit) -> None:
    visit.open("/login/")
    assert visit.page.locator("html").get_attribute("lang") == "th"
    visit.open("/lang/en")
    visit.sign_in("lao")
    assert visit.page.locator("html").get_attribute("lang") == "en"
    visit.page.context.clear_cookies(name="lec_session")
    visit.open("/login/")
    assert visit.page.locator("html").get_attribute("lang") == "en"


def test_an_officer_adds_edits_finds_and_deletes_a_school_and_a_student(visit: Visit) -> None:
    visit.sign_in("lao")
    code = unique(visit)
    name = f"โรงเรียนทดสอบ{code}"
    _add_school(visit, code, name)
    _find(visit, "/schools/list/", name)
    _add_student(visit, name)
    _edit_student(visit)
    _find(visit, "/students/list/", "ทดสอบนามสกุล")
    _delete(visit)
    _find(visit, "/schools/list/", name)
    _delete(visit)
    visit.open(f"/schools/list/?q={name}")
    assert visit.page.locator(".empty").count() == 1
    visit.shot("empty")


def _add_school(visit: Visit, code: str, name: str) -> None:
    page = visit.page
    visit.open("/schools/add")
    page.fill("[name=code]", code.translate(DIGITS))
    page.fill("[name=name_th]", name)
    page.select_option("[name=kind]", "school")
    visit.choose("lao", visit.stack.accounts["lao"]["area"][-3:])
    page.check("[name=grades][value=P1]")
    visit.no_sideways_scroll()
    visit.shot("school-form")
    page.click(".save-bar button[type=submit]")
    page.wait_for_url(re.compile(f"/schools/show/{code}"))
    visit.shot("school-show")


def _find(visit: Visit, path: str, words: str) -> None:
    visit.open(path)
    visit.page.fill("[name=q]", words)
    visit.page.press("[name=q]", "Enter")
    visit.page.wait_for_url(re.compile("q="))
    assert visit.page.locator("tbody tr").count() == 1
    visit.no_sideways_scroll()
    visit.shot(f"found-{path.split('/')[1]}")
    visit.page.locator(".cell-main a").first.click()


def _add_student(visit: Visit, school: str) -> None:
    page = visit.page
    visit.open("/students/add")
    page.click(".save-bar button[type=submit]")
    assert page.locator(".error-summary").count() == 1
    visit.shot("student-form-refused")
    page.fill("[name=national_id]", ("G" + unique(visit, 12)).translate(DIGITS))
    page.fill("[name=title]", "ด.ช.")
    page.fill("[name=first_name]", "ทดสอบชื่อ")
    page.fill("[name=last_name]", "ทดสอบนามสกุล")
    page.select_option("[name=sex]", "male")
    page.fill("[name=birth_date]", "๑๕/๐๓/๒๕๖๐")
    visit.choose("school", school)
    page.select_option("[name=grade]", "P1")
    page.fill("[name=admitted_on]", "16/05/2567")
    page.fill("[name=_reason]", "ตกหล่นจากทะเบียน")
    page.click(".save-bar button[type=submit]")
    page.wait_for_url(re.compile("/students/show/"))
    text = page.inner_text("main")
    assert "15 มี.ค. 2560" in text
    assert "เด็กชาย" in text
    assert not re.search(r"G\d{12}", text), "the ID number is shown in full"
    visit.shot("student-show")


def _edit_student(visit: Visit) -> None:
    page = visit.page
    page.locator("main a[href*='/students/edit/']").first.click()
    page.fill("[name=room]", "๒")
    page.fill("[name=_reason]", "ย้ายห้อง")
    page.click(".save-bar button[type=submit]")
    page.wait_for_url(re.compile("/students/show/"))


def _delete(visit: Visit) -> None:
    visit.page.locator("form[action*='/delete/'] button").first.click()
    visit.page.locator("dialog[open] button").last.click()
    if "/students/" in visit.page.url:  # the round corrects, so it wants to know why
        visit.page.fill("[name=_reason]", "บันทึกซ้ำ")
        visit.page.click(".save-bar button[type=submit]")
    visit.page.wait_for_url(re.compile("/list/"))


def test_an_officer_gets_the_count_report(visit: Visit) -> None:
    visit.sign_in("district")
    visit.open("/reports/new")
    visit.no_sideways_scroll()
    visit.page.select_option("[name=round]", "2567-2")
    visit.shot("report-form")
    visit.page.click(".save-bar button[type=submit]")
    visit.page.wait_for_url(re.compile("/reports/show/"))
    visit.page.wait_for_selector(".stats", timeout=60_000)
    visit.no_sideways_scroll()
    visit.shot("report")
    shown = int(visit.page.locator(".stat__value").first.inner_text().replace(",", ""))
    assert shown > 1000
    rows = visit.page.locator("table tbody tr").count()
    visit.page.locator("table button[aria-expanded=false]").first.click()
    visit.page.locator("table tbody tr").nth(rows).wait_for()
    visit.shot("report-open")
    assert _total_of_workbook(visit) == _total_of_csv(visit) == shown
    visit.open("/reports/list/")
    assert visit.stack.accounts["district"]["username"] in visit.page.content()
    visit.shot("reports")


def _download(visit: Visit, kind: str) -> bytes:
    with visit.page.expect_download() as waiting:
        visit.page.locator(f"a[href$='/{kind}']").first.click()
    return waiting.value.path().read_bytes()


def _total_of_workbook(visit: Visit) -> int:
    book = openpyxl.load_workbook(io.BytesIO(_download(visit, "xlsx")), read_only=True)
    sheet = book["รายสถานศึกษา"]
    rows = list(sheet.iter_rows(values_only=True))
    header = next(i for i, row in enumerate(rows) if row and "รวม" in row)
    column = rows[header].index("รวม")
    return sum(row[column] for row in rows[header + 1 :] if isinstance(row[column], int))


def _total_of_csv(visit: Visit) -> int:
    rows = list(csv.reader(io.StringIO(_download(visit, "csv").decode("utf-8-sig"))))
    header = next(i for i, row in enumerate(rows) if "รวม" in row)
    column = rows[header].index("รวม")
    return sum(int(row[column]) for row in rows[header + 1 :] if len(row) > column and row[column].isdigit())


def test_the_district_sends_a_notice_to_its_18_laos_and_each_reads_its_own(visit: Visit) -> None:
    number = f"นม ๐๐๒๓.๒๖/ว {unique(visit, 4)}"
    folder = visit.stack.data_dir / "mail"
    visit.sign_in("district")
    visit.open("/notices/add")
    visit.page.fill("[name=number]", number)
    visit.page.fill("[name=dated]", "๕/๑๑/๒๕๖๗")
    visit.no_sideways_scroll()
    visit.shot("notice-form")
    visit.page.click("button[value=preview]")
    visit.page.wait_for_url(re.compile("/preview"))
    visit.no_sideways_scroll()
    visit.shot("notice-preview")
    visit.page.locator("a[href$='/send']").first.click()
    visit.shot("notice-confirm")
    visit.page.locator("form[action$='/send'] button[type=submit]").first.click()
    visit.page.wait_for_url(re.compile("/notices/show/"))
    messages = wait_for_messages(visit.page, folder, number, LAOS_OF_PAK_THONG_CHAI)
    assert len(messages) == LAOS_OF_PAK_THONG_CHAI
    receivers = sorted(str(message["To"]) for message in messages)
    assert len(set(receivers)) == LAOS_OF_PAK_THONG_CHAI
    assert all(re.search(r"saraban@\d{7}\.lec\.example", receiver) for receiver in receivers)
    assert len({message["Message-ID"] for message in messages}) == LAOS_OF_PAK_THONG_CHAI
    visit.page.reload()
    visit.shot("notice-sent")
    visit.sign_out()
    visit.sign_in("lao")
    visit.open("/deliveries/list/")
    assert visit.page.locator("tbody tr").count() >= 1
    visit.shot("inbox")
