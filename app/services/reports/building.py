"""Building a count report: claimed with a lease, in chunks of schools, each stored whole or not at all.

A chunk's rows and the mark of how far the run is go into one transaction, and only while the claim still holds. So a
worker killed at any moment leaves whole chunks; the next one goes on after the last, and no school is there twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.reports import ReportRow, ReportRun
from app.documents.schools import School
from app.enums import Level, RunState
from app.errors import Problem
from app.services.claims import Claim, LeaseLost, is_left
from app.services.fairness import by_size, fairest, work_for_ticket
from app.services.reports.counting import Census, school_rows
from app.services.reports.sums import area_rows
from app.services.transactions import in_transaction

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """lease_seconds: how long a claim holds without renewal. chunk: schools at a time; None lets the size decide."""

    lease_seconds: float = 60
    chunk: int | None = None

    def chunk_of(self, schools: int) -> int:
        """Small runs move their bar about fifty times; large ones are not held up by transactions."""
        return self.chunk or max(10, min(400, schools // 50))


def build(run_id: str, settings: BuildSettings | None = None) -> RunState | None:
    """Work on a run until it ends; returns its end state, or None where it was not ours to work on.

    Safe to call at any time and any number of times. On an error that goes away by itself the run waits for the
    sweeper, and the error is raised; a mistake of the program halts the run.
    """
    settings = settings or BuildSettings()
    claim = _take(run_id, settings)
    if claim is None:
        return None
    try:
        return _work(claim, settings)
    except LeaseLost:
        return None
    except Problem as problem:
        return stop(claim, RunState.FAILED, problem.th)
    except Exception as error:
        claim.put_down(error, {"state": RunState.WAITING.value})
        return None


def build_in_turn(ticket: str, settings: BuildSettings | None = None) -> RunState | None:
    """Work on the run whose turn it is: small areas before large ones; `ticket` is one that waits, and may wait on."""
    named = _key(ticket)
    open_ = {"state": {"$in": [RunState.WAITING.value, RunState.RUNNING.value]}}
    key = fairest(ReportRun._get_collection(), open_, named, _size, order=by_size)
    return work_for_ticket(named, key, "reports.build", lambda one: build(str(one), settings))


_SIZES = [level.value for level in (Level.SCHOOL, Level.LAO, Level.DISTRICT, Level.PROVINCE, Level.COUNTRY)]


def _size(run: Raw) -> int:
    return _SIZES.index(run["level"])


def _key(run_id: str) -> ObjectId | None:
    try:
        return ObjectId(run_id)
    except InvalidId:
        return None


def _take(run_id: str, settings: BuildSettings) -> Claim | None:
    """Claim a waiting run, or a running one whose lease has run out."""
    left = {"state": RunState.RUNNING.value, **is_left()}
    free = {"_id": _key(run_id), "$or": [{"state": RunState.WAITING.value}, left]}
    taken = {"state": RunState.RUNNING.value, "served_on": stored_now()}
    return Claim.take(ReportRun._get_collection(), free, settings.lease_seconds, taken)


def _end(claim: Claim, state: RunState, fields: Raw, session: ClientSession | None = None) -> None:
    """Write the end state, and let an identical run in again."""
    ended = {"state": state.value, "finished_on": datetime.now(UTC), **fields}
    claim.end(ended, ("active_key", "cursor"), session)


def _work(claim: Claim, settings: BuildSettings) -> RunState | None:
    narrow = schools_of(claim.job)
    schools = School._get_collection()
    total = schools.count_documents(narrow)
    claim.update({"$set": {"progress_total": total}})
    census = Census.of(claim.job)
    size = settings.chunk_of(total)
    while not claim.job.get("cancel_requested"):
        after = {"_id": {"$gt": claim.job.get("cursor", "")}}
        chunk = list(schools.find({"$and": [narrow, after]}).sort("_id").limit(size))
        if not chunk:
            return _finish(claim)
        _store_chunk(claim, chunk, school_rows(claim.job["_id"], chunk, census))
    return stop(claim, RunState.CANCELLED)


def schools_of(run: Raw) -> Raw:
    """The filter of the schools that lie in a raw run's area."""
    level = Level(run["level"])
    if level is Level.COUNTRY:
        return {}
    return {"_id" if level is Level.SCHOOL else f"{level}_code": run[f"{level}_code"]}


def _store_chunk(claim: Claim, chunk: list[Raw], rows: list[Raw]) -> None:
    def store(session: ClientSession) -> None:
        claim.update({"$set": {"cursor": chunk[-1]["_id"]}, "$inc": {"progress_done": len(chunk)}}, session)
        if rows:
            ReportRow._get_collection().insert_many(rows, session=session)

    in_transaction(store)


def _finish(claim: Claim) -> RunState:
    claim.update({})  # a fresh lease for the sums
    sums = area_rows(claim.job)
    root = sums[0]
    names = ("schools", "schools_missing", "male", "female", "total", "unverified")
    totals: Raw = {name: root[name] for name in names if name in root}
    below = [row for row in sums if row["level"] != Level.SCHOOL.value]

    def store(session: ClientSession) -> None:
        _end(claim, RunState.DONE, {**totals, "progress_done": claim.job["progress_total"]}, session)
        if below:
            ReportRow._get_collection().insert_many(below, session=session)

    in_transaction(store)
    return RunState.DONE


def stop(claim: Claim, state: RunState, error: str = "") -> RunState | None:
    """End without a result: half a report must not look like one, so its rows go too."""
    try:
        _end(claim, state, {"error": error} if error else {})
    except LeaseLost:
        return None
    ReportRow._get_collection().delete_many({"run": claim.job["_id"]})
    return state
