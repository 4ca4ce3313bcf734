"""Rules about days: birth, admission, leaving, and the status that goes with them."""

from collections.abc import Iterator

from app.enums import Severity, StudentStatus
from app.rules.catalogue.case import Case
from app.rules.catalogue.terms import Rule
from app.rules.findings import Finding
from app.thai import format_date

BORN_LATER = Rule("birth-in-future", "วันเกิดเป็นวันในอนาคต", "Born in the future", Severity.ERROR)
ADMITTED_UNBORN = Rule("admitted-before-birth", "เข้าเรียนก่อนวันเกิด", "Admitted before birth", Severity.ERROR)
LEFT_BEFORE = Rule("left-before-admitted", "ออกก่อนวันที่เข้าเรียน", "Left before admission", Severity.ERROR)
NOT_COUNTED = Rule(
    "admitted-after-census", "เข้าเรียนหลังวันที่ของรอบ", "Admitted after the census date", Severity.NOTICE,
    together=(
        "นักเรียน {n} คนเข้าเรียนหลังวันที่ของรอบ จึงไม่นับในรอบนี้ หากวันที่เข้าเรียนผิด โปรดแก้ไขในทะเบียน",
        "Admitted after the census date and not counted in this round: {n} students. Correct their dates if wrong.",
    ),
)  # fmt: skip
STATUS_LEFT = Rule("status-left", "สถานภาพไม่ตรงกับวันที่ออก", "Status and leaving date differ", Severity.WARNING)

RULES = (BORN_LATER, ADMITTED_UNBORN, LEFT_BEFORE, NOT_COUNTED, STATUS_LEFT)

_GONE = (StudentStatus.MOVED, StudentStatus.GRADUATED, StudentStatus.DISCHARGED)


def birth(case: Case) -> Iterator[Finding]:
    """Born by today, and before admission."""
    born, admitted = case.day("birth_date"), case.day("admitted_on")
    if born is not None and born > case.today:
        yield BORN_LATER.finding(
            f"วันเกิด {format_date(born)} เป็นวันในอนาคต โปรดตรวจสอบปี พ.ศ.",
            f"The date of birth {format_date(born, 'en')} is in the future. Check the year.",
            "birth_date",
        )
    elif born is not None and admitted is not None and admitted < born:
        yield ADMITTED_UNBORN.finding(
            f"เข้าเรียน {format_date(admitted)} ก่อนวันเกิด {format_date(born)} โปรดตรวจสอบทั้งสองวัน",
            f"Admitted on {format_date(admitted, 'en')}, before birth on {format_date(born, 'en')}. Check both.",
            "admitted_on",
        )


def stay(case: Case) -> Iterator[Finding]:
    """Admitted, then left; and admitted by the census date, else the student does not count in the round."""
    admitted, left = case.day("admitted_on"), case.day("left_on")
    if admitted is not None and left is not None and left < admitted:
        yield LEFT_BEFORE.finding(
            f"วันที่ออก {format_date(left)} ก่อนวันที่เข้าเรียน {format_date(admitted)} โปรดตรวจสอบทั้งสองวัน",
            f"Left on {format_date(left, 'en')}, before admission on {format_date(admitted, 'en')}. Check both.",
            "left_on",
        )
    if admitted is not None and case.census is not None and admitted > case.census:
        yield NOT_COUNTED.finding(
            f"เข้าเรียนหลังวันที่ {format_date(case.census)} จึงไม่นับในรอบนี้",
            f"Admitted after {format_date(case.census, 'en')}, so not counted in this round.",
            "admitted_on",
        )


def status(case: Case) -> Iterator[Finding]:
    """Whoever studies has not left, and whoever is gone has."""
    now, left = case.values.get("status"), case.day("left_on")
    if now == StudentStatus.STUDYING and left is not None and left <= case.today:
        yield STATUS_LEFT.finding(
            f"สถานภาพ “{StudentStatus.STUDYING.th}” แต่มีวันที่ออกแล้ว โปรดแก้ไขให้ตรงกัน",
            "The status says studying, but there is a leaving date. Correct one of them.",
            "status",
        )
    if now in _GONE and left is None:
        gone = StudentStatus(now)
        yield STATUS_LEFT.finding(
            f"สถานภาพ “{gone.th}” แต่ไม่มีวันที่ออก จึงยังถูกนับเป็นนักเรียน โปรดกรอกวันที่ออก",
            f"“{gone.en}” without a leaving date: the student still counts. Enter the date.",
            "left_on",
        )


CHECKS = (birth, stay, status)
