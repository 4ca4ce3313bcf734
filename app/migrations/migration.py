"""What a migration is, and what it is given to work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from app.migrations.state import Lease, Version

Raw = dict[str, Any]

CHUNK = 500
"""Rows of one transaction: some hundredths of a second, far from MongoDB's limits of time and size."""


class Context:
    """One migration at work: its database, how far it is, and the lease under which it writes."""

    def __init__(self, database: Database[Raw], lease: Lease, running: Raw, chunk: int = CHUNK) -> None:
        self.database, self.chunk = database, chunk
        self._lease, self._running = lease, running

    def rewrite(self, collection: str, where: Raw, change: Callable[[Raw], Raw | None]) -> None:
        """Update each row that `where` fits by what `change` makes of it: an update such as {"$set": …}, or None.

        In the order of keys, which must be of one type. The rows of a chunk and the mark how far it is are one
        transaction, so a process killed at any moment has rewritten them wholly or not at all, and the next goes on
        behind them. Raises LeaseLost.
        """
        while self._transaction(lambda session: self._chunk(session, collection, where, change)):
            continue

    def note(self, changed: int) -> None:
        """Count what was changed by other means than `rewrite`, which must do no harm when it is done twice."""
        self._running = self._lease.change({"$inc": {"running.changed": changed}})["running"]

    def _chunk(
        self, session: ClientSession, collection: str, where: Raw, change: Callable[[Raw], Raw | None]
    ) -> Raw | None:
        done: Raw = self._running.get("cursors", {})
        behind = {"_id": {"$gt": done[collection]}} if collection in done else {}
        rows = self.database[collection]
        found = list(rows.find({"$and": [where, behind]}, session=session).sort("_id", 1).limit(self.chunk))
        if not found:
            return None
        updates = [UpdateOne({"_id": row["_id"]}, made) for row in found if (made := change(row))]
        changed = rows.bulk_write(updates, ordered=False, session=session).modified_count if updates else 0
        mark = {
            "$set": {f"running.cursors.{collection}": found[-1]["_id"]},
            "$inc": {"running.changed": changed},
        }
        return self._lease.change(mark, session)

    def _transaction(self, work: Callable[[ClientSession], Raw | None]) -> bool:
        with self.database.client.start_session() as session:
            stored = session.with_transaction(work)
        if stored is None:
            return False
        self._running = stored["running"]
        return True


def nothing_left(database: Database[Raw]) -> int:
    """The count of a migration that rewrites no row."""
    return 0


@dataclass(frozen=True)
class Migration:
    """One step from a stored form to the next; it may be begun anew at any point.

    name: as its module's, "m0002_…", without m. version: of the form after it; a higher major only where programs of
    the former major cannot work on the rows any more. th, en: what it does, one sentence. touches: collections that it
    changes. count: rows that are still in the former form, 0 after `run`.
    """

    name: str
    version: Version
    th: str
    en: str
    run: Callable[[Context], None]
    count: Callable[[Database[Raw]], int] = nothing_left
    touches: tuple[str, ...] = field(default=())
