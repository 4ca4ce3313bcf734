"""What a database consists of besides its documents: collections with their options, indexes, and views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database

from app.backup.marker import MARKER
from app.errors import Problem

Raw = dict[str, Any]
VALIDATION = ("validator", "validationLevel", "validationAction")
"""Options set after the documents are there: those stored before a rule was made need not obey it."""
ORDER_LAST = ("users",)
"""Restored after everything else: until then nobody can sign in."""


@dataclass(frozen=True)
class Collection:
    """A collection or a view. uuid tells it from another of the same name; views have none."""

    name: str
    kind: str
    options: Raw
    uuid: str
    indexes: list[Raw] = field(default_factory=list)

    def as_row(self) -> Raw:
        return {"name": self.name, "kind": self.kind, "options": self.options, "indexes": self.indexes}

    @property
    def is_view(self) -> bool:
        return self.kind == "view"


def structure_of(database: Database[Raw], leave_out: frozenset[str] = frozenset()) -> list[Collection]:
    """Everything in a database but MongoDB's own collections and the mark of a restore, in the order to restore it.

    Raises Problem on a capped or time-series collection: MongoDB reads none as it was at a moment.
    """
    found = []
    for row in database.list_collections():
        name, kind = row["name"], row.get("type", "collection")
        if name.startswith("system.") or name == MARKER or name in leave_out:
            continue
        if kind == "timeseries" or row.get("options", {}).get("capped"):
            raise _not_of_one_moment(name)
        uuid = bytes(row.get("info", {}).get("uuid", b"")).hex()
        found.append(Collection(name, kind, row.get("options", {}), uuid, _indexes(database, name, kind)))
    return sorted(found, key=lambda one: (one.is_view, one.name in ORDER_LAST, one.name))


def _not_of_one_moment(name: str) -> Problem:
    return Problem(
        f"{name} เป็น capped หรือ time-series collection ซึ่งอ่าน ณ เวลาเดียวกันไม่ได้: ใช้ --leave-out {name} หรือ mongodump",
        f"{name} is a capped or time-series collection, which MongoDB cannot read as it was at one moment: give "
        f"--leave-out {name}, or use mongodump.",
    )


def _indexes(database: Database[Raw], name: str, kind: str) -> list[Raw]:
    """The definitions of the indexes, without the one on _id, which every collection has."""
    if kind == "view":
        return []
    specs = [{key: value for key, value in index.items() if key != "ns"} for index in database[name].list_indexes()]
    return [spec for spec in specs if spec["name"] != "_id_" and not spec.get("clustered")]
