"""The columns of a list and one's own views of it, by mouse and by keyboard, at both widths."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
LIST = "/students/list/"


def heads(visit: Visit) -> list[str]:
    """The heads of the table, as the page has them at any width."""
    texts = visit.page.locator("thead th[scope=col]").all_text_contents()
    return [text.strip() for text in texts if text.strip() and text.strip() != "การทำงาน"]


def unfold(visit: Visit, name: str) -> None:
    visit.page.locator("main summary", has_text=name).first.click()


def move_up(visit: Visit, column: str) -> None:
    """Press the button of a column's line by the keyboard alone."""
    visit.page.locator(f"li:has(input[value={column}]) [data-repeat-up]").focus()
    visit.page.keyboard.press("Enter")


def test_columns_are_chosen_and_put_in_order(visit: Visit) -> None:
    visit.sign_in("lao")
    visit.open(LIST)
    own = heads(visit)
    unfold(visit, "คอลัมน์")
    visit.no_sideways_scroll()
    visit.shot("columns")
    for name in ("national_id", "grade", "room", "sex", "status"):
        visit.page.uncheck(f"input[value={name}]")
    visit.page.check("input[value=birth_date]")
    move_up(visit, "last_name")
    focused = visit.page.evaluate("document.activeElement.closest('li').innerText")
    assert "นามสกุล" in focused  # at the top the other button of the line has it
    visit.page.get_by_role("button", name="แสดงคอลัมน์ที่เลือก").click()
    visit.page.wait_for_url("**_cols_StudentView=last_name%2Cfirst_name%2Cschool%2Cbirth_date")
    assert heads(visit) == ["นามสกุล", "ชื่อ", "สถานศึกษา", "วันเกิด"]
    visit.shot("columns-chosen")
    unfold(visit, "คอลัมน์")
    visit.page.get_by_role("link", name="กลับไปใช้คอลัมน์เดิม").click()
    visit.page.wait_for_url(f"**{LIST}")
    assert heads(visit) == own


def test_the_usual_columns_leave_the_address_short(visit: Visit) -> None:
    visit.sign_in("lao")
    visit.open(LIST)
    unfold(visit, "คอลัมน์")
    visit.page.get_by_role("button", name="แสดงคอลัมน์ที่เลือก").click()
    visit.page.wait_for_load_state()
    assert "_cols_" not in visit.page.url


def test_columns_can_be_ticked_without_scripts(visit: Visit) -> None:
    visit.sign_in("lao")
    browser = visit.page.context.browser
    assert browser is not None
    state = visit.page.context.storage_state()
    with browser.new_context(java_script_enabled=False, storage_state=state, locale="th-TH") as context:
        page = context.new_page()
        page.goto(f"{visit.stack.url}{LIST}?_cols_StudentView=first_name,last_name")
        page.locator("main summary", has_text="คอลัมน์").click()
        assert page.locator("[data-repeat-up]:visible").count() == 0
        page.check("input[value=room]")
        page.get_by_role("button", name="แสดงคอลัมน์ที่เลือก").click()
        page.wait_for_url("**_cols_StudentView=room")
        found = page.locator("thead th a.sort").all_text_contents()
        assert found == ["ชื่อ", "นามสกุล", "ห้อง"]


def test_a_view_is_saved_opened_first_and_deleted(visit: Visit) -> None:
    visit.sign_in("lao")
    page, name = visit.page, f"ห้อง 1 {visit.size}"
    visit.open(f"{LIST}?_flt_0_room=1&_cols_StudentView=first_name,last_name,room")
    unfold(visit, "มุมมองของฉัน")
    page.fill("#my-views-name", name)
    page.keyboard.press("Enter")
    page.locator(".alert", has_text=name).wait_for()
    unfold(visit, "มุมมองของฉัน")
    page.get_by_role("button", name="ใช้เป็นค่าเริ่มต้น").first.click()
    page.locator(".alert", has_text="ต่อไป").wait_for()
    visit.open(LIST)
    assert "_flt_0_room=1" in page.url
    unfold(visit, "มุมมองของฉัน")
    assert page.locator(".views__item a[aria-current]").inner_text() == name
    visit.no_sideways_scroll()
    visit.shot("my-views")
    page.get_by_role("link", name="แสดงรายการตามปกติ").click()
    page.wait_for_url("**plain=1")
    unfold(visit, "มุมมองของฉัน")
    page.locator(".views__item", has_text=name).get_by_role("button", name="ลบ").click()
    page.locator("[data-dialog-ok]").click()
    page.locator(".alert", has_text="ลบมุมมอง").wait_for()
    visit.open(LIST)
    assert page.url.endswith(LIST)


def test_what_an_id_number_was_searched_with_is_not_saved(visit: Visit) -> None:
    visit.sign_in("lao")
    visit.open(f"{LIST}?q=1")
    unfold(visit, "มุมมองของฉัน")
    visit.page.fill("#my-views-name", "ลับ")
    visit.page.get_by_role("button", name="บันทึกมุมมองนี้").click()
    visit.page.locator(".alert", has_text="ยังไม่ได้บันทึก").wait_for()
    unfold(visit, "มุมมองของฉัน")
    assert visit.page.locator(".views__item", has_text="ลับ").count() == 0
