"""A row of a file while it is planned, and the row that is stored of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from app.enums import ImportDeed, ImportRowState
from app.rules.imports.cells import shown, without_ids
from app.rules.imports.matching import effective, said
from app.rules.imports.terms import RowRead
from app.rules.national_id import mask
from app.services.imports.planning.places import Named, code_of

Raw = dict[str, Any]

KEPT = ("_id", "run", "n", "sheet", "row", "typed", "edits", "left_out", "overrule")
"""What planning a row anew leaves as it is."""
_OF_CELLS = ("be-in-date-cell", "merged")
"""Repairs that only the cells of the file show, not their texts."""
_LISTS = ("repairs", "troubles", "questions", "depends", "by_hand")


@dataclass(slots=True)
class Draft:
    """base: what stays of the stored row. stored: the raw student it is about; changes: raw field -> [old, new]."""

    base: Raw
    typed: Mapping[str, str]
    values: Raw
    named: Named = ("", "")
    repairs: list[Raw] = field(default_factory=list)
    troubles: list[Raw] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    depends: list[str] = field(default_factory=list)
    school: Raw | None = None
    stored: Raw | None = None
    changes: Raw = field(default_factory=dict)
    by_hand: list[str] = field(default_factory=list)
    deed: ImportDeed = ImportDeed.REFUSED
    student: ObjectId | None = None

    @property
    def code(self) -> str | None:
        """The code of the school, once it is known."""
        return self.school["_id"] if self.school is not None else None

    def refuse(self, name: str, th: str, en: str) -> None:
        """Say why a field keeps the row out."""
        self.deed = ImportDeed.REFUSED
        self.remark(name, th, en)

    def remark(self, name: str, th: str, en: str) -> None:
        """Say of a field what people should look at; the row is done as it stands."""
        self.troubles.append({"field": name, "value": self.text_of(name), "th": th, "en": en})

    def text_of(self, name: str) -> str:
        """A field as typed, an ID number masked."""
        text = str(self.typed.get(name) or self.values.get(name) or "")
        return mask(text) if name == "national_id" and text else shown(text, 80)

    def written(self) -> Raw:
        """Raw field -> [old, new] of what would be written to a stored student."""
        return effective({"overrule": self.base.get("overrule"), "by_hand": self.by_hand, "changes": self.changes})

    def after(self) -> Raw:
        """The raw student as it would be stored."""
        if self.stored is None:
            return self.values
        return {**self.stored, **{name: pair[1] for name, pair in self.written().items()}}

    def row(self) -> Raw:
        """The row as stored. Of one that changes nothing the texts are not kept: they would give the same values."""
        known = {**(self.stored or {}), **self.values}
        raw = {
            **self.base,
            "school_code": self.code,
            "deed": self.deed.value,
            "state": ImportRowState.PLANNED.value,
            "student_name": self._name(known),
            "values": self.values,
        }
        if known.get("grade"):
            raw["grade"] = known["grade"]
        if self.student is not None:
            raw["student"] = self.student
        if self.stored is not None:
            raw["version"] = self.stored.get("_v")
        if self.deed is ImportDeed.MOVED and self.stored is not None:
            raw["from_school"] = self.stored["school_code"]
        for name in _LISTS:
            if value := getattr(self, name):
                raw[name] = value
        if self.changes:
            raw["changes"] = self.changes
        if "typed" not in raw and (self.deed is not ImportDeed.UNCHANGED or self.depends):
            raw["typed"] = dict(self.typed)
        return raw

    def _name(self, known: Raw) -> str:
        if known.get("first_name") or known.get("last_name"):
            whole = f"{known.get('title') or ''}{known.get('first_name') or ''} {known.get('last_name') or ''}"
            return without_ids(whole.strip())
        return shown(str(self.typed.get("name") or self.typed.get("first_name") or ""), 160)


def draft_of(base: Raw, read: RowRead, facts: Mapping[str, str]) -> Draft:
    """A row as the rules have read it; the school may also be said above the header of its sheet."""
    named = (
        code_of(read.typed) or code_of(read.values) or code_of(facts),
        str(read.typed.get("school_name") or facts.get("school_name") or "").strip(),
    )
    return Draft(
        base, read.typed, said(read.values), named,
        [_plain(each, "field", "kind", "before", "after") for each in read.repairs],
        [_plain(each, "field", "value", "th", "en") for each in read.troubles],
        list(read.questions), list(read.depends),
    )  # fmt: skip


def kept_draft(row: Raw, edits: RowRead | None = None) -> Draft:
    """The draft of a stored row whose texts were not kept: its values stand but for what was put right since."""
    draft = Draft(_base(row), {}, dict(row.get("values") or {}), (row.get("school_code") or "", ""))
    draft.repairs = list(row.get("repairs") or ())
    if edits is not None:
        put_right = draft_of({}, edits, {})
        draft.values |= put_right.values
        draft.repairs += put_right.repairs
        draft.troubles, draft.questions = put_right.troubles, put_right.questions
        draft.named = put_right.named if any(put_right.named) else draft.named
    return draft


def _base(row: Raw) -> Raw:
    return {name: row[name] for name in KEPT if name in row}


def again_draft(row: Raw, read: RowRead, facts: Mapping[str, str], answered: Mapping[str, str]) -> Draft:
    """The draft of a stored row read anew; it still depends on questions that were answered: the answer may change."""
    draft = draft_of(_base(row), read, facts)
    asked = {*(row.get("questions") or ()), *(row.get("depends") or ())} & answered.keys()
    draft.depends = sorted({*draft.depends, *asked})
    edited = row.get("edits") or {}
    of_cells = [repair for repair in row.get("repairs") or () if repair["kind"] in _OF_CELLS]
    draft.repairs += [each for each in of_cells if each["field"] not in edited and each not in draft.repairs]
    return draft


def _plain(item: Any, *names: str) -> Raw:
    return {name: getattr(item, name) for name in names}
