"""An officer takes a school's file from the upload to the undo, on a desk and on a phone."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

from app.rules.imports.fields import LABELS
from app.rules.national_id import check_digit
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def template(visit: Visit) -> tuple[str, Any]:
    """Code of the first school of the officer's LAO that has a roster, and its filled template."""
    visit.open("/imports/new")
    codes = visit.page.eval_on_selector_all("#school option", "options => options.map(o => o.value).filter(v => v)")
    answer = visit.page.request.get(f"{visit.stack.url}/rosters/template?filled=1&school={codes[0]}")
    assert answer.ok, answer.status
    return codes[0], openpyxl.load_workbook(io.BytesIO(answer.body()))


def with_mistakes(book: Any, path: Path) -> Path:
    """Another room, a wrong check digit, and a new pupil whose year has two digits."""
    sheet = book.worksheets[0]
    header = next(row for row in range(1, 6) if LABELS["national_id"][0] in {cell.value for cell in sheet[row]})
    place = {cell.value: cell.column for cell in sheet[header]}

    def put(row: int, **values: str) -> None:
        for field, value in values.items():
            sheet.cell(row, place[LABELS[field][0]]).value = value

    numbers = place[LABELS["national_id"][0]]
    first = next(row for row in range(header + 1, header + 5) if len(str(sheet.cell(row, numbers).value)) == 13)
    number = str(sheet.cell(first + 1, numbers).value)
    put(first, room="9")
    put(first + 1, national_id=number[:12] + str((int(number[12]) + 1) % 10))
    names = place[LABELS["first_name"][0]]
    last = max(row for row in range(first, sheet.max_row + 1) if sheet.cell(row, names).value)
    start = "159980001234"
    put(
        last + 1, national_id=start + check_digit(start), title="ด.ช.", first_name="ทดลอง", last_name="นำเข้าไฟล์",
        sex="ชาย", birth_date="03/01/60", grade="ป.1", status="กำลังศึกษา", admitted_on="16/05/2566",
    )  # fmt: skip
    book.save(path)
    return path


def wait_for_state(visit: Visit, label: str) -> None:
    """The page follows the work by itself until it has this state."""
    expect(visit.page.locator(".page-head__actions .tag")).to_have_text(label, timeout=30_000)


def looks_right(visit: Visit, name: str) -> None:
    visit.no_sideways_scroll()
    visit.shot(f"imports-{name}")


def test_a_file_with_mistakes_from_upload_to_undo(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.sign_in("lao")
    code, book = template(visit)
    path = with_mistakes(book, tmp_path / "รายชื่อ ส่ง อปท.xlsx")
    visit.open("/imports/list/")
    looks_right(visit, "list")
    page.get_by_role("link", name="นำเข้าจากไฟล์").first.click()
    visit.watcher.expected.add(400)
    page.click("main button[type=submit]")  # no file yet
    expect(page.locator("#file-error")).to_contain_text("ยังไม่ได้เลือกไฟล์")
    page.select_option("#school", code)
    page.set_input_files("#file", path)
    looks_right(visit, "new")
    page.click("main button[type=submit]")

    wait_for_state(visit, "รอตรวจและยืนยัน")
    address = page.url
    expect(page.locator("#apply")).to_be_disabled()
    looks_right(visit, "asked")
    page.get_by_label("พุทธศักราช (พ.ศ.)").check()
    page.click("#answer")
    expect(page.get_by_role("heading", name="คำตอบของท่าน")).to_be_visible(timeout=30_000)

    fix_the_refused_row(visit)
    leave_one_out(visit)

    page.goto(address)
    expect(page.locator("#confirm")).to_contain_text("เพิ่มใหม่ 1 คน")
    looks_right(visit, "preview")
    if page.locator("#reason").count():
        page.fill("#reason", "ปรับปรุงตามไฟล์ของสถานศึกษา")
    page.click("#apply")
    wait_for_state(visit, "บันทึกแล้ว")
    looks_right(visit, "applied")
    with page.expect_download() as download:
        page.locator("a[download]").first.click()
    written = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0]
    assert any("ทดลอง" in str(cell) for row in written.iter_rows(values_only=True) for cell in row)

    page.click("#undo")
    page.click("[data-dialog-ok]")
    wait_for_state(visit, "ย้อนกลับแล้ว")
    looks_right(visit, "undone")
    visit.open("/students/list/?q=นำเข้าไฟล์")
    expect(page.locator("main")).not_to_contain_text("ทดลอง")


def fix_the_refused_row(visit: Visit) -> None:
    """The check digit is put right in the row itself, and what becomes of the row is shown at once."""
    page = visit.page
    page.locator(".import-cards a", has_text="รับไม่ได้").click()
    row = page.locator("tr[id^=row-]").first
    row.get_by_text("แก้ไขแถวนี้").click()
    box = row.get_by_label("เลขประจำตัวประชาชน")
    typed = box.input_value()
    box.fill(typed[:12] + check_digit(typed[:12]))
    looks_right(visit, "mend")
    row.get_by_role("button", name="บันทึกแถวนี้และตรวจใหม่").click()
    shown = page.locator("section.one")
    expect(shown).to_contain_text(re.compile("เหมือนเดิม|แก้ไข"))
    expect(shown).not_to_contain_text("รับไม่ได้")
    looks_right(visit, "mended")


def leave_one_out(visit: Visit) -> None:
    """Tick the changed row and leave it out; it can be taken in again."""
    page = visit.page
    page.goto(re.sub(r"[?#].*", "", page.url) + "?deed=changed")
    page.locator("td.cell-check input").first.check()
    page.locator("#bulk-rows button[value=out]").click()
    expect(page.locator("tr.is-out")).to_have_count(1)
    looks_right(visit, "left-out")
