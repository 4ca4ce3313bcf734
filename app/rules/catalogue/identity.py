"""Rules about who a student is: nothing missing, the ID number, known codes, the title against the sex."""

from collections.abc import Iterator
from dataclasses import replace

from app.enums import Severity
from app.rules import national_id
from app.rules.catalogue.case import Case
from app.rules.catalogue.terms import Rule
from app.rules.findings import Finding
from app.rules.titles import full_title, sex_of_title

NEEDED = {
    "national_id": ("เลขประจำตัวประชาชน", "ID number"),
    "title": ("คำนำหน้า", "title"),
    "first_name": ("ชื่อ", "first name"),
    "last_name": ("นามสกุล", "last name"),
    "sex": ("เพศ", "sex"),
    "birth_date": ("วันเกิด", "date of birth"),
    "grade": ("ชั้น", "grade"),
    "admitted_on": ("วันที่เข้าเรียน", "admission date"),
}

MISSING = Rule("missing-field", "ข้อมูลจำเป็นไม่ครบ", "Something needed is missing", Severity.ERROR)
ID_NUMBER = Rule("id-number", "เลขประจำตัวประชาชนไม่ถูกต้อง", "Wrong ID number", Severity.ERROR)
UNKNOWN_CODE = Rule("unknown-code", "ชั้นหรือเพศไม่อยู่ในรายการ", "Unknown grade or sex", Severity.ERROR)
UNKNOWN_TITLE = Rule("unknown-title", "ไม่รู้จักคำนำหน้า", "Unknown title", Severity.WARNING)
TITLE_SEX = Rule("title-sex", "คำนำหน้าไม่ตรงกับเพศ", "Title and sex differ", Severity.ERROR)

RULES = (MISSING, ID_NUMBER, UNKNOWN_CODE, UNKNOWN_TITLE, TITLE_SEX)


def missing(case: Case) -> Iterator[Finding]:
    """Every field that a record cannot do without."""
    for field, (th, en) in NEEDED.items():
        if case.values.get(field) in (None, ""):
            yield MISSING.finding(f"ยังไม่ได้กรอก{th}", f"The {en} is missing.", field)


def id_number(case: Case) -> Iterator[Finding]:
    """Form and check digit; numbers led by 0 and G-codes are legal."""
    number = case.values.get("national_id")
    if number and (finding := national_id.problem(str(number))):
        yield replace(finding, rule=ID_NUMBER.code)


def codes(case: Case) -> Iterator[Finding]:
    """Grade and sex are members of their lists."""
    for field, known in (("grade", case.grade), ("sex", case.sex)):
        if case.values.get(field) and known is None:
            written, (th, en) = str(case.values[field])[:20], NEEDED[field]
            yield UNKNOWN_CODE.finding(
                f"ไม่รู้จัก{th} “{written}” โปรดเลือกจากรายการ",
                f"Unknown {en} “{written}”. Choose one of the list.",
                field,
            )


def title(case: Case) -> Iterator[Finding]:
    """The sex that follows from a title is the one recorded."""
    written = full_title(str(case.values.get("title") or ""))
    if not written or case.sex is None:
        return
    expected = sex_of_title(written)
    if expected is None:
        yield UNKNOWN_TITLE.finding(
            f"ไม่รู้จักคำนำหน้า “{written[:30]}” จึงตรวจสอบกับเพศไม่ได้ โปรดตรวจสอบ",
            f"The title “{written[:30]}” is unknown and cannot be checked against the sex.",
            "title",
        )
    elif expected != case.sex:
        yield TITLE_SEX.finding(
            f"คำนำหน้า “{written}” ไม่ตรงกับเพศ “{case.sex.th}” โปรดแก้ไขให้ตรงกัน",
            f"The title “{written}” does not fit the sex “{case.sex.en}”. Correct one of them.",
            "title",
        )


CHECKS = (missing, id_number, codes, title)
