"""Rules about a student at a school: the age for the grade, a grade that is taught, a school that is open."""

from collections.abc import Iterator, Mapping

from app.enums import Grade, SchoolStatus, Severity
from app.rules.ages import YEARS_EARLY, YEARS_LATE, AgeRange, age_on, age_ranges
from app.rules.catalogue.case import Case
from app.rules.catalogue.terms import Rule, Settings, Threshold, threshold
from app.rules.census import as_day
from app.rules.findings import Finding
from app.thai import format_date

_LATE = {
    "C": ("late_centre", "อายุเกินปกติได้ ศพด. (ปี)", "Years above the usual age, centres"),
    "K": ("late_kindergarten", "อายุเกินปกติได้ อนุบาล (ปี)", "Years above, kindergarten"),
    "P": ("late_primary", "อายุเกินปกติได้ ประถมศึกษา (ปี)", "Years above, primary"),
    "M": ("late_secondary", "อายุเกินปกติได้ มัธยมศึกษา (ปี)", "Years above, secondary"),
    "V": ("late_vocational", "อายุเกินปกติได้ ปวช. (ปี)", "Years above, vocational"),
    "D": ("late_diploma", "อายุเกินปกติได้ ปวส. (ปี)", "Years above, diploma"),
}

AGE = Rule(
    "age-for-grade", "อายุผิดจากปกติของชั้น", "Unusual age for the grade", Severity.WARNING,
    thresholds=(
        Threshold(
            "early", "อายุต่ำกว่าปกติได้ ทุกชั้น (ปี)", "Years below the usual age, all grades", YEARS_EARLY, high=10
        ),
        *(Threshold(name, th, en, YEARS_LATE[letter], high=90) for letter, (name, th, en) in _LATE.items()),
    ),
)  # fmt: skip
NOT_TAUGHT = Rule("grade-not-taught", "ชั้นที่สถานศึกษาไม่ได้เปิดสอน", "A grade the school does not teach", Severity.ERROR)
CLOSED = Rule(
    "closed-school", "สถานศึกษาที่ยุบ เลิก หรือรวมแล้วยังมีนักเรียน", "A closed school with students", Severity.ERROR,
    together=(
        "สถานศึกษานี้ยุบ เลิก หรือรวมแล้ว แต่ยังมีนักเรียน {n} คนในทะเบียน โปรดกรอกวันที่ออก หรือย้ายนักเรียนไปสถานศึกษาใหม่",
        "This school is closed or merged and still has {n} students. Enter leaving dates, or move the students.",
    ),
)  # fmt: skip

RULES = (AGE, NOT_TAUGHT, CLOSED)


def ages_of(settings: Settings) -> Mapping[Grade, AgeRange]:
    """The ranges of age that the settings give."""
    late = {letter: threshold(AGE, name, settings) for letter, (name, _, _) in _LATE.items()}
    return age_ranges(threshold(AGE, "early", settings), late)


def age(case: Case) -> Iterator[Finding]:
    """The age on the census date (today without one) lies in the grade's range."""
    born, grade, on = case.day("birth_date"), case.grade, case.census or case.today
    if born is None or born > case.today or grade is None or grade not in case.ages:
        return
    years, (youngest, oldest) = age_on(born, on), case.ages[grade]
    if not youngest <= years <= oldest:
        yield AGE.finding(
            f"อายุ {years} ปี ณ {format_date(on)} ผิดจากปกติของชั้น {grade.th} ({youngest}-{oldest} ปี) โปรดตรวจสอบวันเกิดและชั้น",
            f"Age {years} on {format_date(on, 'en')} is unusual for {grade.en} ({youngest}-{oldest}). "
            "Check the date of birth and the grade.",
            "birth_date",
        )


def taught(case: Case) -> Iterator[Finding]:
    """The school teaches the grade; a school without a list of grades teaches all."""
    listed = case.school.get("grades") or ()
    if case.grade is None or not listed or case.grade in listed:
        return
    grades = sorted((Grade(code) for code in listed), key=lambda grade: grade.order)
    yield NOT_TAUGHT.finding(
        f"สถานศึกษานี้ไม่ได้เปิดสอนชั้น {case.grade.th} (เปิดสอน {', '.join(grade.th for grade in grades)})"
        " โปรดแก้ไขชั้นของนักเรียน หรือชั้นที่เปิดสอนของสถานศึกษา",
        f"This school does not teach {case.grade.en} (it teaches {', '.join(grade.en for grade in grades)}). "
        "Correct the student's grade, or the grades of the school.",
        "grade",
    )


def closed(case: Case) -> Iterator[Finding]:
    """Everybody has left a school by the day it closed."""
    status = SchoolStatus(case.school.get("status") or SchoolStatus.OPEN)
    if status is SchoolStatus.OPEN:
        return
    closed_on, left = case.school.get("closed_on"), case.day("left_on")
    if left is not None and (closed_on is None or left <= as_day(closed_on)):
        return
    th = f" ตั้งแต่ {format_date(closed_on)}" if closed_on else ""
    en = f" since {format_date(closed_on, 'en')}" if closed_on else ""
    yield CLOSED.finding(
        f"สถานศึกษานี้ “{status.th}”{th} จึงมีนักเรียนไม่ได้ โปรดกรอกวันที่ออก หรือย้ายนักเรียนไปสถานศึกษาใหม่",
        f"This school is “{status.en}”{en} and can have no students. Enter a leaving date or move the student.",
        "school_code",
    )


CHECKS = (age, taught, closed)
