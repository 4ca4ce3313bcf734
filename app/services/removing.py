"""Removing many rows a chunk at a time, so that nobody waits for it, until a moment of the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pymongo.collection import Collection

Raw = dict[str, Any]

CHUNK = 1000


class Removing:
    """Counts what is removed, and tells when it is time to leave the rest to the next night.

    note: called with the number of each chunk that is gone.
    """

    def __init__(self, note: Callable[[int], object] = lambda number: None, seconds: float = 20 * 60) -> None:
        self._note, self._until = note, time.monotonic() + seconds
        self.removed = 0

    @property
    def late(self) -> bool:
        """Whether it is time to stop."""
        return time.monotonic() > self._until

    def count(self, number: int) -> None:
        """Add what was removed just now."""
        if number:
            self.removed += number
            self._note(number)

    def rows(self, collection: Collection[Raw], where: Raw) -> bool:
        """Delete the rows that a filter fits; False where it is late and some may be left."""
        while keys := _keys(collection, where):
            if self.late:
                return False
            self.count(collection.delete_many({"_id": {"$in": keys}}).deleted_count)
        return True

    def parts(self, collection: Collection[Raw], where: Raw, change: Raw) -> bool:
        """Change the rows that a filter fits so that it fits them no more; False as with `rows`."""
        while keys := _keys(collection, where):
            if self.late:
                return False
            self.count(collection.update_many({**where, "_id": {"$in": keys}}, change).modified_count)
        return True


def _keys(collection: Collection[Raw], where: Raw) -> list[Any]:
    return [row["_id"] for row in collection.find(where, {"_id": 1}).limit(CHUNK)]
