"""Retention: the file and the rows of an old import go, for they hold people's data; its numbers stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.clock import stored_now
from app.documents.imports import ImportRow, ImportRun
from app.enums import ImportState
from app.services.imports.kept import remove_kept
from app.services.imports.working import WORKING
from app.services.removing import Removing

Raw = dict[str, Any]


def clear_old_imports(before: datetime, removing: Removing) -> bool:
    """Remove files and rows of imports asked for before a moment; False where it is late and some are left.

    An import that waits for people is cancelled by it: what it would do was planned on a roster long gone. One that is
    worked on, or held up by a mistake of the program, is left alone.
    """
    begun = [{"cleared_on": None}, {"file": {"$ne": None}}]
    old = {"requested_on": {"$lt": before}, "state": {"$nin": WORKING}, "$or": begun}
    return all(_clear(run["_id"], removing) for run in ImportRun._get_collection().find(old, {"_id": 1}))


def _clear(key: Any, removing: Removing) -> bool:
    """First the mark, after which nobody begins to undo it; the name of the file goes last, so that this resumes."""
    runs = ImportRun._get_collection()
    waiting = {"$in": ["$state", [ImportState.MAPPING.value, ImportState.PREVIEW.value]]}
    cancelled = {"$cond": [waiting, ImportState.CANCELLED.value, "$state"]}
    marked = [{"$set": {"cleared_on": stored_now(), "state": cancelled}}, {"$unset": "questions"}]
    if not runs.update_one({"_id": key, "state": {"$nin": WORKING}}, marked).matched_count:
        return True  # somebody began to undo it: it is left alone
    if not removing.rows(ImportRow._get_collection(), {"run": key}):
        return False
    remove_kept(key)
    found: ImportRun | None = ImportRun.objects(pk=key).first()
    if found is not None and found.file:
        found.file.delete()
        removing.count(1)
    runs.update_one({"_id": key}, {"$unset": {"file": ""}})
    return True
