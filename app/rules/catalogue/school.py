"""Rules about a whole school: one person twice, and a class that is taught but has nobody."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from app.enums import Grade, SchoolStatus, Severity
from app.rules.catalogue.terms import Rule, Scope
from app.rules.findings import Finding

Raw = Mapping[str, Any]

SAME_NUMBER = Rule(
    "duplicate-in-school", "เลขประจำตัวประชาชนซ้ำในสถานศึกษา", "One ID number twice in a school",
    Severity.ERROR, Scope.SCHOOL,
)  # fmt: skip
SAME_PERSON = Rule(
    "same-person-in-school", "อาจเป็นคนเดียวกันที่บันทึกสองครั้ง", "Perhaps one person recorded twice",
    Severity.WARNING, Scope.SCHOOL,
)  # fmt: skip
EMPTY_GRADE = Rule(
    "empty-grade", "ชั้นที่เปิดสอนแต่ไม่มีนักเรียน", "A grade taught with nobody in it", Severity.WARNING, Scope.SCHOOL
)

RULES = (SAME_NUMBER, SAME_PERSON, EMPTY_GRADE)


def duplicates(students: Iterable[Raw]) -> Iterator[tuple[Raw, Finding]]:
    """Each raw student of one school whose number, or whose name and birth date, another of them has too."""
    by_number, by_name = defaultdict(list), defaultdict(list)
    for student in students:
        by_number[student.get("national_id")].append(student)
        by_name[tuple(student.get(name) for name in ("first_name", "last_name", "birth_date"))].append(student)
    for number, rows in by_number.items():
        if number and len(rows) > 1:
            for row in rows:
                yield row, SAME_NUMBER.finding(
                    f"เลขประจำตัวประชาชนนี้มีในทะเบียนของสถานศึกษา {len(rows)} รายการ โปรดลบรายการที่ซ้ำ หรือแก้ไขเลขที่ผิด",
                    f"This ID number is on the roster {len(rows)} times. Delete the copy, or correct the number.",
                    "national_id",
                )
    for name, rows in by_name.items():
        # Two rows of one number are told above; a name or a day that is missing says nothing.
        if all(name) and len({row.get("national_id") for row in rows}) > 1:
            for row in rows:
                yield row, SAME_PERSON.finding(
                    f"ชื่อ นามสกุล และวันเกิดตรงกันกับอีก {len(rows) - 1} รายการในสถานศึกษา หากเป็นคนเดียวกัน"
                    " โปรดลบรายการที่ซ้ำ หากเป็นคนละคน โปรดชี้แจง",
                    f"Name and date of birth are those of {len(rows) - 1} more on this roster. If it is one person, "
                    "delete the copy; if not, explain.",
                    "first_name",
                )


def empty_grades(school: Raw, present: Collection[str]) -> Iterator[Finding]:
    """Grades that an open school teaches and in which nobody counts; where there is nobody at all, that alone.

    present: the codes of grades with at least one student.
    """
    if (school.get("status") or SchoolStatus.OPEN) != SchoolStatus.OPEN:
        return
    taught = sorted((Grade(code) for code in school.get("grades") or ()), key=lambda grade: grade.order)
    if not present:
        yield EMPTY_GRADE.finding(
            "ไม่มีนักเรียนที่นับได้ในรอบนี้เลย โปรดบันทึกนักเรียน หากไม่มีนักเรียนจริง โปรดชี้แจง",
            "Nobody counts in this round. Record the students; if there are none, explain.",
            about="all",
        )
        return
    for grade in taught:
        if grade.value not in present:
            yield EMPTY_GRADE.finding(
                f"เปิดสอนชั้น {grade.th} แต่ไม่มีนักเรียน โปรดบันทึกนักเรียน แก้ไขชั้นที่เปิดสอน หรือชี้แจงว่าไม่มีนักเรียนจริง",
                f"{grade.en} is taught, but nobody is in it. Record students, correct the grades taught, or explain.",
                "grade",
                grade.value,
            )


def together(rules: Mapping[str, Rule], findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for all that the students of a school share, such as being on the roster of a closed school."""
    numbers = Counter((finding.rule, finding.severity) for finding in findings)
    for (code, severity), n in numbers.items():
        th, en = rules[code].together or ("", "")
        yield Finding(th.format(n=n), en.format(n=n), "school_code", severity, code)
