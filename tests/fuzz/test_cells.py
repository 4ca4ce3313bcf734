"""A few hundred random sheets at each run of the suite; `tests.fuzz.cells` makes as many as one likes."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from app.rules.imports.terms import RowRead
from tests.fuzz import cells


def test_random_sheets_are_read_or_refused_by_name() -> None:
    seen = cells.run(300, seed=20)
    assert seen["recognised"] > 150
    assert min(seen["good"], seen["refused"], seen["asked"], seen["repaired"]) > 10


def test_the_same_seed_makes_the_same_sheets() -> None:
    assert cells.run(20, seed=3) == cells.run(20, seed=3) != cells.run(20, seed=4)


def test_a_lost_text_and_a_wrong_number_are_noticed() -> None:
    with pytest.raises(AssertionError):
        cells.check(RowRead(2, typed={"religion": "พุทธ"}), 1)
    with pytest.raises(AssertionError):
        cells.check(RowRead(1), 1)
    with pytest.raises(AssertionError, match="sheet 0 of seed 1"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "one_file", lambda rng, seen: {}["nothing"])
        cells.run(1, 1)
    seen: Counter[str] = Counter()
    cells.one_file(random.Random(1), seen)
    assert seen
