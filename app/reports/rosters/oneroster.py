"""A roster as a OneRoster 1.2 CSV package: bulk files of its binding, with a manifest, in one zip.

Columns and their order are those of "OneRoster Rostering Service CSV Binding 1.2" (1EdTech). What LEC keeps besides
stands in columns `metadata.*`, the binding's way of extending. An ID number is in `identifier` only: the keys of all
records are LEC's own. Of bulk files the binding leaves `status` and `dateLastModified` empty.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from app.enums import Grade
from app.fabmongo.safe_text import formula_safe
from app.reports.rosters.rows import Pupil, RosterHead, RosterSchool
from app.thai import to_ce

_KEYS = ("sourcedId", "status", "dateLastModified")
METADATA = ("title", "studentNo", "nationality", "religion", "weightKg", "heightCm", "status", "grade", "room")
FILES: dict[str, tuple[str, ...]] = {
    "academicSessions": (*_KEYS, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    "orgs": (*_KEYS, "name", "type", "identifier", "parentSourcedId"),
    "courses": (*_KEYS, "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects",
                "subjectCodes"),
    "classes": (*_KEYS, "title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId",
                "termSourcedIds", "subjects", "subjectCodes", "periods"),
    "users": (*_KEYS, "enabledUser", "username", "userIds", "givenName", "familyName", "middleName", "identifier",
              "email", "sms", "phone", "agentSourcedIds", "grades", "password", "userMasterIdentifier",
              "preferredGivenName", "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns",
              *(f"metadata.{name}" for name in METADATA)),
    "roles": (*_KEYS, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId",
              "userProfileSourcedId"),
    "enrollments": (*_KEYS, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate",
                    "endDate"),
    "demographics": (*_KEYS, "birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
                     "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
                     "hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth",
                     "publicSchoolResidenceStatus"),
}  # fmt: skip
ABSENT = (
    "categories", "classResources", "courseResources", "lineItemLearningObjectiveIds", "lineItems",
    "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales", "scoreScales",
    "userProfiles", "userResources",
)  # fmt: skip
CEDS = {
    "C2": "IT", "C3": "PR", "C4": "PK", "C5": "PK", "K1": "PR", "K2": "PK", "K3": "KG",
    **{f"P{n}": f"{n:02}" for n in range(1, 7)}, **{f"M{n}": f"{n + 6:02}" for n in range(1, 7)},
    **{f"V{n}": f"{n + 9:02}" for n in range(1, 4)}, "D1": "PS", "D2": "PS",
}  # fmt: skip
"""LEC's grades in the binding's vocabulary (CEDS entry grade levels); `metadata.grade` has the grade itself."""


def write(out: BinaryIO, head: RosterHead, pupils: Iterable[Pupil]) -> int:
    """Write the zip to `out` and return how many students it holds; memory does not grow with them.

    A room of a grade is a class, a grade of a school a course, the academic year the session of all.
    """
    with ExitStack() as stack:
        package = _Package(head, {name: stack.enter_context(_Table.begin(head_)) for name, head_ in FILES.items()})
        number = sum(package.add(pupil) for pupil in pupils)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("manifest.csv", manifest())
            for name, table in package.tables.items():
                with bundle.open(f"{name}.csv", "w", force_zip64=True) as target:
                    table.copy(target)
    return number


def manifest() -> str:
    """The control file: versions, and which files are there."""
    lines = [("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    lines += sorted([(f"file.{n}", "bulk") for n in FILES] + [(f"file.{n}", "absent") for n in ABSENT])
    lines += [("source.systemName", "LEC"), ("source.systemCode", "lec")]
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()


class _Table:
    """One file of the package, kept on disk until it is put into the zip."""

    def __init__(self, heading: Sequence[str], file: IO[bytes]) -> None:
        self._file, self._places = file, {name: place for place, name in enumerate(heading)}
        self._text = io.TextIOWrapper(file, "utf-8", newline="", write_through=False)
        self._writer = csv.writer(self._text)
        self._writer.writerow(heading)

    @classmethod
    def begin(cls, heading: Sequence[str]) -> _Table:
        return cls(heading, TemporaryFile())

    def __enter__(self) -> _Table:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def add(self, key: str, **values: str) -> None:
        """A record; columns that are not named stay empty. `metadata_x` is the column metadata.x."""
        row = [""] * len(self._places)
        row[0] = key
        for name, value in values.items():
            row[self._places[name.replace("metadata_", "metadata.")]] = formula_safe(value)
        self._writer.writerow(row)

    def copy(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        self._text.flush()
        self._file.seek(0)
        while piece := self._file.read(1 << 16):
            target.write(piece)


@dataclass(slots=True)
class _Package:
    """The files as they grow; `known` are the keys of the classes and courses that are in them."""

    head: RosterHead
    tables: dict[str, _Table]
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        ce = to_ce(self.head.academic_year)
        self.tables["academicSessions"].add(
            self._year, title=f"ปีการศึกษา {self.head.academic_year}", type="schoolYear", startDate=f"{ce}-05-16",
            endDate=f"{ce + 1}-05-15", schoolYear=str(ce + 1),
        )  # fmt: skip
        for code, name in {school.lao_code: school.lao for school in self.head.schools}.items():
            self.tables["orgs"].add(f"lao-{code}", name=name, type="district", identifier=code)
        for school in self.head.schools:
            self._school(school)

    @property
    def _year(self) -> str:
        return f"year-{self.head.academic_year}"

    def _school(self, school: RosterSchool) -> None:
        self.tables["orgs"].add(
            f"school-{school.code}", name=school.name, type="school", identifier=school.code,
            parentSourcedId=f"lao-{school.lao_code}",
        )  # fmt: skip

    def add(self, pupil: Pupil) -> int:
        """One student in every file that speaks of students; 1, to be added up."""
        school, ceds = f"school-{pupil.school_code}", CEDS.get(pupil.grade or "", "")
        here = "true" if pupil.left_on is None else "false"
        self.tables["users"].add(
            pupil.key, enabledUser=here, username=pupil.key, givenName=pupil.first_name, familyName=pupil.last_name,
            identifier=pupil.national_id, grades=ceds, primaryOrgSourcedId=school, metadata_title=pupil.title,
            metadata_studentNo=pupil.student_no, metadata_nationality=pupil.nationality,
            metadata_religion=pupil.religion, metadata_weightKg=_number(pupil.weight_kg),
            metadata_heightCm=_number(pupil.height_cm), metadata_status=pupil.status.th,
            metadata_grade=pupil.grade.th if pupil.grade else "", metadata_room=pupil.room,
        )  # fmt: skip
        stay = {"beginDate": _day(pupil.admitted_on), "endDate": _day(pupil.left_on)}
        self.tables["roles"].add(
            f"role-{pupil.key}", userSourcedId=pupil.key, roleType="primary", role="student", orgSourcedId=school,
            **stay,
        )  # fmt: skip
        self.tables["enrollments"].add(
            f"enrollment-{pupil.key}", classSourcedId=self._class(pupil), schoolSourcedId=school,
            userSourcedId=pupil.key, role="student", primary="false", **stay,
        )  # fmt: skip
        sex = str(pupil.sex) if pupil.sex else "unspecified"
        self.tables["demographics"].add(pupil.key, birthDate=_day(pupil.birth_date), sex=sex)
        return 1

    def _class(self, pupil: Pupil) -> str:
        """The key of the student's class; it and its course are written where they are new."""
        grade = pupil.grade or Grade.P1
        course = f"course-{pupil.school_code}-{grade}"
        key = f"class-{pupil.school_code}-{grade}-{_plain(pupil.room)}"
        school, ceds = f"school-{pupil.school_code}", CEDS[grade]
        if self._new(course):
            self.tables["courses"].add(
                course, schoolYearSourcedId=self._year, title=grade.th, courseCode=str(grade), grades=ceds,
                orgSourcedId=school,
            )  # fmt: skip
        if self._new(key):
            self.tables["classes"].add(
                key, title=f"{grade.th}/{pupil.room}" if pupil.room else grade.th, grades=ceds, courseSourcedId=course,
                classCode=pupil.room, classType="homeroom", schoolSourcedId=school, termSourcedIds=self._year,
            )  # fmt: skip
        return key

    def _new(self, key: str) -> bool:
        if key in self.known:
            return False
        self.known.add(key)
        return True


def _plain(text: str) -> str:
    """A part of a key: letters and digits as they are, anything else as its bytes."""
    return text if text.isascii() and text.isalnum() else "x" + text.encode().hex()


def _day(value: date | None) -> str:
    return value.isoformat() if value is not None else ""


def _number(value: float | None) -> str:
    return "" if value is None else repr(value).removesuffix(".0")
