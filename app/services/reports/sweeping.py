"""Picking up runs that a dead worker left, or that never reached one."""

from __future__ import annotations

from datetime import UTC, datetime

from app import jobs
from app.documents.reports import ReportRow, ReportRun
from app.enums import RunState
from app.services.claims import PICK_UP_WITHIN
from app.services.reports.requests import OPEN

MAX_ATTEMPTS = 5
GAVE_UP = f"ระบบเริ่มทำรายงานนี้ {MAX_ATTEMPTS} ครั้งแล้วแต่ไม่เสร็จ โปรดขอรายงานใหม่ หากยังไม่สำเร็จโปรดแจ้งผู้ดูแลระบบ"


def sweep() -> int:
    """Put every unfinished run whose lease has run out into the queue again; returns how many.

    A run that was started MAX_ATTEMPTS times fails instead.
    """
    now = datetime.now(UTC)
    late = {"state": {"$in": OPEN}, "lease_until": {"$lt": now}}
    return sum(_pick_up(run, now) for run in ReportRun._get_collection().find(late, {"attempts": 1, "lease_until": 1}))


def _pick_up(run: dict[str, object], now: datetime) -> bool:
    # The lease in the condition: whoever renewed it meanwhile is alive and keeps the run.
    same = {"_id": run["_id"], "lease_until": run["lease_until"]}
    if int(str(run.get("attempts", 0))) >= MAX_ATTEMPTS:
        _give_up(same, now)
        return False
    changed = ReportRun._get_collection().update_one(
        same,
        {"$set": {"state": RunState.WAITING.value, "lease_until": now + PICK_UP_WITHIN}, "$unset": {"worker": ""}},
    )
    if changed.modified_count:
        jobs.enqueue("reports.build", str(run["_id"]))
    return bool(changed.modified_count)


def _give_up(same: dict[str, object], now: datetime) -> None:
    ended = ReportRun._get_collection().update_one(
        same,
        {
            "$set": {"state": RunState.FAILED.value, "error": GAVE_UP, "finished_on": now},
            "$unset": {"worker": "", "active_key": "", "lease_until": ""},
        },
    )
    if ended.modified_count:
        ReportRow._get_collection().delete_many({"run": same["_id"]})
