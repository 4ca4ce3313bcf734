"""Made-up students: random but seeded, consistent with their grade, fast enough for a million."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from app.enums import Grade, Sex, StudentStatus
from app.rules.ages import age_on, usual_age

# "99" stands where a number has its office's province. No province has it, so no made-up number is anybody's.
_NOBODYS_PROVINCE = "99"
_SPACE = 10**9
_LEADING_ZERO_SHARE = 0.005
_G_CODE_SHARE = 0.01
_LEFT_SHARE = 0.03
_LATE_SHARE = 0.02
_ROOM_SIZE = 32
_NEIGHBOURS = ("เมียนมา", "กัมพูชา", "ลาว")
_GONE = (StudentStatus.MOVED.value, StudentStatus.DISCHARGED.value)
_WEIGHTS = tuple(range(13, 1, -1))


class IdNumbers:
    """Identity numbers with the right check digit, and G-codes; one object gives no number twice (10**9 of them)."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._at = rng.randrange(_SPACE)
        self._step = rng.randrange(_SPACE // 2) * 10 + 7  # prime to 10**9, so the walk meets every number once

    def thai(self) -> str:
        """The next 13-digit number; a few begin with 0, as those of people without civil status do."""
        zero = self._rng.random() < _LEADING_ZERO_SHARE
        body = f"{'0' if zero else '1'}{_NOBODYS_PROVINCE}{self._next():09}"
        total = sum(map(int.__mul__, _WEIGHTS, map(int, body)))
        return f"{body}{(11 - total % 11) % 10}"

    def g_code(self) -> str:
        """The next G-code: "G" and 12 digits."""
        return f"G{_NOBODYS_PROVINCE}0{self._next():09}"

    def _next(self) -> int:
        self._at = (self._at + self._step) % _SPACE
        return self._at


def students(
    rng: random.Random,
    school: Mapping[str, Any],
    grades: Sequence[Grade],
    size: int,
    academic_year: int,
    census_date: date,
    ids: IdNumbers | None = None,
) -> Iterator[dict[str, Any]]:
    """`size` raw student documents without `_id`, spread evenly over `grades`, dates as midnight datetimes.

    school: raw school document (_id, lao_code, district_code, province_code). academic_year in BE. Some are admitted
    or have left on, just before or after the census date. Numbers are unique within `ids`: pass one for all schools.
    """
    ids = ids or IdNumbers(rng)
    path = {name: school.get(name) for name in ("lao_code", "district_code", "province_code")}
    path = {"school_code": school["_id"], **path}
    number = 0
    for position, grade in enumerate(sorted(grades, key=lambda member: member.order)):
        in_grade = size // len(grades) + (position < size % len(grades))
        cohort = _Cohort(rng, ids, grade, academic_year, census_date)
        for place in range(in_grade):
            number += 1
            yield {**cohort.student(place), "student_no": f"{number:05}", **path}


def adult(rng: random.Random) -> str:
    """The name of a made-up adult, with title."""
    men, women, last_names = _names()
    title, first_names = rng.choice((("นาย", men), ("นางสาว", women)))
    return f"{title}{rng.choice(first_names)} {rng.choice(last_names)}"


class _Cohort:
    """One grade of one school: the dates its students share are made once."""

    def __init__(self, rng: random.Random, ids: IdNumbers, grade: Grade, academic_year: int, census_date: date) -> None:
        self._rng, self._ids, self._grade = rng, ids, grade
        first_day = datetime(academic_year - 543, 5, 16)
        census = datetime(census_date.year, census_date.month, census_date.day)
        turned = usual_age(grade)
        youngest = first_day.replace(year=first_day.year - turned)
        self._births = [youngest - timedelta(days=day) for day in range(365)]
        self._grown_up = [age_on(born, census) >= 15 for born in self._births]
        entered = min(int(grade.value[1]) - 1, 2)
        self._admissions = [first_day.replace(year=first_day.year - years) for years in range(entered + 1)]
        self._around = [census + timedelta(days=day) for day in (-14, -7, -1, 0, 1, 7, 21)]

    def student(self, place: int) -> dict[str, Any]:
        """The next student of the grade; `place` counts from 0 and fills the rooms in turn."""
        draw, (boys, girls, last_names) = self._rng.random, _names()
        male = draw() < 0.51
        day = int(draw() * 365)
        foreign = draw() < _G_CODE_SHARE
        admitted, left = self._stay()
        names = boys if male else girls
        return {
            "national_id": self._ids.g_code() if foreign else self._ids.thai(),
            "title": _TITLES[male, self._grown_up[day]],
            "first_name": names[int(draw() * len(names))],
            "last_name": last_names[int(draw() * len(last_names))],
            "sex": (Sex.MALE if male else Sex.FEMALE).value,
            "birth_date": self._births[day],
            "nationality": _NEIGHBOURS[int(draw() * 3)] if foreign else "ไทย",
            "grade": self._grade.value,
            "room": str(place // _ROOM_SIZE + 1),
            "status": StudentStatus.STUDYING.value if left is None else _GONE[int(draw() * 2)],
            "admitted_on": admitted,
            "left_on": left,
        }

    def _stay(self) -> tuple[datetime, datetime | None]:
        """Admission and leaving: mostly the first day of a school year and still there, some around the census date."""
        kind = self._rng.random()
        if kind < _LATE_SHARE:
            return self._rng.choice(self._around), None
        admitted = self._admissions[int(self._rng.random() * len(self._admissions))]
        return admitted, self._rng.choice(self._around) if kind < _LATE_SHARE + _LEFT_SHARE else None


_TITLES = {(True, False): "เด็กชาย", (False, False): "เด็กหญิง", (True, True): "นาย", (False, True): "นางสาว"}


@cache
def _names() -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """Boys', girls' and last names of Faker's Thai provider, imported at first use for it costs 70 ms."""
    from faker.providers.person.th_TH import Provider

    return tuple(Provider.first_names_male), tuple(Provider.first_names_female), tuple(Provider.last_names)
