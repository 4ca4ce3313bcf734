"""The path of a place in the tree of areas, and what a person may read."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.documents.base import LecDocument
from app.enums import LaoType, Level
from app.errors import Problem
from app.fabmongo.scope import Actor, Area, Filter
from app.services.areas.places import DOCUMENTS, name_of


class AreaPath(NamedTuple):
    """The codes of a place and of every level above it, by level; and its names."""

    codes: dict[str, str]
    name_th: str
    name_en: str


def area_of(level: str, code: str = "") -> AreaPath:
    """The path of the place `code` of a level, read from the stored tree; the whole country needs no code.

    Raises Problem on area_level or area_code where there is no such level or place.
    """
    known = Level.from_text(level)
    if known is None:
        raise Problem(
            f"ไม่รู้จักระดับพื้นที่ “{level[:20]}” โปรดเลือกจากรายการ",
            f"Unknown level of area “{level[:20]}”. Choose one of the list.",
            "area_level",
        )
    if known is Level.COUNTRY:
        return AreaPath({}, known.th, known.en)
    row = DOCUMENTS[known]._get_collection().find_one({"_id": code})
    if row is None:
        raise Problem(
            f"ไม่พบ{known.th}รหัส “{code[:20]}” โปรดตรวจสอบรหัส",
            f"There is no {known.en.lower()} with the code “{code[:20]}”. Check the code.",
            "area_code",
        )
    above = {str(lv): str(row[f"{lv}_code"]) for lv in DOCUMENTS if lv.order < known.order}
    return AreaPath({**above, str(known): code}, *_names(known, row))


def _names(level: Level, row: dict[str, Any]) -> tuple[str, str]:
    """(Thai, English) name of a place as people call it; where nobody recorded an English one, the Thai name stands."""
    name_th, name_en = name_of(level, DOCUMENTS[level]._from_son(row)), str(row.get("name_en") or row["name_th"])
    if level is Level.DISTRICT:
        return name_th, f"{name_en} District"
    if level is Level.LAO:
        return name_th, f"{name_en} ({LaoType(row['type']).en})"
    return name_th, name_en


def scope_filter(actor: Actor, document: type[LecDocument]) -> Filter | None:
    """MongoDB filter of the rows of `document` that `actor` may read; None is none at all."""
    granted: Filter | None = document.scope.reads(actor.area) if actor.area is not None else None
    return granted


def require_country(actor: Actor) -> None:
    """Raise Problem "forbidden" unless the actor's area is the whole country."""
    area: Area | None = actor.area
    if area is None or area.level != Level.COUNTRY:
        raise Problem(
            "งานนี้เป็นของกรมส่งเสริมการปกครองท้องถิ่นเท่านั้น โปรดติดต่อผู้ดูแลระบบ",
            "Only the Department of Local Administration may do this. Ask the administrator.",
            kind="forbidden",
        )
