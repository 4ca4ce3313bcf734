"""A printed form read back as a browser does it (PDFium), and the pupils and the head that forms are tried with."""

import random
from datetime import date

import pypdfium2
import pypdfium2.raw as pdfium

from app.demo import people
from app.enums import Grade
from app.reports.forms.rows import FormHead, NameRow

DAY = date(2024, 11, 5)
HEAD = FormHead(
    2567, 2, "โรงเรียนบ้านทุ่งน้ำใส", "สำนักงานเขตพื้นที่การศึกษาประถมศึกษานครราชสีมา เขต 3",
    "องค์การบริหารส่วนตำบลตะขบ", date(2024, 6, 10),
)  # fmt: skip
Bounds = tuple[float, float, float, float]
_POINT = 25.4 / 72
_HEIGHT = 297.0


def pupils(count: int) -> list[NameRow]:
    """`count` made-up pupils of อ.1 to ป.6; the same for the same count."""
    school = {"_id": "0030140801", "lao_code": "6301408", "district_code": "3014", "province_code": "30"}
    grades = [grade for grade in Grade if grade.value[0] in "KP"]
    made = people.students(random.Random(7), school, grades, count, 2567, date(2024, 6, 10))
    return [
        NameRow(
            raw["student_no"], f"{raw['title']}{raw['first_name']} {raw['last_name']}", raw["national_id"],
            Grade(raw["grade"]), raw["room"],
        )
        for raw in made
    ]  # fmt: skip


def texts(pdf: bytes) -> list[str]:
    """What each page copies out as, lines parted by \\n."""
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    return [text.replace("\r\n", "\n") for text in pages]


def text_boxes(pdf: bytes, page: int = 0) -> list[Bounds]:
    """Where ink of text is on a page: (left, top, right, bottom) in mm from the top left corner."""
    return _boxes(pdf, page, pdfium.FPDF_PAGEOBJ_TEXT)


def line_boxes(pdf: bytes, page: int = 0) -> list[Bounds]:
    """Where lines and grey areas are on a page, as `text_boxes`."""
    return _boxes(pdf, page, pdfium.FPDF_PAGEOBJ_PATH)


def horizontals(pdf: bytes, page: int = 0, length: float = 180) -> list[float]:
    """y of each line as wide as the table."""
    boxes = line_boxes(pdf, page)
    return sorted(top for left, top, right, bottom in boxes if right - left >= length and bottom - top < 1)


def _boxes(pdf: bytes, page: int, kind: int) -> list[Bounds]:
    found = [item.get_bounds() for item in pypdfium2.PdfDocument(pdf)[page].get_objects(filter=[kind])]
    return [
        (left * _POINT, _HEIGHT - top * _POINT, right * _POINT, _HEIGHT - bottom * _POINT)
        for left, bottom, right, top in found
    ]
