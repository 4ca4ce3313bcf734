"""Retention: the file and the rows of an old import go, for they hold people's data; its numbers stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.clock import stored_now
from app.documents.imports import ImportRow, ImportRun
from app.enums import ImportState
from app.services.imports.kept import remove_kept
from app.services.imports.working import WORKING

Raw = dict[str, Any]

KEPT_DAYS = 90


def clear_old(days: int = KEPT_DAYS) -> int:
    """Remove files and rows of imports asked for more than `days` days ago; returns of how many. Safe to repeat.

    An import that waits for people is cancelled by it: what it would do was planned on a roster long gone.
    """
    before = stored_now() - timedelta(days=days)
    begun = [{"cleared_on": None}, {"file": {"$ne": None}}]
    old = {"requested_on": {"$lt": before}, "state": {"$nin": WORKING}, "$or": begun}
    return sum(_clear(run["_id"]) for run in ImportRun._get_collection().find(old, {"_id": 1}))


def _clear(key: Any) -> bool:
    """First the mark, after which nobody begins to undo it; the name of the file goes last, so that this resumes."""
    runs = ImportRun._get_collection()
    waiting = {"$in": ["$state", [ImportState.MAPPING.value, ImportState.PREVIEW.value]]}
    cancelled = {"$cond": [waiting, ImportState.CANCELLED.value, "$state"]}
    marked = [{"$set": {"cleared_on": stored_now(), "state": cancelled}}, {"$unset": "questions"}]
    if not runs.update_one({"_id": key, "state": {"$nin": WORKING}}, marked).matched_count:
        return False
    ImportRow._get_collection().delete_many({"run": key})
    remove_kept(key)
    found: ImportRun | None = ImportRun.objects(pk=key).first()
    if found is not None and found.file:
        found.file.delete()
    runs.update_one({"_id": key}, {"$unset": {"file": ""}})
    return True
