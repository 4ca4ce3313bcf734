"""The right to work on a long job, held by a lease: every write names the holder's token and fails once it is lost.

A job is a document with `worker`, `lease_until`, `attempts` and `idle`, the attempts since it last moved. A worker
killed at any moment leaves a lease that runs out; then somebody else may claim the job, and whatever the first one
still tries to write finds no row.

An error that goes away by itself lets the job wait for another attempt. A mistake of the program does not go away: the
job is halted, `fault` says so {trace, kind, on}, nobody claims or sweeps it, and `resume` lets it go on after the mend.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from app.monitoring.counting import count_fault
from app.services.faults import is_transient

log = logging.getLogger(__name__)

Raw = dict[str, Any]

LIVE = ("worker", "lease_until", "idle")
"""Fields that mark a job somebody works on."""
NOT_HALTED: Raw = {"fault.trace": None}  # an empty fault is none
HALTED: Raw = {"fault.trace": {"$ne": None}}
PICK_UP_WITHIN = timedelta(seconds=30)
"""A job that no worker has claimed after this time is put into the queue again."""


class LeaseLost(Exception):
    """Another worker has the job now, or it was ended from outside."""


class Claim:
    """A claimed job. `job` is its raw document as of the last write."""

    def __init__(self, collection: Collection[Raw], job: Raw, lease_seconds: float) -> None:
        self.collection, self.job, self.lease_seconds = collection, job, lease_seconds
        self._mine = {"_id": job["_id"], "worker": job["worker"]}

    @classmethod
    def take(
        cls, collection: Collection[Raw], where: Raw, lease_seconds: float, fields: Raw | None = None
    ) -> Self | None:
        """Claim the one job that `where` fits and that is free, and set `fields`; None where there is none such.

        The first attempt sets `started_on`, which later ones keep.
        """
        now = datetime.now(UTC)
        held = {"worker": uuid4().hex, "lease_until": now + timedelta(seconds=lease_seconds), **(fields or {})}
        job = collection.find_one_and_update(
            {**where, **NOT_HALTED},
            {"$set": held, "$min": {"started_on": now}, "$inc": {"attempts": 1, "idle": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return cls(collection, job, lease_seconds) if job is not None else None

    def update(self, change: Raw, session: ClientSession | None = None) -> None:
        """Change the job and renew the lease. Raises LeaseLost where the claim no longer holds.

        Whatever counts something or sets `cursor` is a step forward, so the job is not idle.
        """
        held: Raw = {"lease_until": datetime.now(UTC) + timedelta(seconds=self.lease_seconds)}
        if "$inc" in change or "cursor" in change.get("$set", {}):
            held["idle"] = 0
        job = self.collection.find_one_and_update(
            self._mine,
            {**change, "$set": {**held, **change.get("$set", {})}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if job is None:
            raise LeaseLost
        self.job = job

    def end(self, fields: Raw, gone: tuple[str, ...] = (), session: ClientSession | None = None) -> None:
        """Set `fields`, remove the fields `gone` and all that marks a live job. Raises LeaseLost as `update` does."""
        change = {"$set": fields, "$unset": dict.fromkeys((*LIVE, *gone), "")}
        if not self.collection.update_one(self._mine, change, session=session).matched_count:
            raise LeaseLost

    def give_back(self, fields: Raw | None = None, seconds: float = 10) -> None:
        """Let the sweeper start another attempt, later after each that got nowhere; `fields` are set besides."""
        due = datetime.now(UTC) + timedelta(seconds=seconds * max(1, int(self.job.get("idle", 1))))
        self.collection.update_one(
            self._mine, {"$set": {"lease_until": due, **(fields or {})}, "$unset": {"worker": ""}}
        )


    def put_down(self, error: Exception, fields: Raw | None = None) -> None:
        """Let go of the job after an unexpected error, and raise it where it goes away by itself.

        `fields` are set on a job that waits for another attempt. A mistake of the program halts the job instead; it is
        logged with its trace, and not raised, for nobody who could catch it knows more.
        """
        if is_transient(error):
            self.give_back(fields)
            raise error
        halt(self.collection, self._mine, error)


def halt(collection: Collection[Raw], where: Raw, error: Exception) -> str | None:
    """Mark the one job that `where` fits as halted by a mistake of the program; its trace id, None where it is gone."""
    trace = secrets.token_hex(6)
    fault = {"trace": trace, "kind": type(error).__name__, "on": datetime.now(UTC)}
    change = {"$set": {"fault": fault}, "$unset": {"worker": "", "lease_until": ""}}
    job = collection.find_one_and_update(where, change, {"_id": 1})
    if job is None:
        return None
    count_fault("job")
    log.error(
        "%s %s is halted by a mistake of the program (%s), trace %s",
        collection.name, job["_id"], type(error).__name__, trace, exc_info=error, extra={"trace": trace},
    )  # fmt: skip
    return trace


def resume(collection: Collection[Raw], key: Any) -> bool:
    """Let a halted job go on where it stood, with its attempts forgotten; False where it is not halted.

    It is due at once: whoever hands it over, or the next sweep, starts it.
    """
    change = {"$set": {"idle": 0, "lease_until": datetime.now(UTC)}, "$unset": {"fault": "", "worker": ""}}
    return bool(collection.update_one({"_id": key, **HALTED}, change).matched_count)


def halted(collection: Collection[Raw], most: int) -> list[Raw]:
    """Keys and faults of the halted jobs of a collection, the latest first."""
    return list(collection.find(HALTED, {"fault": 1}).sort("fault.on", -1).limit(most))


def is_free(now: datetime | None = None) -> Raw:
    """The filter of jobs that nobody holds: never claimed, given back, or left by a worker that died."""
    return {"$or": [{"worker": None}, {"lease_until": {"$lt": now or datetime.now(UTC)}}]}


def sweep(
    collection: Collection[Raw], open_: Raw, *, hopeless: Callable[[Raw], bool], give_up: Callable[[Claim], object],
    hand_over: Callable[[str], object], fields: Raw | None = None,
) -> int:  # fmt: skip
    """Hand over again, with `fields` set, every job that `open_` fits and whose lease has run out; returns how many.

    hopeless: tells of a raw job that trying again is no use; it is claimed and given up instead.
    """
    now = datetime.now(UTC)
    open_ = {**open_, **NOT_HALTED}
    late = {**open_, "$or": [{"lease_until": {"$lt": now}}, {"lease_until": None}]}
    waits = {"$set": {"lease_until": now + PICK_UP_WITHIN, **(fields or {})}, "$unset": {"worker": ""}}
    handed = 0
    for job in collection.find(late, {"attempts": 1, "idle": 1, "lease_until": 1}):
        # The lease in the condition: whoever renewed it meanwhile is alive and keeps the job.
        same = {**open_, "_id": job["_id"], "lease_until": job.get("lease_until")}
        if hopeless(job):
            _give_up(collection, same, give_up)
        elif collection.update_one(same, waits).modified_count:
            hand_over(str(job["_id"]))
            handed += 1
    return handed


def _give_up(collection: Collection[Raw], same: Raw, give_up: Callable[[Claim], object]) -> None:
    claim = Claim.take(collection, same, PICK_UP_WITHIN.total_seconds())
    if claim is None:
        return
    try:
        give_up(claim)
    except LeaseLost:
        return
