"""The form of a notice: what was typed, what it means, and what it shows again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from app.documents.rounds import Round
from app.enums import NoticeUrgency
from app.errors import Problem
from app.fabmongo.formats import formats
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.notices.progress import LAO_STATES
from app.services.areas import Place, find_place_inside
from app.thai import parse_date

PLAIN = (
    "number", "urgency", "office", "subject", "addressee", "signer_name", "signer_position", "contact", "round",
)  # fmt: skip
DATES = ("dated", "deadline")
REPEATED = ("references", "attachments", "orders")
PARAGRAPHS = ("opening", "closing")


def values_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows for a raw notice or a starting text."""
    rule = fields.get("recipients") or {}
    values: dict[str, Any] = {name: fields.get(name) or "" for name in PLAIN}
    values |= {name: _typed_day(fields.get(name)) for name in DATES}
    values |= {name: list(fields.get(name) or ()) for name in REPEATED}
    values |= {name: "\n".join(fields.get(name) or ()) for name in PARAGRAPHS}
    values["round"] = fields.get("round_code") or fields.get("round") or ""
    values["area"] = f"{rule['area_level']}:{rule.get('area_code') or ''}" if rule else ""
    values["states"] = [str(state) for state in rule.get("states") or ()]
    return values


def typed_values(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, to be shown again as it is."""
    values: dict[str, Any] = {name: form.get(name, "") for name in (*PLAIN, *DATES, *PARAGRAPHS, "area")}
    values |= {name: [text for text in form.getlist(name) if text.strip()] for name in REPEATED}
    values["states"] = form.getlist("states")
    return values


def read(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields for `save_draft` of what was typed, and the texts of what cannot be read, by field."""
    errors: dict[str, str] = {}
    fields: dict[str, Any] = {name: values[name] for name in (*PLAIN, *REPEATED)}
    fields |= {name: values[name].splitlines() for name in PARAGRAPHS}
    for name in DATES:
        try:
            fields[name] = parse_date(values[name], name) if values[name].strip() else None
        except Problem as problem:
            errors[name] = str(T(problem.th, problem.en))
    if values["urgency"] not in [urgency.value for urgency in NoticeUrgency]:
        fields["urgency"] = NoticeUrgency.NORMAL.value
    known = [state.value for state in LAO_STATES]
    fields["states"] = [state for state in values["states"] if state in known]
    level, _, code = values["area"].partition(":")
    fields["area_level"], fields["area_code"] = level, code
    return fields, errors


def choices() -> dict[str, list[dict[str, Any]]]:
    """The closed lists of the form."""
    rounds = [{"value": item.pk, "label": str(item)} for item in Round.objects]
    return {
        "urgency": [_choice(urgency) for urgency in NoticeUrgency],
        "round": [{"value": "", "label": T("ไม่ระบุรอบ", "No round")}, *rounds],
        "states": [_choice(state) for state in LAO_STATES],
    }


def chosen_area(key: str) -> list[dict[str, str]]:
    """The area that stands in the form, as the searchable select wants it."""
    level, _, code = key.partition(":")
    place = find_place_inside(current_actor().area, level, code) if level else None
    return [{"value": place.key, "label": area_text(place)}] if place else []


def area_text(place: Place) -> str:
    """A place in the select; the hint tells namesakes apart."""
    return f"{place.name} · {place.hint}" if place.hint else place.name


def _choice(member: Any) -> dict[str, Any]:
    return {"value": member.value, "label": T(member.th, member.en)}


def _typed_day(day: date | None) -> str:
    return str(formats().edit_date(day)) if day else ""
