"""The DLA's register of LAOs, row by row; running it again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from app.clock import stored_now
from app.documents.areas import District
from app.documents.lao import Lao
from app.fabmongo.scope import Actor
from app.rules.lao_register import LaoRow, Refusal, read_register
from app.services.areas import load_areas, require_country

Raw = dict[str, Any]

_IDENTITY = ("name_th", "type")
_FIELDS = (*_IDENTITY, "district_code", "province_code", "latitude", "longitude", "area_km2")


@dataclass(frozen=True)
class LineRemark:
    """A row that went in though it disagrees with itself: line in the file, and why, in Thai and in English."""

    line: int
    th: str
    en: str


@dataclass
class ImportResult:
    """How many rows were new, changed or as stored; and, one by one, the rows refused and those with a remark."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    remarks: list[LineRemark] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return self.new + self.changed + self.unchanged


def import_laos(raw: bytes, actor: Actor | None = None) -> ImportResult:
    """Store the LAOs of a register file (CSV); good rows go in, broken ones are refused one by one.

    A changed name or type is followed and the old one kept in `former_names`. An empty cell says nothing, so it changes
    nothing; e-mail and telephone are the panel's. actor: None is the installation itself. Raises Problem where the file
    as a whole cannot be read, and "forbidden" where the actor is not of the whole country.
    """
    if actor is not None:
        require_country(actor)
    load_areas()
    reading = read_register(raw, _districts())
    result = ImportResult(
        refused=reading.refusals, remarks=[LineRemark(row.line, *row.remark) for row in reading.rows if row.remark]
    )
    stored = {row["_id"]: row for row in Lao._get_collection().find({}, dict.fromkeys(_FIELDS, 1))}
    username, now = getattr(actor, "username", "system"), stored_now()
    updates = []
    for row in reading.rows:
        update = _update(row, stored.get(row.code), username, now, result)
        if update is not None:
            updates.append(update)
    if updates:
        Lao._get_collection().bulk_write(updates, ordered=False)
    return result


def _districts() -> dict[tuple[str, str], str]:
    rows = District._get_collection().find({}, {"name_th": 1, "province_code": 1})
    return {(row["province_code"], row["name_th"]): row["_id"] for row in rows}


def _update(row: LaoRow, known: Raw | None, username: str, now: datetime, result: ImportResult) -> UpdateOne | None:
    """What stores a row, or None where it is stored already; counted in `result`."""
    values = _values(row)
    if known is None:
        result.new += 1
        made = {**values, "active": True, "created_by": username, "created_on": now}
        return UpdateOne({"_id": row.code}, {"$setOnInsert": made}, upsert=True)
    changed = {name: value for name, value in values.items() if known.get(name) != value}
    if not changed:
        result.unchanged += 1
        return None
    result.changed += 1
    change: Raw = {"$set": {**changed, "changed_by": username, "changed_on": now}}
    if any(name in changed for name in _IDENTITY):
        old = {"name_th": known["name_th"], "type": known["type"], "until": now}
        change["$push"] = {"former_names": old}
    # Only the row as it was read: somebody else's import or edit in between is not pushed twice.
    return UpdateOne({"_id": row.code, **{name: known.get(name) for name in _IDENTITY}}, change)


def _values(row: LaoRow) -> Raw:
    """The stored fields that the row says something about."""
    found = {
        "name_th": row.name_th, "type": row.type.value,
        "district_code": row.district_code, "province_code": row.province_code,
        "latitude": row.latitude, "longitude": row.longitude, "area_km2": row.area_km2,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}
