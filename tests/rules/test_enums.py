"""Every list of the domain has labels, and codes that storage and sorting can rely on."""

import inspect
import pickle

import pytest

from app import enums
from app.enums import Grade, LaoType, Level, TextEnum

ALL = [kind for _, kind in inspect.getmembers(enums, inspect.isclass) if issubclass(kind, TextEnum) and len(kind)]


@pytest.mark.parametrize("kind", ALL)
def test_labels_are_present_and_tell_members_apart(kind: type[TextEnum]) -> None:
    for labels in ([m.th for m in kind], [m.en for m in kind], [m.abbr for m in kind]):
        assert all(labels) and len(set(labels)) == len(kind)


@pytest.mark.parametrize("kind", ALL)
def test_members_are_their_stored_text(kind: type[TextEnum]) -> None:
    for member in kind:
        assert str(member) == f"{member}" == member.value == member
        assert kind(member.value) is member
        assert pickle.loads(pickle.dumps(member)) is member
        assert {kind.from_text(text) for text in (member.value, member.th, member.en, member.abbr)} == {member}
    assert kind.from_text("ไม่มี") is None


def test_grades_sort_from_the_youngest() -> None:
    shuffled = [Grade.D1, Grade.M1, Grade.K3, Grade.P6, Grade.C2, Grade.V3]
    assert [g.value for g in sorted(shuffled, key=lambda g: g.order)] == ["C2", "K3", "P6", "M1", "V3", "D1"]
    assert (Grade.P1.th, Grade.P1.en, len(Grade)) == ("ป.1", "P.1", 24)


def test_levels_sort_from_the_widest() -> None:
    assert [level.order for level in (Level.COUNTRY, Level.PROVINCE, Level.DISTRICT, Level.LAO, Level.SCHOOL)] == [
        *range(5)
    ]


def test_types_are_found_by_the_registers_names_and_the_usual_short_forms() -> None:
    assert LaoType.from_text("องค์การบริหารส่วนตำบล") is LaoType.from_text("อบต.") is LaoType.SAO
