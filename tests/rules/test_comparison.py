"""A count beside its certified list: every difference is named, and missing is not zero."""

from hypothesis import given
from hypothesis import strategies as st

from app.enums import Grade
from app.rules.comparison import Cells, compare, explain

cells = st.dictionaries(st.sampled_from(list(Grade)), st.tuples(st.integers(0, 60), st.integers(0, 60)))


@given(cells)
def test_a_count_agrees_with_the_list_it_was_taken_from(names: Cells) -> None:
    found = compare(names, names)
    assert not found.differences
    assert found.equal == any(map(sum, names.values()))


@given(cells, cells)
def test_they_agree_exactly_when_every_cell_does(count: Cells, names: Cells) -> None:
    def full(given: Cells) -> list[tuple[int, int]]:
        return [given.get(grade, (0, 0)) for grade in Grade]

    found = compare(count, names)
    assert bool(found.differences) == (full(count) != full(names))
    assert bool(explain(found)[0]) == (not found.equal)


def test_one_girl_too_many_is_named_with_her_grade() -> None:
    th, en = explain(compare({Grade.P1: (10, 12)}, {Grade.P1: (10, 11)}))
    assert th == "ป.1 หญิง: บันทึก 12 รายชื่อ 11"
    assert en == "P.1 girls: recorded 12, listed 11"


def test_nothing_recorded_is_not_zero() -> None:
    found = compare(None, {})
    assert not found.counted
    assert not found.equal
    assert "ยังไม่ได้บันทึก" in explain(found)[0]
