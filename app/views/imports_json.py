"""Imports of rosters as JSON: questions, schools and rows, ID numbers masked for those who may not write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.documents.imports import ImportRun
from app.enums import ImportDeed
from app.fabmongo.api.reading import plain
from app.fabmongo.labels import T
from app.rules.imports import fields, questions, repairs
from app.rules.national_id import mask

Raw = Mapping[str, Any]

_NUMBER = "national_id"


def question_json(run: ImportRun) -> list[dict[str, Any]]:
    """The questions of a run with what may be answered, and the answers there are."""
    return [_question(one, (run.answers or {}).get(one.key)) for one in run.questions]


def _question(one: Any, answer: str | None) -> dict[str, Any]:
    kind = questions.KINDS[one.kind]
    return {
        "key": one.key, "field": one.field, "label": str(T(*fields.label(one.field or ""))),
        "text": str(T(kind.th, kind.en)), "rows": one.rows or 0, "samples": list(one.samples or ()),
        "options": [{"value": value, "label": str(T(th, en))} for value, th, en in kind.options],
        "suggested": kind.suggested or None, "answer": answer,
    }  # fmt: skip


def school_json(raw: Raw) -> dict[str, Any]:
    """One school of a run: its numbers, and who studies there before and after, by grade and sex."""
    return {
        "school": raw["school_code"], "name": raw.get("name"), "state": raw.get("state"),
        "numbers": plain(raw.get("numbers") or {}), "before": plain(raw.get("before") or {}),
        "after": plain(raw.get("after") or {}), "error": error_of(raw),
    }  # fmt: skip


def error_of(raw: Raw) -> str | None:
    """Why a raw run or school came to nothing, in the language of the request."""
    th = raw.get("error_th")
    return str(T(th, raw.get("error_en") or th)) if th else None


def row_json(raw: Raw, whole: bool) -> dict[str, Any]:
    """One row of a run; `whole` shows ID numbers unmasked."""
    shown = {name: raw.get(name) for name in ("n", "sheet", "row", "deed", "state", "student_name", "grade")}
    stored = raw.get("student") if raw["deed"] != ImportDeed.NEW or raw.get("after_version") else None
    return {
        "id": str(raw["_id"]), **shown, "school": raw.get("school_code"), "from_school": raw.get("from_school"),
        "student": str(stored) if stored else None,
        "left_out": bool(raw.get("left_out")), "overrule": bool(raw.get("overrule")),
        "typed": _texts({**(raw.get("typed") or {}), **(raw.get("edits") or {})}, whole),
        "values": {name: _value(name, value, whole) for name, value in (raw.get("values") or {}).items()},
        "changes": {
            name: [_value(name, value, whole) for value in pair] for name, pair in (raw.get("changes") or {}).items()
        },
        "by_hand": list(raw.get("by_hand") or ()),
        "repairs": [_repair(one, whole) for one in raw.get("repairs") or ()],
        "troubles": [
            {"field": one.get("field"), "value": one.get("value"), "message": str(T(one["th"], one["en"]))}
            for one in raw.get("troubles") or ()
        ],
        "questions": list(raw.get("questions") or ()),
    }  # fmt: skip


def _texts(typed: Raw, whole: bool) -> dict[str, str]:
    return {name: str(_value(name, text, whole) or "") for name, text in typed.items()}


def _repair(one: Raw, whole: bool) -> dict[str, Any]:
    name, kind = one["field"], repairs.KINDS.get(one["kind"], (one["kind"], one["kind"]))
    before, after = (_value(name, one.get(part), whole) for part in ("before", "after"))
    return {"field": name, "kind": one["kind"], "label": str(T(*kind)), "before": before, "after": after}


def _value(name: str, value: Any, whole: bool) -> Any:
    """A stored value: a day as ISO text, an ID number masked unless `whole`."""
    if name == _NUMBER and value and not whole:
        return mask(str(value))
    return value.date().isoformat() if isinstance(value, datetime) else plain(value)
