"""Building a count report: claimed with a lease, in chunks of schools, each stored whole or not at all.

A chunk's rows and the mark of how far the run is go into one transaction, and only while the claim still holds. So a
worker killed at any moment leaves whole chunks; the next one goes on after the last, and no school is there twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from app.documents.reports import ReportRow, ReportRun
from app.documents.schools import School
from app.enums import Level, RunState
from app.errors import Problem
from app.services.reports.counting import Census, school_rows
from app.services.reports.sums import area_rows

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """lease_seconds: how long a claim holds without renewal. chunk: schools at a time; None lets the size decide."""

    lease_seconds: float = 60
    chunk: int | None = None

    def chunk_of(self, schools: int) -> int:
        """Small runs move their bar about fifty times; large ones are not held up by transactions."""
        return self.chunk or max(10, min(400, schools // 50))

    def lease(self) -> datetime:
        """When a claim made or renewed now runs out."""
        return datetime.now(UTC) + timedelta(seconds=self.lease_seconds)


class _LeaseLost(Exception):
    """Another worker has the run now, or it was ended from outside."""


def build(run_id: str, settings: BuildSettings | None = None) -> RunState | None:
    """Work on a run until it ends; returns its end state, or None where it was not ours to work on.

    Safe to call at any time and any number of times. On an unexpected error the run goes back to the queue (the
    sweeper takes it up again) and the error is raised.
    """
    claim = _Claim.take(run_id, settings or BuildSettings())
    if claim is None:
        return None
    try:
        return _work(claim)
    except _LeaseLost:
        return None
    except Problem as problem:
        return _stop(claim, RunState.FAILED, problem.th)
    except Exception:
        claim.give_back()
        raise


class _Claim:
    """The right to work on a run: every write names the token, so that it fails once the right is lost."""

    def __init__(self, run: Raw, token: str, settings: BuildSettings) -> None:
        self.run = run
        self.settings = settings
        self._mine = {"_id": run["_id"], "worker": token, "state": RunState.RUNNING.value}

    @classmethod
    def take(cls, run_id: str, settings: BuildSettings) -> _Claim | None:
        """Claim a waiting run, or a running one whose lease has run out."""
        try:
            key = ObjectId(run_id)
        except InvalidId:
            return None
        now, token = datetime.now(UTC), uuid4().hex
        free = [
            {"state": RunState.WAITING.value},
            {"state": RunState.RUNNING.value, "lease_until": {"$lt": now}},
        ]
        run = ReportRun._get_collection().find_one_and_update(
            {"_id": key, "$or": free},
            {
                "$set": {"state": RunState.RUNNING.value, "worker": token, "lease_until": settings.lease()},
                "$min": {"started_on": now},  # set by the first attempt, kept by the later ones
                "$inc": {"attempts": 1},
            },
            return_document=ReturnDocument.AFTER,
        )
        return cls(run, token, settings) if run is not None else None

    def update(self, change: Raw, session: ClientSession | None = None) -> None:
        """Change the run and renew the lease; raises _LeaseLost where the claim no longer holds."""
        fields = {"lease_until": self.settings.lease(), **change.pop("$set", {})}
        run = ReportRun._get_collection().find_one_and_update(
            self._mine, {"$set": fields, **change}, return_document=ReturnDocument.AFTER, session=session
        )
        if run is None:
            raise _LeaseLost
        self.run = run

    def end(self, state: RunState, fields: Raw, session: ClientSession | None = None) -> None:
        """Write the end state and let go of everything that marks a live run."""
        ended = ReportRun._get_collection().update_one(
            self._mine,
            {
                "$set": {"state": state.value, "finished_on": datetime.now(UTC), **fields},
                "$unset": {"worker": "", "active_key": "", "lease_until": "", "cursor": ""},
            },
            session=session,
        )
        if not ended.matched_count:
            raise _LeaseLost

    def give_back(self) -> None:
        """Let the sweeper start another attempt, later after each failure."""
        wait = timedelta(seconds=10 * int(self.run["attempts"]))
        ReportRun._get_collection().update_one(
            self._mine,
            {
                "$set": {"state": RunState.WAITING.value, "lease_until": datetime.now(UTC) + wait},
                "$unset": {"worker": ""},
            },
        )


def _work(claim: _Claim) -> RunState | None:
    narrow = schools_of(claim.run)
    schools = School._get_collection()
    total = schools.count_documents(narrow)
    claim.update({"$set": {"progress_total": total}})
    census = Census.of(claim.run)
    size = claim.settings.chunk_of(total)
    while not claim.run.get("cancel_requested"):
        after = {"_id": {"$gt": claim.run.get("cursor", "")}}
        chunk = list(schools.find({"$and": [narrow, after]}).sort("_id").limit(size))
        if not chunk:
            return _finish(claim)
        _store_chunk(claim, chunk, school_rows(claim.run["_id"], chunk, census))
    return _stop(claim, RunState.CANCELLED)


def schools_of(run: Raw) -> Raw:
    """The filter of the schools that lie in a raw run's area."""
    level = Level(run["level"])
    if level is Level.COUNTRY:
        return {}
    return {"_id" if level is Level.SCHOOL else f"{level}_code": run[f"{level}_code"]}


def _store_chunk(claim: _Claim, chunk: list[Raw], rows: list[Raw]) -> None:
    def store(session: ClientSession) -> None:
        claim.update({"$set": {"cursor": chunk[-1]["_id"]}, "$inc": {"progress_done": len(chunk)}}, session)
        if rows:
            ReportRow._get_collection().insert_many(rows, session=session)

    _in_transaction(store)


def _finish(claim: _Claim) -> RunState:
    claim.update({})  # a fresh lease for the sums
    sums = area_rows(claim.run)
    root = sums[0]
    names = ("schools", "schools_missing", "male", "female", "total", "unverified")
    totals: Raw = {name: root[name] for name in names if name in root}
    below = [row for row in sums if row["level"] != Level.SCHOOL.value]

    def store(session: ClientSession) -> None:
        claim.end(RunState.DONE, {**totals, "progress_done": claim.run["progress_total"]}, session)
        if below:
            ReportRow._get_collection().insert_many(below, session=session)

    _in_transaction(store)
    return RunState.DONE


def _stop(claim: _Claim, state: RunState, error: str = "") -> RunState | None:
    """End without a result: half a report must not look like one, so its rows go too."""
    try:
        claim.end(state, {"error": error} if error else {})
    except _LeaseLost:
        return None
    ReportRow._get_collection().delete_many({"run": claim.run["_id"]})
    return state


def _in_transaction(work: Callable[[ClientSession], None]) -> None:
    with ReportRun._get_db().client.start_session() as session:
        session.with_transaction(work)
