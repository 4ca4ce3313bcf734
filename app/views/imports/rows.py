"""The rows of an import as its pages list them: filtered, paged by their place in the file, and put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from bson import ObjectId
from flask import url_for

from app.documents.imports import ImportRow, ImportRun
from app.enums import ImportDeed, ImportRowState
from app.fabmongo.display import enum_label
from app.rules.imports.terms import FIELDS
from app.services.imports import pages as stored
from app.services.imports.planning.storing import WRITES
from app.thai import normalise_name
from app.views.imports import texts

Raw = dict[str, Any]
PAGE, FIRST_ROWS = 25, 10
LONGEST_WORDS = 80
MARKS = ("repaired", "remarked", "by_hand", "again", "left_out")
"""What a row may be besides its deed; each is a filter of its own."""


@dataclass(frozen=True)
class May:
    """What the reader may do with the rows: follow links to students; mend and choose rows, while it is a preview."""

    see_students: bool
    mend: bool


@dataclass(frozen=True)
class Asked:
    """Which rows are asked for: by deed, school, mark and words; those after a place in the file."""

    deed: str = ""
    school: str = ""
    mark: str = ""
    kind: str = ""
    words: str = ""
    after: int = 0

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Asked:
        """From the arguments of an address; what makes no sense is as if it were not there."""
        deed, mark, after = values.get("deed", ""), values.get("mark", ""), values.get("after", "")
        return cls(
            deed=deed if deed in {one.value for one in ImportDeed} else "",
            school=values.get("school", "")[:20],
            mark=mark if mark in MARKS else "",
            kind=values.get("kind", "")[:40],
            words=normalise_name(values.get("words", "")[:LONGEST_WORDS]),
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 8 else 0,
        )

    @property
    def narrows(self) -> bool:
        """Whether fewer rows are asked for than all."""
        return self != Asked()

    def query(self, **other: Any) -> str:
        """The arguments of an address with some of them changed."""
        new = replace(self, **{"after": 0, **other})
        return urlencode({name: value for name, value in vars(new).items() if value})


def _rows() -> Any:
    return ImportRow._get_collection()


def page(run: ImportRun, asked: Asked, may: May) -> tuple[list[Raw], int]:
    """Raw rows of one page, and the place after which the next one begins (0: this is the last).

    Below the summary of a whole file stand its first rows only. Whole ID numbers are for the forms of who may mend.
    """
    size = PAGE if asked.narrows else FIRST_ROWS
    marks: dict[str, Any] = {asked.mark: True} if asked.mark else {}
    found = stored.page(
        run, asked.deed or None, asked.school or None, asked.words, after=asked.after, limit=size + 1, kind=asked.kind,
        open_numbers=may.mend, **marks,
    )  # fmt: skip
    return found[:size], found[size - 1]["n"] if len(found) > size else 0


def own_keys(run: ImportRun, keys: list[str]) -> list[ObjectId]:
    """Those of some posted keys that are rows of this run."""
    wanted = [ObjectId(key) for key in keys[: 4 * PAGE] if ObjectId.is_valid(key)]
    return [row["_id"] for row in _rows().find({"_id": {"$in": wanted}, "run": run.pk}, {"_id": 1})]



def repairs(run: ImportRun) -> list[dict[str, Any]]:
    """Kinds of repairs with how often each was made, the most frequent first."""
    stages = [
        {"$match": {"run": run.pk, "repairs.0": {"$exists": True}}},
        {"$unwind": "$repairs"},
        {"$group": {"_id": {"kind": "$repairs.kind", "field": "$repairs.field"}, "number": {"$sum": 1},
                    "before": {"$first": "$repairs.before"}, "after": {"$first": "$repairs.after"}}},
        {"$sort": {"number": -1}},
    ]  # fmt: skip
    return [
        {
            "kind": row["_id"]["kind"], "label": texts.repair_label(row["_id"]["kind"]),
            "field": texts.field_label(row["_id"]["field"]), "number": row["number"],
            "before": texts.typed_text(row["_id"]["field"], row["before"]),
            "after": texts.typed_text(row["_id"]["field"], row["after"]),
        }
        for row in _rows().aggregate(stages)
    ]  # fmt: skip


def kept_out(run: ImportRun) -> dict[str, int]:
    """Rows that a person left out, by deed."""
    stages = [{"$match": {"run": run.pk, "left_out": True}}, {"$group": {"_id": "$deed", "number": {"$sum": 1}}}]
    return {row["_id"]: row["number"] for row in _rows().aggregate(stages)}


# -- in words ------------------------------------------------------------------------------


def shown(run: ImportRun, found: list[Raw], names: dict[str, str], may: May) -> list[dict[str, Any]]:
    """Rows as `imports/_row.html` takes them. names: of schools by code."""
    sheets = {sheet.index: sheet.name for sheet in run.sheets}
    several = len(sheets) > 1
    return [
        _shown(stored.masked(row), sheets if several else {}, names, may)
        | {"form": form(row) if may.mend and row["deed"] == ImportDeed.REFUSED.value else []}
        | {"seen": row.get("edits") or {} if may.mend else {}}
        for row in found
    ]


def _shown(row: Raw, sheets: dict[int, str], names: dict[str, str], may: May) -> dict[str, Any]:
    deed, state = ImportDeed(row["deed"]), ImportRowState(row.get("state") or ImportRowState.PLANNED)
    hand = set(row.get("by_hand") or ())
    return {
        "key": str(row["_id"]), "row": row.get("row"), "sheet": sheets.get(row.get("sheet") or 0, ""),
        "name": row.get("student_name") or "", "grade": texts.grade_label(row.get("grade")),
        "school_code": row.get("school_code") or "", "school": names.get(row.get("school_code") or "", ""),
        "from_school": names.get(row.get("from_school") or "", row.get("from_school") or ""),
        "deed": deed.value, "deed_label": enum_label(deed), "tone": texts.TONES[deed],
        "state": state.value, "state_label": enum_label(state), "state_tone": texts.ROW_TONES.get(state, ""),
        "left_out": bool(row.get("left_out")), "overrule": bool(row.get("overrule")),
        "changes": _changes(row, hand, names), "by_hand": [texts.field_label(name) for name in sorted(hand)],
        "facts": _facts(row, names) if deed in (ImportDeed.NEW, ImportDeed.MOVED, ImportDeed.MISSING) else [],
        "troubles": _troubles(row), "repairs": _repairs(row), "edited": bool(row.get("edits")),
        "waits": [texts.field_label(key.partition(":")[0]) for key in row.get("questions") or ()],
        "student_url": _student_url(row, deed, state) if may.see_students else "",
        "fixable": may.mend and deed is not ImportDeed.MISSING and state is not ImportRowState.APPLIED,
        "choosable": may.mend and state is not ImportRowState.APPLIED and (deed in WRITES or bool(row.get("left_out"))),
    }  # fmt: skip


def _student_url(row: Raw, deed: ImportDeed, state: ImportRowState) -> str:
    """The page of the row's student; empty for one who is on no roster yet."""
    there = "version" in row or (deed is ImportDeed.NEW and state is ImportRowState.APPLIED)
    return url_for("StudentView.show", pk=row["student"]) if there and row.get("student") else ""


