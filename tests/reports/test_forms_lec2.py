"""LEC-2 read back: no pupil lost or doubled, in the right order, signed once, copied out as written."""

import math
import re
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from app.enums import Grade
from app.reports.forms import lec2
from app.reports.forms.lec2 import lec2_pdf
from app.reports.forms.rows import FormHead, NameRow
from app.thai import to_thai_digits
from tests.reports.pdf_reading import DAY, HEAD, horizontals, line_boxes, pupils, text_boxes, texts

HARD = ["น้ำ", "กำปั้น", "ทุ่งน้ำใส", "ญี่ปุ่น", "ปั๊ม", "ฎีกา ฐานันดร", "ผู้ใหญ่ ญาติ", "กตัญญู จ้ำจี้", "ก็ เก๋ ฝ้าย"]
LONG = replace(
    HEAD, school="โรงเรียน" + "บ้านทุ่งน้ำใส" * 9, affiliation="สำนักงานเขตพื้นที่การศึกษา" * 6, lao="ตะขบ" * 60,
    teacher="กำปั้น " * 20, teacher_position="ครู" * 40, phone="0-4444-0000 " * 9, head="น้ำ" * 60,
    head_position="ผู้อำนวยการ" * 12,
)  # fmt: skip
FOOT = 297 - 11  # mm
IDS = re.compile("[G๐-๙][๐-๙]{12}(?![๐-๙])")


def named(*names: str) -> list[NameRow]:
    return [NameRow(str(number), name, "1990000000000", Grade.P1, "1") for number, name in enumerate(names, start=1)]


@cache
def printed(count: int) -> tuple[bytes, float]:
    """The form of `count` pupils and the processor seconds it took."""
    rows = pupils(count)
    start = time.process_time()
    return lec2_pdf(HEAD, rows, made_on=DAY), time.process_time() - start


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 64, 65, 2000])
def test_every_pupil_is_there_once_and_the_last_page_is_signed(count: int) -> None:
    rows = pupils(count)
    pages = texts(printed(count)[0])
    assert len(pages) == max(1, math.ceil(count / 32))
    wanted = sorted(to_thai_digits(row.national_id) for row in rows)
    assert sorted(number for page in pages for number in IDS.findall(page)) == wanted
    for number, page in enumerate(pages, start=1):
        assert "LEC-2" in page
        assert "ลำดับ เลขประจำตัว คำนำหน้า ชื่อ-สกุล เลขประจำตัวประชาชน ระดับชั้น/ห้อง" in page
        assert to_thai_digits(f"หน้า {number}/{len(pages)}\n") in f"{page}\n"
        signed = number == len(pages)
        assert (page.count("ผู้ให้ข้อมูล"), page.count("ผู้รับรองข้อมูล"), page.count("มีต่อหน้า")) == (signed, signed, not signed)
    assert ("ไม่มีนักเรียน" in pages[0]) == (count == 0)
    assert to_thai_digits(f"รวมทั้งสิ้น {count:,} คน") in pages[-1]


def test_every_row_reads_across_as_it_was_given() -> None:
    rows = pupils(65)
    printed = "\n".join(texts(lec2_pdf(HEAD, rows, made_on=DAY)))
    for place, row in enumerate(rows, start=1):
        line = f"{place} {row.number} {row.name} {row.national_id} {row.grade.th}/{row.room}"
        assert to_thai_digits(line) in printed


def test_the_order_is_grade_room_and_number_by_value() -> None:
    at = [
        (Grade.K1, "2", "1"), (Grade.P1, "2", "9"), (Grade.P1, "2", "010"), (Grade.P1, "๒", "11"),
        (Grade.P1, "2", "11ก"), (Grade.P1, "10", "2"), (Grade.P1, "A", "1"), (Grade.P1, "พิเศษ 9", "1"),
        (Grade.P1, "พิเศษ 10", "1"), (Grade.M1, "1", "1"),
    ]  # fmt: skip
    rows = [
        NameRow(number, f"ที่{place}จบ", "1990000000000", grade, room) for place, (grade, room, number) in enumerate(at)
    ]
    [page] = texts(lec2_pdf(HEAD, reversed(rows), made_on=DAY))
    assert [int(place) for place in re.findall(r"ที่(\d)จบ", page)] == list(range(10))


