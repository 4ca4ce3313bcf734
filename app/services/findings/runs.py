"""Checks that take longer than a page: of an LAO on demand, of the whole country each night, of a school after a save.

A run goes through its schools in the order of their codes and notes after each batch how far it is, so that a worker
that dies in the middle costs one batch. It holds a lease meanwhile: two workers never share a run.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app import jobs
from app.clock import stored_now, thai_time
from app.documents.findings import FindingCheck
from app.documents.schools import School
from app.enums import Level, RunState
from app.errors import Problem
from app.services.areas import find_place_inside
from app.services.claims import Claim, LeaseLost, is_left
from app.services.findings.checking import BATCH, check_batch, check_schools
from app.services.findings.reading import read_now

log = logging.getLogger(__name__)

Raw = dict[str, Any]

COUNTRY = "country:"
LEASE = timedelta(minutes=2)
SLICE = 15 * 60.0
"""Seconds a task works at a stretch; a longer run goes back to the queue, well before the limit of tasks."""
ONCE_IN = timedelta(hours=20)
NIGHT = range(1, 6)
AFTER_SAVE = 20
"""Seconds after a save until its school is checked; the saves in between share the check."""

WAITING, RUNNING, DONE = RunState.WAITING.value, RunState.RUNNING.value, RunState.DONE.value


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check is, in schools; `stalled`: nobody works on it any more; `fault`: what holds it up, see claims."""

    active: bool = False
    stalled: bool = False
    done: int = 0
    total: int = 0
    finished_on: datetime | None = None
    fault: Raw | None = None


def progress(key: str) -> Progress:
    """Where the check of an area stands ("lao:5301401"); it ended when its own did, or the country's after it."""
    rows = {row["_id"]: row for row in FindingCheck._get_collection().find({"_id": {"$in": [key, COUNTRY]}})}
    row = rows.get(key, {})
    ended = [each["finished_on"] for each in rows.values() if each.get("finished_on")]
    under_way = row.get("state") in (WAITING, RUNNING)
    lease = row.get("lease_until")  # none: it was just resumed, and the next worker takes it
    late = under_way and (row.get("fault") or (lease is not None and lease < stored_now()))
    return Progress(
        under_way and not late, bool(late), row.get("done", 0), row.get("total") or 0, max(ended, default=None),
        row.get("fault"),
    )


def request_check(actor: Any, level: str, code: str) -> str:
    """Check a school now, or put an LAO's check on the queue; returns its key. Asking twice starts nothing twice.

    Raises Problem "not_found" outside the actor's area and for wider areas than an LAO.
    """
    place = find_place_inside(actor.area, level, code) if level in (Level.LAO, Level.SCHOOL) else None
    if place is None:
        raise Problem("ไม่พบพื้นที่นี้ในพื้นที่ของท่าน", "This place is not in your area.", kind="not_found")
    if place.level is Level.SCHOOL:
        check_schools([place.code])
        _note_done(place.key)
    elif not progress(place.key).active:
        _put(place.key)
        jobs.enqueue_stored("findings.run", place.key)
    return place.key


def _note_done(key: str) -> None:
    done = {"state": DONE, "finished_on": stored_now(), "done": 1, "total": 1}
    FindingCheck._get_collection().update_one({"_id": key}, {"$set": done}, upsert=True)


def _put(key: str, moment: datetime | None = None) -> None:
    """A fresh run of an area, waiting for a worker as of a moment: now, where none is given."""
    begun = moment or stored_now()
    fresh = {"state": WAITING, "done": 0, "total": 0, "started_on": begun, "lease_until": begun + LEASE}
    FindingCheck._get_collection().update_one(
        {"_id": key}, {"$set": fresh, "$unset": {"cursor": "", "worker": "", "fault": ""}}, upsert=True
    )


def run(key: str, seconds: float = SLICE) -> bool:
    """Work on a run until it is done, or for so long and then leave the rest to another task; whether it is done."""
    left = {"state": RUNNING, **is_left()}
    free = {"_id": key, "$or": [{"state": WAITING}, left]}
    claim = Claim.take(FindingCheck._get_collection(), free, LEASE.total_seconds(), {"state": RUNNING})
    if claim is None:
        return False
    try:
        return _work(claim, time.monotonic() + seconds)
    except LeaseLost:
        return False
    except Exception as error:
        claim.put_down(error, {"state": WAITING})
        return False


def _work(claim: Claim, until: float) -> bool:
    """Check the schools after the run's cursor, up to a moment of the monotonic clock. Raises LeaseLost."""
    key = claim.job["_id"]
    narrow = _schools_of(key)
    total = School._get_collection().count_documents(narrow)
    while codes := _next_schools(narrow, claim.job.get("cursor") or ""):
        _check(key, codes)
        claim.update({"$set": {"cursor": codes[-1], "total": total}, "$inc": {"done": len(codes)}})
        if time.monotonic() > until:
            claim.give_back({"state": WAITING}, LEASE.total_seconds(), rest=False)
            jobs.enqueue_stored("findings.run", key)
            return False
    claim.end({"state": DONE, "finished_on": stored_now(), "total": total}, ("cursor",))
    return True


def _check(key: str, codes: list[str]) -> None:
    """Of the whole country every school comes by, so none needs to be checked for its neighbour's sake."""
    if key == COUNTRY:
        check_batch(read_now(), codes)
    else:
        check_schools(codes)


def _schools_of(key: str) -> Raw:
    level, _, code = key.partition(":")
    return {} if level == Level.COUNTRY else {"_id" if level == Level.SCHOOL else f"{level}_code": code}


def _next_schools(narrow: Raw, after: str) -> list[str]:
    rows = School._get_collection().find({"$and": [narrow, {"_id": {"$gt": after}}]}, {"_id": 1})
    return [row["_id"] for row in rows.sort("_id", 1).limit(BATCH)]


def check_all(moment: datetime | None = None) -> bool:
    """Check every school of the country, going on where a run was cut off; whether it is done."""
    row = FindingCheck._get_collection().find_one({"_id": COUNTRY}) or {}
    if row.get("state") not in (WAITING, RUNNING):
        _put(COUNTRY, moment)
    return run(COUNTRY)


def sweep(now: datetime | None = None) -> None:
    """Each hour: take up what a dead worker left, and at night begin the check of the country once."""
    moment = now or stored_now()
    left = {"state": {"$in": [WAITING, RUNNING]}, **is_left(moment)}
    for row in FindingCheck._get_collection().find(left, {"_id": 1}):
        run(row["_id"])
    row = FindingCheck._get_collection().find_one({"_id": COUNTRY}) or {}
    recent = row.get("started_on") is not None and moment - row["started_on"] < ONCE_IN
    if thai_time(moment).hour in NIGHT and not recent:
        check_all(moment)


def note_change(school_codes: Iterable[str]) -> None:
    """Have schools checked soon, once for all changes of the next seconds. Never fails: the night would catch up."""
    codes = sorted(set(school_codes))
    try:
        jobs.enqueue_later("findings.check", codes, AFTER_SAVE)
    except Problem:
        log.warning("the check of %d schools waits for the night: the queue does not answer", len(codes))


def check_changed(school_code: str) -> None:
    """The check that `note_change` asked for."""
    check_schools([school_code])
