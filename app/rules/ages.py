"""Usual ages of grades, in completed years on the census date (about the beginning of the school year)."""

from collections.abc import Mapping
from datetime import date

from app.enums import Grade

AgeRange = tuple[int, int]
"""Youngest and oldest age that raises no question, both included."""

_BASE = {"C": 0, "K": 2, "P": 5, "M": 11, "V": 14, "D": 17}
YEARS_EARLY = 1
YEARS_LATE = {"C": 1, "K": 2, "P": 4, "M": 4, "V": 40, "D": 40}
"""First letter of a grade -> years beyond the usual age that raise no question."""


def usual_age(grade: Grade) -> int:
    """Completed years of a child who entered in time: primary 1 is 6, compulsory education begins in the 7th year."""
    return _BASE[grade.value[0]] + int(grade.value[1])


def age_ranges(early: int = YEARS_EARLY, late: Mapping[str, int] = YEARS_LATE) -> dict[Grade, AgeRange]:
    """The range of each grade, `early` years below and `late` years above its usual age."""
    return {grade: (usual_age(grade) - early, usual_age(grade) + late[grade.value[0]]) for grade in Grade}


USUAL_AGES: Mapping[Grade, AgeRange] = age_ranges()
"""Defaults for the warning about age; a caller with better data passes its own."""


def age_on(birth_date: date, day: date) -> int:
    """Completed years on `day`; negative before birth. Someone born on 29 February is a year older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
