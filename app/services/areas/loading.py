"""Filling the tree: the provinces and districts of the country, from geothai."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geothai
from pymongo import UpdateOne

from app.documents.areas import District, Province
from app.documents.base import LecDocument


def load_areas() -> int:
    """Add the provinces and districts of geothai that are not stored; returns how many. Stored names stay."""
    provinces = geothai.provinces()
    districts = [district for province in provinces for district in geothai.districts(province.code)]
    return _add_missing(Province, ({"_id": p.code, "name_th": p.name_th, "name_en": p.name_en} for p in provinces)) + (
        _add_missing(
            District,
            (
                {"_id": d.code, "name_th": d.name_th, "name_en": d.name_en, "province_code": d.province_code}
                for d in districts
            ),
        )
    )


def _add_missing(document: type[LecDocument], rows: Iterable[dict[str, Any]]) -> int:
    collection = document._get_collection()
    stored = set(collection.distinct("_id"))
    missing = [row for row in rows if row["_id"] not in stored]
    if missing:
        collection.bulk_write(
            [UpdateOne({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True) for row in missing], ordered=False
        )
    return len(missing)
