"""Retention: the rows of an old report go; its totals stay, and it can be asked for again."""

from __future__ import annotations

from datetime import datetime

from app.clock import stored_now
from app.documents.reports import ReportRow, ReportRun
from app.services.removing import Removing
from app.services.reports.requests import OPEN


def clear_old_reports(before: datetime, removing: Removing) -> bool:
    """Remove the rows of reports asked for before a moment and under way no more; False where it is late."""
    runs = ReportRun._get_collection()
    old = {"requested_on": {"$lt": before}, "state": {"$nin": OPEN}, "rows_cleared": None}
    for run in runs.find(old, {"_id": 1}):
        # First the mark, after which no page shows rows; the end is noted last, so that this resumes.
        runs.update_one({"_id": run["_id"], "cleared_on": None}, {"$set": {"cleared_on": stored_now()}})
        if not removing.rows(ReportRow._get_collection(), {"run": run["_id"]}):
            return False
        runs.update_one({"_id": run["_id"]}, {"$set": {"rows_cleared": True}})
    return True
