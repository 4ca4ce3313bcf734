"""Removing what is older than it is kept: each night, a chunk at a time, each kind by its setting, counted.

What somebody works on, or what is still to be decided, is left alone however old it is. A night that is cut off goes on
where it stopped, for everything that is removed is found by what is still there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from app.clock import stored_now, thai_time
from app.documents.findings import FindingCheck
from app.documents.notices import Delivery
from app.documents.retention import RetentionRun
from app.enums import DeliveryState, RetentionKind, RunState
from app.fabmongo.audit import AuditEntry
from app.services.evidence import clear_old_lists
from app.services.imports.clearing import clear_old_imports
from app.services.removing import Removing
from app.services.reports.clearing import clear_old_reports
from config import Retention

log = logging.getLogger(__name__)

Raw = dict[str, Any]

SECONDS = 20 * 60.0
"""A night removes for so long, well within the limit of tasks; the rest is the next one's."""


def remove_old(kept: Retention, now: datetime | None = None, seconds: float = SECONDS) -> dict[RetentionKind, int]:
    """Remove of every kind what is older than it is kept; how many rows of each. Safe to repeat and to cut off.

    A kind that fails keeps no other from being removed; what the first one raised is raised at the end.
    """
    moment = now or stored_now()
    numbers: dict[RetentionKind, int] = {}
    failed: list[Exception] = []
    for kind, clear in _CLEARING.items():
        days = getattr(kept, kind.value)
        if not days:
            continue
        before = moment - timedelta(days=days)
        key = _begin(kind, moment, before)
        removing = Removing(lambda number, key=key: _note(key, number), seconds / len(_CLEARING))  # type: ignore[misc]
        try:
            if clear(before, removing):
                _end(key, {"finished_on": stored_now()})
        except Exception as error:
            log.exception("old %s could not be removed", kind.value)
            _end(key, {"error": type(error).__name__})
            failed.append(error)
        numbers[kind] = removing.removed
        log.info("retention: %s rows of %s from before %s removed", removing.removed, kind.value, before.date())
    if failed:
        raise failed[0]
    return numbers


def _begin(kind: RetentionKind, moment: datetime, before: datetime) -> str:
    day = thai_time(moment).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    key = f"{day:%Y-%m-%d}/{kind.value}"
    RetentionRun._get_collection().update_one(
        {"_id": key},
        {
            "$set": {"before": before},
            "$setOnInsert": {"day": day, "kind": kind.value, "removed": 0},
            "$unset": {"finished_on": "", "error": ""},
        },
        upsert=True,
    )
    return key


def _note(key: str, number: int) -> None:
    RetentionRun._get_collection().update_one({"_id": key}, {"$inc": {"removed": number}})


def _end(key: str, fields: Raw) -> None:
    RetentionRun._get_collection().update_one({"_id": key}, {"$set": fields})


def _imports(before: datetime, removing: Removing) -> bool:
    removing.count(clear_old_lists(before))
    return clear_old_imports(before, removing)


def _mail(before: datetime, removing: Removing) -> bool:
    """The tries of deliveries that came to an end. Their keys begin with their notice's, which tells its age."""
    ended = [DeliveryState.SENT.value, DeliveryState.FAILED.value]
    old: Raw = {
        "_id": {"$lt": str(ObjectId.from_datetime(before))}, "state": {"$in": ended}, "created_on": {"$lt": before},
        "history.0": {"$exists": True}, "history.at": {"$not": {"$gte": before}},
    }  # fmt: skip
    change = {"$unset": {"history": ""}, "$set": {"cleared_on": stored_now()}}
    return removing.parts(Delivery._get_collection(), old, change)


def _checks(before: datetime, removing: Removing) -> bool:
    done = {"state": RunState.DONE.value, "finished_on": {"$lt": before}}
    return removing.rows(FindingCheck._get_collection(), done) and removing.rows(
        RetentionRun._get_collection(), {"day": {"$lt": before}}
    )


def _history(before: datetime, removing: Removing) -> bool:
    """Entries by their keys, which tell when they were made: an index by time would cost every save."""
    old = {"_id": {"$lt": ObjectId.from_datetime(before)}, "at": {"$lt": before}}
    return removing.rows(AuditEntry._get_collection(), old)


_CLEARING: dict[RetentionKind, Callable[[datetime, Removing], bool]] = {
    RetentionKind.IMPORTS: _imports,
    RetentionKind.REPORTS: clear_old_reports,
    RetentionKind.MAIL: _mail,
    RetentionKind.CHECKS: _checks,
    RetentionKind.HISTORY: _history,
}
