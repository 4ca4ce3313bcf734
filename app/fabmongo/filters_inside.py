"""Filters on what has an inside or none at all: emptiness of every kind, texts of embedded documents, places."""

from __future__ import annotations

from typing import Any

from app.fabmongo.columns import kind_of
from app.fabmongo.errors import BadValue
from app.fabmongo.filter_base import MongoFilter, literal
from app.fabmongo.formats import formats
from app.fabmongo.labels import T
from app.fabmongo.query import Query
from app.fabmongo.values import number

LISTS = ("list", "reference_list", "enum_list", "embedded_list")
OBJECTS = ("dict", "embedded", "point")
EARTH_KM = 6378.1
"""The radius MongoDB reckons with."""
FARTHEST_KM = 5000


def emptiness(field: Any, path: str, empty: bool) -> dict[str, Any]:
    """The condition that a column holds nothing, or something: absent, null, "", [] and {} are nothing."""
    kind = kind_of(field)
    if kind in LISTS:
        # Not `$in: [[]]`, which also finds a list with an empty one or a null among its items.
        return {f"{path}.0": {"$exists": not empty}}
    blank: list[Any] = [None, ""]
    if kind in OBJECTS:
        marks = getattr(getattr(field, "document_type", None), "_subclasses", ()) if kind == "embedded" else ()
        blank = [None, {}, [], *({"_cls": name} for name in marks)]
    return {path: {"$in" if empty else "$nin": blank}}


class FilterEmpty(MongoFilter):
    name = T("ว่าง", "Is empty")
    arg_name = "empty"
    takes_value = False

    def apply(self, query: Query, value: Any) -> Query:
        return query.where(emptiness(self.field, self.path, True))


class FilterNotEmpty(MongoFilter):
    name = T("ไม่ว่าง", "Is not empty")
    arg_name = "nempty"
    takes_value = False

    def apply(self, query: Query, value: Any) -> Query:
        return query.where(emptiness(self.field, self.path, False))


def text_paths(field: Any) -> list[str]:
    """Paths, below the column, of the texts an embedded document declares; secret ones are not searched."""
    inner = field.field if kind_of(field) == "embedded_list" else field
    fields = inner.document_type._fields.values()
    return [f.db_field for f in fields if kind_of(f) in ("string", "text") and not getattr(f, "secret", False)]


class FilterContainsInside(MongoFilter):
    """A text anywhere in the texts of an embedded document, or of one in a list."""

    name = T("มีคำว่า", "Contains")
    arg_name = "ct"

    def apply(self, query: Query, value: Any) -> Query:
        pattern = {"$regex": literal(formats().clean_text(str(value))), "$options": "i"}
        return query.where({"$or": [{f"{self.path}.{inner}": pattern} for inner in text_paths(self.field)]})


def is_findable_place(document: Any, field: Any) -> bool:
    """Whether a point has an index on the sphere."""
    indexes = document.list_indexes() if hasattr(document, "list_indexes") else []
    return any((field.db_field, "2dsphere") in keys for keys in indexes)


class FilterNear(MongoFilter):
    """A place within so many kilometres of another: "latitude, longitude, km"."""

    name = T("อยู่ภายใน (ละติจูด, ลองจิจูด, กม.)", "Within (latitude, longitude, km)")
    arg_name = "near"

    def clause(self, value: Any) -> Any:
        parts = [part for part in str(value).replace(";", ",").split(",") if part.strip()]
        if len(parts) != 3:
            raise BadValue(
                T("พิมพ์ละติจูด, ลองจิจูด, กิโลเมตร เช่น 13.75, 100.5, 5",
                  "Type latitude, longitude, kilometres, such as 13.75, 100.5, 5")
            )  # fmt: skip
        latitude, longitude, km = (number(part, float) for part in parts)
        if abs(latitude) > 90 or abs(longitude) > 180 or not 0 < km <= FARTHEST_KM:
            raise BadValue(
                T("ละติจูดอยู่ระหว่าง -90 ถึง 90 ลองจิจูด -180 ถึง 180 ระยะไม่เกิน {km} กม.",
                  "Latitude lies between -90 and 90, longitude between -180 and 180, the distance is at most {km} km.",
                  km=FARTHEST_KM)
            )  # fmt: skip
        # Unlike $near it may stand beside other conditions and be counted.
        return {"$geoWithin": {"$centerSphere": [[longitude, latitude], km / EARTH_KM]}}
