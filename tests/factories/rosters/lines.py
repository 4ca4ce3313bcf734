"""A pupil's line before it is laid out: the cells by field, and what reading them should come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.enums import Grade, Sex, StudentStatus

Raw = dict[str, Any]
Cell = str | int | float | datetime | None

SHORT_SEX = {Sex.MALE.value: "ช", Sex.FEMALE.value: "ญ"}


@dataclass
class Line:
    """One line. `pupil`: as stored once it is in. repairs: (field, kind), each for a cell that is put right.

    refused: the field for which the line cannot be taken. asked: keys of questions that it raises, with the right
    answers. depends: those that touch it if another line raises them.
    """

    pupil: Raw
    cells: dict[str, Cell]
    repairs: list[tuple[str, str]] = field(default_factory=list)
    refused: str | None = None
    asked: dict[str, str] = field(default_factory=dict)
    depends: dict[str, str] = field(default_factory=dict)

    def mend(self, name: str, kind: str, cell: Cell) -> None:
        """Write a cell in a way that has to be repaired."""
        self.cells[name] = cell
        self.repairs.append((name, kind))


def line_of(pupil: Raw, school_code: str) -> Line:
    """The line of a pupil without any quirk: dates dd/mm in the Buddhist era, everything text but weight and height."""
    cells: dict[str, Cell] = {
        name: pupil[name]
        for name in (
            "national_id", "student_no", "title", "first_name", "last_name", "nationality", "religion",
            "weight_kg", "height_cm", "room",
        )
    }  # fmt: skip
    cells |= {
        "sex": Sex(pupil["sex"]).th,
        "grade": Grade(pupil["grade"]).th,
        "status": StudentStatus(pupil["status"]).th,
        "birth_date": be_text(pupil["birth_date"]),
        "admitted_on": be_text(pupil["admitted_on"]),
        "school_code": school_code,
    }
    return Line({**pupil, "school_code": school_code}, cells)


def be_text(day: datetime) -> str:
    """10/06/2567."""
    return f"{day.day:02}/{day.month:02}/{day.year + 543}"


def every(lines: list[Line], step: int, start: int = 0) -> Iterator[Line]:
    """Each `step`'th line; those a quirk refuses stay away from those of another by `start`."""
    return iter(lines[start::step])
