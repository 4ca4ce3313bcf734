"""Checks of one student's record against itself, its school and the census date."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from app.enums import Grade, SchoolStatus, Sex, StudentStatus, TextEnum
from app.rules import national_id
from app.rules.ages import USUAL_AGES, AgeRange, age_on
from app.rules.census import as_day
from app.rules.findings import Finding
from app.rules.titles import full_title, sex_of_title
from app.thai import format_date

_REQUIRED = {
    "national_id": ("เลขประจำตัวประชาชน", "ID number"),
    "title": ("คำนำหน้า", "title"),
    "first_name": ("ชื่อ", "first name"),
    "last_name": ("นามสกุล", "last name"),
    "sex": ("เพศ", "sex"),
    "birth_date": ("วันเกิด", "date of birth"),
    "grade": ("ชั้น", "grade"),
    "admitted_on": ("วันที่เข้าเรียน", "admission date"),
}
_Code = TypeVar("_Code", bound=TextEnum)
_GONE = (StudentStatus.MOVED, StudentStatus.GRADUATED, StudentStatus.DISCHARGED)


@dataclass(frozen=True, slots=True)
class _Case:
    """The record with codes and dates in one form; a value that is absent or of no known code is None."""

    values: Mapping[str, Any]
    school: Mapping[str, Any]
    today: date
    census: date | None
    ages: Mapping[Grade, AgeRange]

    def day(self, field: str) -> date | None:
        value = self.values.get(field)
        return as_day(value) if isinstance(value, date) else None

    @property
    def grade(self) -> Grade | None:
        return _member(Grade, self.values.get("grade"))

    @property
    def sex(self) -> Sex | None:
        return _member(Sex, self.values.get("sex"))


def validate_student(
    values: Mapping[str, Any],
    school: Mapping[str, Any],
    *,
    today: date,
    census_date: date | None = None,
    ages: Mapping[Grade, AgeRange] = USUAL_AGES,
) -> list[Finding]:
    """All findings of one record, errors and warnings, in the order of the rules; empty if there are none.

    values, school: raw field names and values (codes as text or enum members, dates as date or datetime). Without a
    census date, ages are taken on `today` and nothing is said about the round.
    """
    case = _Case(values, school, as_day(today), as_day(census_date) if census_date else None, ages)
    return [finding for rule in _RULES for finding in rule(case)]


def _member(kind: type[_Code], code: object) -> _Code | None:
    return next((member for member in kind if member == code), None)


def _required(case: _Case) -> Iterator[Finding]:
    for field, (th, en) in _REQUIRED.items():
        if case.values.get(field) in (None, ""):
            yield Finding(f"ยังไม่ได้กรอก{th}", f"The {en} is missing.", field)


def _identity(case: _Case) -> Iterator[Finding]:
    number = case.values.get("national_id")
    if number and (finding := national_id.problem(str(number))):
        yield finding


def _codes(case: _Case) -> Iterator[Finding]:
    for field, known in (("grade", case.grade), ("sex", case.sex)):
        if case.values.get(field) and known is None:
            written, (th, en) = str(case.values[field])[:20], _REQUIRED[field]
            yield Finding(
                f"ไม่รู้จัก{th} “{written}” โปรดเลือกจากรายการ",
                f"Unknown {en} “{written}”. Choose one of the list.",
                field,
            )


def _title(case: _Case) -> Iterator[Finding]:
    title = full_title(str(case.values.get("title") or ""))
    if not title or case.sex is None:
        return
    expected = sex_of_title(title)
    if expected is None:
        yield Finding(
            f"ไม่รู้จักคำนำหน้า “{title[:30]}” จึงตรวจสอบกับเพศไม่ได้",
            f"The title “{title[:30]}” is unknown and cannot be checked against the sex.",
            "title",
            "warning",
        )
    elif expected != case.sex:
        yield Finding(
            f"คำนำหน้า “{title}” ไม่ตรงกับเพศ “{case.sex.th}” โปรดแก้ไขให้ตรงกัน",
            f"The title “{title}” does not fit the sex “{case.sex.en}”. Correct one of them.",
            "title",
        )


def _birth(case: _Case) -> Iterator[Finding]:
    born, admitted = case.day("birth_date"), case.day("admitted_on")
    if born is not None and born > case.today:
        yield Finding(
            f"วันเกิด {format_date(born)} เป็นวันในอนาคต โปรดตรวจสอบปี พ.ศ.",
            f"The date of birth {format_date(born, 'en')} is in the future. Check the year.",
            "birth_date",
        )
    elif born is not None and admitted is not None and admitted < born:
        yield Finding(
            f"เข้าเรียน {format_date(admitted)} ก่อนวันเกิด {format_date(born)} โปรดตรวจสอบทั้งสองวัน",
            f"Admitted on {format_date(admitted, 'en')}, before birth on {format_date(born, 'en')}. Check both.",
            "admitted_on",
        )


def _age(case: _Case) -> Iterator[Finding]:
    born, grade, on = case.day("birth_date"), case.grade, case.census or case.today
    if born is None or born > case.today or grade is None or grade not in case.ages:
        return
    age, (youngest, oldest) = age_on(born, on), case.ages[grade]
    if not youngest <= age <= oldest:
        yield Finding(
            f"อายุ {age} ปี ณ {format_date(on)} ผิดจากปกติของชั้น {grade.th} ({youngest}-{oldest} ปี) โปรดตรวจสอบวันเกิดและชั้น",
            f"Age {age} on {format_date(on, 'en')} is unusual for {grade.en} ({youngest}-{oldest}). "
            "Check the date of birth and the grade.",
            "birth_date",
            "warning",
        )


def _stay(case: _Case) -> Iterator[Finding]:
    admitted, left = case.day("admitted_on"), case.day("left_on")
    if admitted is not None and left is not None and left < admitted:
        yield Finding(
            f"วันที่ออก {format_date(left)} ก่อนวันที่เข้าเรียน {format_date(admitted)} โปรดตรวจสอบทั้งสองวัน",
            f"Left on {format_date(left, 'en')}, before admission on {format_date(admitted, 'en')}. Check both.",
            "left_on",
        )
    if admitted is not None and case.census is not None and admitted > case.census:
        yield Finding(
            f"เข้าเรียนหลังวันที่ {format_date(case.census)} จึงไม่นับในรอบนี้",
            f"Admitted after {format_date(case.census, 'en')}, so not counted in this round.",
            "admitted_on",
            "warning",
        )


def _status(case: _Case) -> Iterator[Finding]:
    status, left = case.values.get("status"), case.day("left_on")
    if status == StudentStatus.STUDYING and left is not None and left <= case.today:
        yield Finding(
            f"สถานภาพ “{StudentStatus.STUDYING.th}” แต่มีวันที่ออกแล้ว โปรดแก้ไขให้ตรงกัน",
            "The status says studying, but there is a leaving date. Correct one of them.",
            "status",
            "warning",
        )
    if status in _GONE and left is None:
        gone = StudentStatus(status)
        yield Finding(
            f"สถานภาพ “{gone.th}” แต่ไม่มีวันที่ออก จึงยังถูกนับเป็นนักเรียน โปรดกรอกวันที่ออก",
            f"“{gone.en}” without a leaving date: the student still counts. Enter the date.",
            "left_on",
            "warning",
        )


def _taught(case: _Case) -> Iterator[Finding]:
    taught = sorted((Grade(code) for code in case.school.get("grades") or ()), key=lambda grade: grade.order)
    if case.grade is not None and taught and case.grade not in taught:
        yield Finding(
            f"สถานศึกษานี้ไม่ได้เปิดสอนชั้น {case.grade.th} (เปิดสอน {', '.join(grade.th for grade in taught)})",
            f"This school does not teach {case.grade.en} (it teaches {', '.join(grade.en for grade in taught)}).",
            "grade",
        )


def _closed_school(case: _Case) -> Iterator[Finding]:
    status = SchoolStatus(case.school.get("status") or SchoolStatus.OPEN)
    closed_on, left = case.school.get("closed_on"), case.day("left_on")
    in_time = left is not None and (closed_on is None or left <= as_day(closed_on))
    if status is SchoolStatus.OPEN or in_time:
        return
    th = f" ตั้งแต่ {format_date(closed_on)}" if closed_on else ""
    en = f" since {format_date(closed_on, 'en')}" if closed_on else ""
    yield Finding(
        f"สถานศึกษานี้ “{status.th}”{th} จึงมีนักเรียนไม่ได้ โปรดกรอกวันที่ออก หรือย้ายนักเรียนไปสถานศึกษาใหม่",
        f"This school is “{status.en}”{en} and can have no students. Enter a leaving date or move the student.",
        "school_code",
    )


_RULES: tuple[Callable[[_Case], Iterator[Finding]], ...] = (
    _required,
    _identity,
    _codes,
    _title,
    _birth,
    _age,
    _stay,
    _status,
    _taught,
    _closed_school,
)
