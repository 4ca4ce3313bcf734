"""Places in the tree of areas: found by code, or searched by name inside a person's own area."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.documents.areas import District, Province
from app.documents.base import LecDocument
from app.documents.lao import Lao
from app.documents.schools import School
from app.enums import Level
from app.fabmongo.scope import Area, Filter
from app.thai import normalise_name, to_arabic_digits

DOCUMENTS: dict[Level, type[LecDocument]] = {
    Level.PROVINCE: Province,
    Level.DISTRICT: District,
    Level.LAO: Lao,
    Level.SCHOOL: School,
}
BANGKOK = "10"
"""DOPA code of Bangkok, whose parts are เขต and which is not called จังหวัด."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the tree: `codes` holds its own code and those above it, by level. `hint` tells namesakes apart."""

    level: Level
    code: str
    name: str
    codes: dict[str, str]
    hint: str = ""

    @property
    def key(self) -> str:
        """One word for forms and unique keys: "lao:5301401"; "country:" for the whole country."""
        return f"{self.level}:{self.code}"


COUNTRY = Place(Level.COUNTRY, "", Level.COUNTRY.th, {})


def find_place(level: str, code: str = "") -> Place | None:
    """The place of a level and code with its path as stored, or None where there is no such place."""
    known = Level.from_text(level)
    if known is Level.COUNTRY:
        return COUNTRY
    if known is None:
        return None
    row = DOCUMENTS[known].objects(pk=code).first()
    return _place(known, row) if row is not None else None


def find_place_inside(area: Area | None, level: str, code: str = "") -> Place | None:
    """`find_place` for what somebody typed: a place outside `area` is not told apart from one that is not there."""
    place = find_place(level, code)
    return place if place is not None and inside(place.codes, area) else None


def inside(codes: Mapping[str, str], area: Area | None) -> bool:
    """Whether the place with these codes, by level, is `area` or lies in it; nobody's area holds nothing."""
    if area is None:
        return False
    if area.level == Level.COUNTRY:
        return True
    own = area.codes.get(area.level)
    return bool(own) and codes.get(area.level) == own


def search_places(area: Area | None, text: str = "", limit: int = 30) -> list[Place]:
    """Places of `area` whose name or code holds `text` (Thai digits too), widest first, at most `limit`.

    Without text: the area itself and the level below it.
    """
    if area is None:
        return []
    own = find_place(area.level, area.codes.get(area.level, ""))
    if own is None:
        return []
    wanted = to_arabic_digits(normalise_name(text))
    if not wanted:
        below = [level for level in DOCUMENTS if level.order == own.level.order + 1]
        return [own, *_with_hints(_search(below, area, "", limit))]
    levels = [level for level in DOCUMENTS if level.order >= own.level.order]
    return _with_hints(_search(levels, area, wanted, limit))


def names_of(level: Level, codes: Iterable[str]) -> dict[str, str]:
    """Names of places as people write them, by code."""
    rows = DOCUMENTS[level].objects(pk__in=list(set(codes)))
    return {str(row.pk): name_of(level, row) for row in rows}


def names_above(place: Place) -> list[str]:
    """Names of the areas that `place` lies in, province first; not the country."""
    levels = [level for level in DOCUMENTS if level.order < place.level.order and level in place.codes]
    return [names_of(level, [place.codes[level]]).get(place.codes[level], "") for level in levels]


def _search(levels: list[Level], area: Area, text: str, limit: int) -> list[Place]:
    found: list[Place] = []
    for level in levels:
        narrow: Filter = dict(_within(level, area))
        if text:
            # A string, not a compiled pattern: that one carries a flag with which no index can be used.
            pattern = re.escape(text)
            narrow["$or"] = [{"name_th": {"$regex": pattern}}, {"_id": {"$regex": f"^{pattern}"}}]
        rows = DOCUMENTS[level].objects(__raw__=narrow).order_by("pk").limit(limit - len(found))
        found += [_place(level, row) for row in rows]
        if len(found) >= limit:
            break
    return found


def _within(level: Level, area: Area) -> Filter:
    if area.level == Level.COUNTRY:
        return {}
    name = "_id" if area.level == level else f"{area.level}_code"
    return {name: area.codes.get(area.level)}


def _place(level: Level, row: Any) -> Place:
    codes = {str(level): str(row.pk)}
    raw = row.to_mongo()
    codes |= {str(above): raw[f"{above}_code"] for above in DOCUMENTS if f"{above}_code" in raw}
    return Place(level, str(row.pk), name_of(level, row), codes)


def name_of(level: Level, row: Any) -> str:
    """A place's name in Thai as people say it; `row` is its document."""
    name = str(row)
    if level is Level.PROVINCE and row.pk != BANGKOK:
        return name if name.startswith("จังหวัด") else f"จังหวัด{name}"
    if level is Level.DISTRICT and not name.startswith(("อำเภอ", "เขต")):
        return f"เขต{name}" if str(row.pk).startswith(BANGKOK) else f"อำเภอ{name}"
    return name


def _with_hints(places: list[Place]) -> list[Place]:
    """The same places with the names of the district and province they lie in."""
    names: dict[str, str] = {}
    for level in (Level.DISTRICT, Level.PROVINCE):
        wanted = {place.codes[level] for place in places if level in place.codes and place.level is not level}
        names |= names_of(level, wanted)
    return [Place(place.level, place.code, place.name, place.codes, " ".join(_above(place, names))) for place in places]


def _above(place: Place, names: dict[str, str]) -> list[str]:
    above = (Level.DISTRICT, Level.PROVINCE)
    return [
        names[place.codes[level]] for level in above if place.level is not level and place.codes.get(level) in names
    ]
