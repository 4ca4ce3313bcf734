"""The right to work on a long job, held by a lease: every write names the holder's token and fails once it is lost.

A job is a document with `worker`, `lease_until`, `attempts` and `idle`, the attempts since it last moved. A worker
killed at any moment leaves a lease that runs out; then somebody else may claim the job, and whatever the first one
still tries to write finds no row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

Raw = dict[str, Any]

PICK_UP_WITHIN = timedelta(seconds=30)
"""A job that no worker has claimed after this time is put on the queue again."""
LIVE = ("worker", "lease_until", "idle")
"""Fields that mark a job somebody works on."""


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
            where,
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
