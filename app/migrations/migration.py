"""What a migration is, and what it is given to work with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database

Raw = dict[str, Any]
Version = tuple[int, int]
"""(major, minor) of the stored data. Programs refuse a database of a higher major number than they know."""

CHUNK = 1000


@dataclass(frozen=True)
class Migration:
    """One change of stored data, from the version before it to `version`.

    number: its place in the order, which never changes. th, en: one sentence of what it does. collections: those it
    reads or writes, which a trial copies. run: does it; killed at any moment and called again, it goes on or does
    nothing twice.
    """

    number: int
    version: Version
    th: str
    en: str
    collections: tuple[str, ...] = ()
    run: Callable[[Steps], None] = lambda steps: None


@dataclass
class Steps:
    """The database of a migration, where it stands, and how it notes that. note: stores cursor and counts; renews."""

    database: Database[Raw]
    note: Callable[[Raw], None] = lambda state: None
    state: Raw = field(default_factory=dict)
    """{"cursor": {name: the last _id done}, "counts": {name: rows}}, of the attempt before, and kept up here."""

    def count(self, name: str, rows: int) -> None:
        """Add to a number that is told when the migration is done."""
        counts = self.state.setdefault("counts", {})
        counts[name] = counts.get(name, 0) + rows

    def change_rows(
        self, collection: str, where: Raw, change: Callable[[Sequence[Raw]], int], fields: Raw | None = None
    ) -> None:
        """Hand the rows that `where` fits to `change`, CHUNK at a time in the order of _id; it gives how many it wrote.

        After each chunk the place is stored, so an attempt that was killed costs one chunk, which is done again.
        """
        rows = self.database[collection]
        while True:
            cursor = self.state.setdefault("cursor", {})
            after = {"_id": {"$gt": cursor[collection]}} if collection in cursor else {}
            chunk = list(rows.find({"$and": [where, after]}, fields).sort("_id", 1).limit(CHUNK))
            if not chunk:
                return
            self.count(collection, change(chunk))
            cursor[collection] = chunk[-1]["_id"]
            self.note(self.state)
