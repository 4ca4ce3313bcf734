"""Imports of rosters as JSON: their questions, schools and rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.documents.imports import ImportRun
from app.enums import ImportDeed
from app.fabmongo.api.reading import plain
from app.fabmongo.labels import T
from app.rules.imports import fields, questions, repairs

Raw = Mapping[str, Any]


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


def row_json(raw: Raw) -> dict[str, Any]:
    """One row of a run, as `pages.page` gives it."""
    shown = {name: raw.get(name) for name in ("n", "sheet", "row", "deed", "state", "student_name", "grade")}
    stored = raw.get("student") if raw["deed"] != ImportDeed.NEW or raw.get("after_version") else None
    return {
        "id": str(raw["_id"]), **shown, "school": raw.get("school_code"), "from_school": raw.get("from_school"),
        "student": str(stored) if stored else None,
        "left_out": bool(raw.get("left_out")), "overrule": bool(raw.get("overrule")),
        "typed": {**(raw.get("typed") or {}), **(raw.get("edits") or {})},
        "values": {name: _value(value) for name, value in (raw.get("values") or {}).items()},
        "changes": {name: [_value(old), _value(new)] for name, (old, new) in (raw.get("changes") or {}).items()},
        "by_hand": list(raw.get("by_hand") or ()), "repairs": [_repair(one) for one in raw.get("repairs") or ()],
        "troubles": [
            {"field": one.get("field"), "value": one.get("value"), "message": str(T(one["th"], one["en"]))}
            for one in raw.get("troubles") or ()
        ],
        "questions": list(raw.get("questions") or ()),
    }  # fmt: skip


def _repair(one: Raw) -> dict[str, Any]:
    label = repairs.KINDS.get(one["kind"], (one["kind"], one["kind"]))
    return {
        "field": one["field"], "kind": one["kind"], "label": str(T(*label)), "before": plain(one.get("before")),
        "after": plain(one.get("after")),
    }  # fmt: skip


def _value(value: Any) -> Any:
    """A stored value; a day as ISO text."""
    return value.date().isoformat() if isinstance(value, datetime) else plain(value)