def test_heading_and_foot_say_what_it_is_in_thai_digits() -> None:
    head = replace(HEAD, teacher="กำปั้น", phone="0-4421-3579", head="น้ำใส", head_position="ผู้อำนวยการ")
    [page] = texts(lec2_pdf(head, pupils(3), made_on=DAY))
    for text in (
        "แบบรับรองรายชื่อนักเรียนของสถานศึกษาสังกัดหน่วยงานอื่น",
        "เพื่อใช้ในการตรวจสอบและพิจารณาจัดสรรงบประมาณอุดหนุนด้านการศึกษาขององค์กรปกครองส่วนท้องถิ่น",
        "ประจำปีการศึกษา ๒๕๖๗ (ครั้งที่ ๒) ข้อมูล ณ วันที่ ๑๐ มิถุนายน ๒๕๖๗",
        "โรงเรียนบ้านทุ่งน้ำใส สังกัด สำนักงานเขตพื้นที่การศึกษาประถมศึกษานครราชสีมา เขต ๓",
        "เพื่อจัดส่งให้ องค์การบริหารส่วนตำบลตะขบ",
        "พิมพ์เมื่อวันที่ ๕ พฤศจิกายน ๒๕๖๗", "กำปั้น", "๐-๔๔๒๑-๓๕๗๙", "น้ำใส", "ผู้อำนวยการ",
    ):  # fmt: skip
        assert text in page
    assert not re.findall("[0-9]", page.replace("LEC-2", ""))


def test_a_blank_form_has_32_empty_rows_and_nobody_on_it() -> None:
    pdf = lec2_pdf(FormHead(2567, 2, "", "", ""), pupils(40), blank=True, made_on=DAY)
    [page] = texts(pdf)
    assert not IDS.findall(page)
    assert "ไม่มีนักเรียน" not in page
    assert len(horizontals(pdf)) == 1 + 1 + 32
    assert "ผู้รับรองข้อมูล" in page


def test_hard_names_copy_out_as_written() -> None:
    [page] = texts(lec2_pdf(HEAD, named(*HARD), made_on=DAY))
    for name in HARD:
        assert f" {name} ๑๙๙" in page
    assert "\u200b" not in page


def test_tone_marks_stand_above_vowels_and_above_the_ring_of_sara_am() -> None:
    """Unshaped, a tone mark is printed at the height of the vowel, over it."""

    def height(name: str) -> float:
        top, bottom = horizontals(pdf := lec2_pdf(HEAD, named(name), made_on=DAY))[1:3]
        inside = [box for box in text_boxes(pdf) if top < (box[1] + box[3]) / 2 < bottom and 56 < box[0] < 80]
        return bottom - min(box[1] for box in inside)

    for low, high in (("ปี", "ปี่"), ("นำ", "น้ำ"), ("กำ", "ก้ำ"), ("ปั", "ปั๊")):
        assert height(high) - height(low) > 0.6, high


def test_long_texts_stay_in_their_boxes_and_whole() -> None:
    rows = [
        replace(row, name=row.name * (1 + place % 12), room="พิเศษ " * (place % 9), number=row.number * (1 + place % 7))
        for place, row in enumerate(pupils(32))
    ]
    pdf = lec2_pdf(LONG, rows, made_on=DAY)
    [page] = texts(pdf)
    squeezed = re.sub(r"\s", "", page)
    for row in rows:
        for text in (row.name, row.number, row.room):
            assert re.sub(r"\s", "", to_thai_digits(text)) in squeezed
    for text in (LONG.school, LONG.affiliation, LONG.lao, LONG.teacher, LONG.phone, LONG.head, LONG.head_position):
        assert re.sub(r"\s", "", to_thai_digits(text)) in squeezed
    first, *_, last = horizontals(pdf)
    for left, top, right, bottom in text_boxes(pdf):
        assert 14.7 <= left < right <= 195.3
        assert 8 <= top < bottom <= 292
        if first < top < bottom < last:
            assert any(a <= left < right <= b for a, b in pairwise(lec2._EDGES))


