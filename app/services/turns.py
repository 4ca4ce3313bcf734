"""Whose turn it is to have a file read: one file of an account at a time, the others wait in line.

A turn names the job that has it. It is free again when that job says so, and when nobody works on that job any more:
a worker that is killed keeps nobody waiting for longer than its lease.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from mongoengine.connection import get_db
from pymongo.errors import DuplicateKeyError

from app import jobs
from app.documents.evidence import ListUpload
from app.documents.imports import ImportRun, ReadingTurn
from app.enums import ImportState, RunState
from app.services.claims import NOT_HALTED

Raw = dict[str, Any]

CLAIMED_WITHIN = timedelta(seconds=30)
"""A turn belongs for so long to a job that is not claimed yet."""


class Reading(NamedTuple):
    """A job that reads a file: the name of the collection it is stored in, and its key there."""

    collection: str
    key: Any


class _Line(NamedTuple):
    """A collection of such jobs: which of them wait, and the task that takes one up."""

    document: Any
    waiting: Raw
    task: str


_LINES = (
    _Line(ListUpload, {"state": {"$in": [RunState.WAITING.value, RunState.RUNNING.value]}}, "evidence.read_list"),
    _Line(ImportRun, {"state": ImportState.READING.value}, "imports.work"),
)


def take_turn(username: str, job: Reading) -> bool:
    """Whether the job may read now. Of two that ask at once one gets the turn; asking again keeps it."""
    turns, now = ReadingTurn._get_collection(), datetime.now(UTC)
    mine = {"of": job.collection, "job": job.key, "since": now}
    held = turns.find_one({"_id": username})
    if held is None:
        try:
            turns.insert_one({"_id": username, **mine})
        except DuplicateKeyError:
            return False
        return True
    if not _is(held, job) and _is_held(held, now):
        return False
    same = {"_id": username, "job": held["job"], "since": held["since"]}
    return bool(turns.update_one(same, {"$set": mine}).modified_count)


def end_turn(username: str, job: Reading) -> None:
    """Give the turn back and let the account's next file be read, if the job had it."""
    mine = {"_id": username, "of": job.collection, "job": job.key}
    if ReadingTurn._get_collection().delete_one(mine).deleted_count:
        _call_next(username)


def waits_for_own(username: str, job: Reading) -> bool:
    """Whether another file of the same account is being read at the moment."""
    held = ReadingTurn._get_collection().find_one({"_id": username})
    return held is not None and not _is(held, job) and _is_held(held, datetime.now(UTC))


def _is(held: Raw, job: Reading) -> bool:
    return (held["of"], held["job"]) == job


def _is_held(held: Raw, now: datetime) -> bool:
    if held["since"].replace(tzinfo=UTC) > now - CLAIMED_WITHIN:
        return True
    alive = {"_id": held["job"], "worker": {"$ne": None}, "lease_until": {"$gt": now}}
    return get_db()[held["of"]].find_one(alive, {"_id": 1}) is not None


def _call_next(username: str) -> None:
    """Put the file that has waited longest on the queue at once; the sweeper would do it within half a minute."""
    found = []
    for line in _LINES:
        where = {"requested_by": username, "worker": None, **NOT_HALTED, **line.waiting}
        wanted = {"requested_on": 1}
        row = line.document._get_collection().find_one(where, wanted, sort=[("requested_on", 1)])
        if row is not None:
            found.append((row["requested_on"], str(row["_id"]), line.task))
    for _, key, task in sorted(found)[:1]:
        jobs.enqueue_stored(task, key)
