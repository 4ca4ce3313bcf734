"""Pupils of made-up schools as they should come to be stored: seeded, of plausible ages, some IDs odd."""

from __future__ import annotations

from random import Random
from typing import Any

from app.rules.national_id import check_digit
from tests.factories.people import SCHOOL, IdNumbers, a_roster

Raw = dict[str, Any]

LED_BY_ZERO = 7
"""Every so many'th pupil has an ID number that begins with 0, which spreadsheets lose."""
G_CODE_AT = 4
"""The place of a pupil with a G-code."""
_RELIGIONS = ("พุทธ", "พุทธ", "พุทธ", "อิสลาม", "คริสต์")


def pupils(size: int, seed: int = 2567, **school: Any) -> list[Raw]:
    """`size` raw students of `SCHOOL` with the given fields changed, sorted as lists are: by grade, room and number.

    Nobody has left, no rule finds anything, and weight, height and religion are known.
    """
    rng = Random(seed)
    found = []
    for place, row in enumerate(a_roster(size, seed, **(SCHOOL | school))):
        row |= {
            "religion": rng.choice(_RELIGIONS), "weight_kg": float(rng.randrange(140, 600)) / 10,
            "height_cm": float(rng.randrange(95, 175)), "room": str(place % 2 + 1),
        }  # fmt: skip
        if place == G_CODE_AT:
            row["national_id"] = IdNumbers(rng).g_code()
        elif place % LED_BY_ZERO == 0:
            row["national_id"] = led_by_zero(row["national_id"])
        found.append(row)
    return sorted(found, key=lambda row: (school_order(row["grade"]), row["room"], row["student_no"]))


def school_order(grade: str) -> tuple[int, str]:
    """Where a grade's code stands in a list: C2, K1, P1, M1, V1, D1."""
    return "CKPMVD".index(grade[0]), grade


def led_by_zero(number: str) -> str:
    """The ID number, or G-code, as a valid one that begins with 0."""
    body = f"0{number[1:12]}"
    return body + check_digit(body)