@pytest.mark.parametrize("count", [31, 32, 64])
def test_a_full_last_page_has_room_for_the_signatures_under_a_long_heading(count: int) -> None:
    pdf = lec2_pdf(LONG, pupils(count), made_on=DAY)
    boxes = text_boxes(pdf, page=(count - 1) // 32)
    foot = min(top for _, top, _, _ in boxes if top > FOOT - 1)
    phone = max(bottom for _, top, _, bottom in boxes if top <= FOOT - 1)
    assert phone < foot


def test_text_within_rows_does_not_touch_their_lines() -> None:
    pdf = lec2_pdf(HEAD, named("ปี่ ปู ญู น้ำ ปั๊ม ฟื้น", "ผู้ใหญ่ ฎีกา ฐานันดร", "ก้ำ ปื๊ด ฝี่"), made_on=DAY)
    lines = horizontals(pdf)
    for _, top, _, bottom in text_boxes(pdf):
        assert not any(top <= line <= bottom for line in lines)


def test_markup_formulas_and_odd_characters_are_plain_text() -> None:
    [page] = texts(
        lec2_pdf(HEAD, named("=SUM(A)", "**ก** __ข__ <b>(ค)</b> \\", "ง\nจ\tฉ\x00\x07ช", "ซ😀ฌ中", "{nb}"), made_on=DAY)
    )
    for text in (" =SUM(A) ", " **ก** __ข__ <b>(ค)</b> \\ ", " ง จ ฉช ", " ซ■ฌ■ ", " {nb} "):
        assert text in page


def test_the_same_data_give_the_same_bytes_at_another_time_in_another_process() -> None:
    program = (
        "import sys; from app.reports.forms.lec2 import lec2_pdf; from tests.reports.pdf_reading import *;"
        "sys.stdout.buffer.write(lec2_pdf(HEAD, pupils(33), made_on=DAY))"
    )
    first = lec2_pdf(HEAD, pupils(33), made_on=DAY)
    time.sleep(1.1)  # dates in a PDF and in a font are in seconds
    second = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True).stdout
    assert second == first


def test_the_file_says_what_it_is_and_nothing_about_people() -> None:
    rows = pupils(33)
    pdf = lec2_pdf(HEAD, rows, made_on=DAY)
    document = pypdfium2.PdfDocument(pdf)
    facts = document.get_metadata_dict(skip_empty=True)
    assert facts == {
        "Title": f"LEC-2 {lec2.TITLE} {HEAD.school}", "Producer": "LEC", "CreationDate": "D:20241105000000+07'00'",
    }  # fmt: skip
    assert b"/Lang (th)" in pdf
    assert pdf.count(b"/FontFile2") == 2
    assert len(pdf) < 80_000
    assert not any(row.national_id.encode() in pdf or row.national_id in repr(row) for row in rows)
    assert document[0].get_size() == pytest.approx((595.28, 841.89), abs=0.1)
    assert pdfium.FPDFPage_GetRotation(document[0]) == 0


def test_two_thousand_pupils_take_seconds() -> None:
    pdf, seconds = printed(2000)
    assert seconds < 60  # 3 on a quiet machine
    assert len(pdf) < 1_000_000


def test_table_lines_are_drawn_once() -> None:
    boxes = line_boxes(lec2_pdf(HEAD, pupils(5), made_on=DAY))
    assert len(boxes) == len(set(boxes))