def _changes(row: Raw, hand: set[str], names: dict[str, str]) -> list[dict[str, Any]]:
    if row["deed"] == ImportDeed.NEW.value:
        return []
    kept = bool(hand) and not row.get("overrule")
    return [
        {
            "label": texts.field_label(name), "by_hand": name in hand, "kept": kept and name in hand,
            "old": texts.value_text(name, old, names), "new": texts.value_text(name, new, names),
        }
        for name, (old, new) in (row.get("changes") or {}).items()
        if name in texts.COLUMNS
    ]  # fmt: skip


def _facts(row: Raw, names: dict[str, str]) -> list[dict[str, str]]:
    values = row.get("values") or {}
    wanted = ("national_id", "birth_date", "sex", "room", "student_no", "admitted_on")
    found = [(name, texts.value_text(name, values.get(name), names)) for name in wanted]
    return [{"label": texts.field_label(name), "value": text} for name, text in found if text]


def _troubles(row: Raw) -> list[dict[str, Any]]:
    return [
        {
            "field": one.get("field") or "", "label": texts.field_label(one["field"]) if one.get("field") else "",
            "value": one.get("value") or "", "text": texts.T(one.get("th") or "", one.get("en") or ""),
        }
        for one in row.get("troubles") or ()
    ]  # fmt: skip


def _repairs(row: Raw) -> list[dict[str, Any]]:
    return [
        {
            "label": texts.field_label(one["field"]), "kind": texts.repair_label(one["kind"]),
            "before": texts.typed_text(one["field"], one.get("before")),
            "after": texts.typed_text(one["field"], one.get("after")),
        }
        for one in row.get("repairs") or ()
    ]  # fmt: skip


def form(row: Raw, typed: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """The boxes in which a row is put right: what the file says, or what was typed; the troubled ones first.

    The ID number stands here in full, as on the form of a student, for whoever may write.
    """
    known = {**(row.get("typed") or {}), **(row.get("edits") or {}), **(typed or {})}
    troubled = {one.get("field"): one for one in row.get("troubles") or ()}
    names = [name for name in FIELDS if name in known or name in troubled]
    boxes = [
        {
            "name": name, "label": texts.field_label(name), "value": str(known.get(name) or ""),
            "trouble": name in troubled,
        }
        for name in names
    ]  # fmt: skip
    return sorted(boxes, key=lambda box: not box["trouble"])
