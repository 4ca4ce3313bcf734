"""What roster files are made of, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from app.enums import FindingState, Grade, SchoolKind, Severity, Sex, StudentStatus


@dataclass(frozen=True, slots=True)
class Pupil:
    """One student as stored; `key` is the record's own, never the ID number. Texts that are not known are "".

    national_id is kept out of repr, and so out of logs; it comes masked for who may not change the roster.
    """

    key: str
    school_code: str
    national_id: str = field(repr=False)
    student_no: str
    title: str
    first_name: str
    last_name: str
    sex: Sex | None
    birth_date: date | None
    nationality: str
    religion: str
    weight_kg: float | None
    height_cm: float | None
    grade: Grade | None
    room: str
    status: StudentStatus
    admitted_on: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class RosterSchool:
    """A school with the names of the areas it lies in; grades youngest first. open: it may still take students."""

    code: str
    name: str
    kind: SchoolKind
    grades: tuple[Grade, ...]
    lao_code: str
    lao: str = ""
    district: str = ""
    province: str = ""
    head: str = ""
    open: bool = True


@dataclass(frozen=True, slots=True)
class RosterHead:
    """What a file is about. schools: all it may hold, by code. academic_year and number of the round: Buddhist era.

    single: one school was chosen, so that rows need not say which. whole: ID numbers are not masked.
    """

    name: str
    code: str
    schools: tuple[RosterSchool, ...]
    academic_year: int
    number: int
    census_date: date | None
    made_on: date
    single: bool
    whole: bool

    @property
    def open_schools(self) -> tuple[RosterSchool, ...]:
        """The schools that may take students."""
        return tuple(school for school in self.schools if school.open)

    @property
    def grades(self) -> tuple[Grade, ...]:
        """The grades that any of the schools teaches, youngest first; all grades where none says."""
        taught = {grade for school in self.schools for grade in school.grades}
        return tuple(grade for grade in Grade if grade in taught) or tuple(Grade)

    @property
    def term(self) -> int:
        """The term of the day: the first until October, the second from November to April."""
        return 1 if 5 <= self.made_on.month <= 10 else 2


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as people read it; moments are in UTC."""

    severity: Severity
    state: FindingState
    rule: str
    school_code: str
    school: str
    student: str
    field: str
    text: str
    explanation: str
    resolution: str
    explained_by: str
    explained_on: datetime | None
    found_on: datetime | None
