"""The correction register: each change of a roster while a round is open that corrects the base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.corrections import Correction
from app.documents.schools import School
from app.documents.students import Student
from app.enums import CorrectionDeed, RoundKind
from app.fabmongo.display import shown
from app.fabmongo.labels import first_language
from app.fabmongo.writes import changes
from app.rules.rosters import deed_of, effects_of
from app.services.rounds import open_of

Raw = dict[str, Any]

_PATH = ("school_code", "lao_code", "district_code", "province_code")
COLUMNS = {
    str(field.db_field): (name, field)
    for name, field in Student._fields.items()
    if name != "id" and not getattr(field, "derived", False) and not getattr(field, "audit", False)
}
"""Raw field -> (column, field) of a student that people fill in."""


WHOLE = ("national_id", "sex", "birth_date", "grade", "room", "status", "admitted_on", "left_on")
"""Raw fields that tell who was added or removed; the whole row is in the history."""


def correcting(rounds: Iterable[Raw], places: Iterable[Raw] = ()) -> list[Raw]:
    """Those of some raw rounds in which a change at places (raw codes) is a correction: open to one, and correcting."""
    return [round_ for round_ in open_of(rounds, places) if round_.get("kind") == RoundKind.CORRECTION.value]


def register(
    rounds: Iterable[Raw], actor: Any, before: Raw | None, after: Raw | None, reason: str | None,
    session: ClientSession | None,
) -> None:
    """Write one change of a raw student into the register of each round that corrects; where none does, nothing.

    before, after: the raw student, None where there was or is none. A move is written for both schools, but not for
    one to which the round is closed while the other has an extension: its count of that round stays.
    """
    mine = correcting(rounds, [row for row in (before, after) if row])
    if not mine:
        return
    moved = deed_of(before, after) is CorrectionDeed.MOVE
    names = school_names({row["school_code"] for row in (before, after) if row}, session) if moved else {}
    Correction._get_collection().insert_many(
        list(correction_rows(mine, actor, before, after, reason, names)), session=session
    )


def school_names(codes: Iterable[str], session: ClientSession | None = None) -> dict[str, str]:
    """School code -> name."""
    rows = School._get_collection().find({"_id": {"$in": sorted(codes)}}, {"name_th": 1}, session=session)
    return {row["_id"]: row["name_th"] for row in rows}


def correction_rows(
    rounds: Iterable[Raw], actor: Any, before: Raw | None, after: Raw | None, reason: str | None,
    names: Mapping[str, str],
) -> Iterator[Raw]:
    """The raw rows of one change in raw rounds that correct; `names`: the schools' between which somebody moves."""
    known: Raw = after or before or {}
    common: Raw = {
        "student_id": known["_id"],
        "student_name": f"{known.get('title', '')}{known.get('first_name', '')} {known.get('last_name', '')}",
        "deed": deed_of(before, after).value,
        "fields": _fields(before or {}, after or {}, names),
        "reason": reason,
        "made_by": getattr(actor, "username", None),
        "made_on": stored_now(),
    }
    places = {row["school_code"]: {name: row.get(name) for name in _PATH} for row in (before, after) if row}
    for round_ in rounds:
        for school, effect in effects_of(before, after, round_["census_date"]).items():
            if open_of([round_], [places[school]]):
                yield {"round_code": round_["_id"], "effect": effect, **common, **places[school]}


def _fields(before: Raw, after: Raw, names: Mapping[str, str]) -> list[Raw]:
    """The changed fields as people read them, in Thai whoever changed them: the register is a record."""
    found = []
    with first_language():
        for path, (old, new) in changes(before, after).items():
            if path not in (COLUMNS if before and after else WHOLE):
                continue
            label = str(COLUMNS[path][1].verbose_name)
            pair = {"before": _text(path, old, names), "after": _text(path, new, names)}
            found.append({"field": label} | {side: text for side, text in pair.items() if text})
    return found


def _text(path: str, value: Any, names: Mapping[str, str]) -> str:
    column, field = COLUMNS[path]
    if path == "school_code":
        return names.get(value, str(value))
    return "" if value is None else str(shown(getattr(Student._from_son({path: value}), column), field))
