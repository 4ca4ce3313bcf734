"""What the forms LEC-1 and LEC-2 are filled with, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from app.enums import Grade


@dataclass(frozen=True, slots=True)
class FormHead:
    """What stands above the table and under the signatures; an empty text is printed as a dotted line to write on.

    academic_year: Buddhist era. number: of the round within the year (ครั้งที่). census_date: the day the counts hold
    for. teacher is who gives the data (ผู้ให้ข้อมูล), head who certifies it (ผู้รับรองข้อมูล).
    """

    academic_year: int
    number: int
    school: str
    affiliation: str
    lao: str
    census_date: date | None = None
    teacher: str = ""
    teacher_position: str = ""
    phone: str = ""
    head: str = ""
    head_position: str = ""


@dataclass(frozen=True, slots=True)
class GradeRow:
    """Boys and girls of one grade, in persons; None is not known and stays empty, which is not zero."""

    grade: Grade
    male: int | None
    female: int | None

    @property
    def total(self) -> int | None:
        return None if self.male is None or self.female is None else self.male + self.female


@dataclass(frozen=True, slots=True)
class NameRow:
    """One pupil. number: the school's own pupil number. name: title, first and last name.

    national_id is kept out of repr, and so out of logs. room may be empty.
    """

    number: str
    name: str
    national_id: str = field(repr=False)
    grade: Grade
    room: str
