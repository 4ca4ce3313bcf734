"""One way of writing a person on a roster or a certified list."""

from __future__ import annotations

from app.documents.evidence import ListedStudent
from app.documents.students import Student
from app.rules import national_id, titles
from app.thai import normalise_code, normalise_name


def normalise(student: Student | ListedStudent) -> None:
    """Write number, names and title in their stored form; an empty sex follows from the title."""
    student.national_id = national_id.normalise(student.national_id or "")
    student.title = titles.full_title(student.title or "")
    student.first_name = normalise_name(student.first_name or "")
    student.last_name = normalise_name(student.last_name or "")
    student.student_no = normalise_code(student.student_no or "") or None
    student.room = normalise_code(student.room or "") or None
    if student.sex is None:
        student.sex = titles.sex_of_title(student.title)
