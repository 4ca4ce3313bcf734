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

LIVE = ("worker", "lease_until", "idle", "fault", "rests_until")
"""Fields that mark a job somebody works on, or is to go on with after a mend."""
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
        cls,
        collection: Collection[Raw],
        where: Raw,
        lease_seconds: float,
        fields: Raw | None = None,
        *,
        resting: bool = False,
    ) -> Self | None:
        """Claim the one job that `where` fits and that is free, and set `fields`; None where there is none such.

        The first attempt sets `started_on`, which later ones keep. resting: also one that rests after an error.
        """
        now = datetime.now(UTC)
        held = {"worker": uuid4().hex, "lease_until": now + timedelta(seconds=lease_seconds), **(fields or {})}
        job = collection.find_one_and_update(
            {**where, **NOT_HALTED, **({} if resting else {"rests_until": {"$not": {"$gt": now}}})},
            {
                "$set": held,
                "$unset": {"rests_until": ""},
                "$min": {"started_on": now},
                "$inc": {"attempts": 1, "idle": 1},
            },
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

    def give_back(self, fields: Raw | None = None, seconds: float = 10, rest: bool = True) -> None:
        """Let the sweeper start another attempt, three times later after each that got nowhere; sets `fields` besides.

        So MAX_IDLE of five attempts outlast seven minutes of a full disk or a missing network. rest: until then no
        ticket that comes by takes it either, or its attempts would be used up within a second.
        """
        tries = max(1, int(self.job.get("idle", 1)))
        due = datetime.now(UTC) + timedelta(seconds=seconds * 3 ** min(tries - 1, 4))
        self.collection.update_one(
            self._mine,
            {
                "$set": {"lease_until": due, **({"rests_until": due} if rest else {}), **(fields or {})},
                "$unset": {"worker": ""},
            },
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
    """Mark the one job that `where` fits as halted by a mistake of the program; its trace id, None where it is gone.

    The mistake is logged in any case, also that of a worker that has lost the job meanwhile.
    """
    trace = secrets.token_hex(6)
    fault = {"trace": trace, "kind": type(error).__name__, "on": datetime.now(UTC)}
    change = {"$set": {"fault": fault}, "$unset": {"worker": "", "lease_until": ""}}
    found = collection.update_one(where, change).matched_count
    count_fault("job")
    log.error(
        "%s %s %s by a mistake of the program (%s), trace %s", collection.name, where.get("_id"),
        "is halted" if found else "was lost before it was met", type(error).__name__, trace,
        exc_info=error, extra={"trace": trace},
    )  # fmt: skip
    return trace if found else None


def resume(collection: Collection[Raw], key: Any) -> bool:
    """Let a halted job go on where it stood, with its attempts forgotten; False where it is not halted.

    It is due at once: whoever hands it over, or the next sweep, starts it.
    """
    change = {"$unset": dict.fromkeys(LIVE, "")}
    return bool(collection.update_one({"_id": key, **HALTED}, change).matched_count)


def halted(collection: Collection[Raw], most: int, open_: Raw | None = None) -> list[Raw]:
    """Keys and faults of the halted jobs of a collection that fit `open_`, the latest first."""
    return list(collection.find({**HALTED, **(open_ or {})}, {"fault": 1}).sort("fault.on", -1).limit(most))


def is_free(now: datetime | None = None) -> Raw:
    """The filter of jobs that nobody holds: never claimed, given back, or left by a worker that died."""
    return {"$or": [{"worker": None}, {"lease_until": {"$lt": now or datetime.now(UTC)}}]}


def is_left(now: datetime | None = None) -> Raw:
    """The filter of jobs under way whose lease has run out or was taken away."""
    return {"$or": [{"lease_until": {"$lt": now or datetime.now(UTC)}}, {"lease_until": None}], **NOT_HALTED}


def sweep(
    collection: Collection[Raw], open_: Raw, *, hopeless: Callable[[Raw], bool], give_up: Callable[[Claim], object],
    hand_over: Callable[[str], bool], fields: Raw | None = None,
) -> int:  # fmt: skip
    """Hand over again, with `fields` set, every job that `open_` fits and whose lease has run out; returns how many.

    hopeless: tells of a raw job that trying again is no use; it is claimed and given up instead. hand_over: False where
    the queue is down; what is not handed over then is late at the next sweep. One job that cannot be given up is halted
    and keeps no other from being picked up.
    """
    now = datetime.now(UTC)
    open_ = {**open_, **NOT_HALTED}
    waits = {
        "$set": {"lease_until": now + PICK_UP_WITHIN, **(fields or {})},
        "$unset": {"worker": "", "rests_until": ""},
    }
    handed, is_up = 0, True
    for job in collection.find({**open_, **is_left(now)}, {"attempts": 1, "idle": 1, "lease_until": 1}):
        # The lease in the condition: whoever renewed it meanwhile is alive and keeps the job.
        same = {**open_, "_id": job["_id"], "lease_until": job.get("lease_until")}
        if hopeless(job):
            _give_up(collection, same, give_up)
        elif is_up and collection.update_one(same, waits).modified_count:
            is_up = hand_over(str(job["_id"]))
            handed += is_up
            if not is_up:
                waiting = {"_id": job["_id"], "worker": None, "lease_until": waits["$set"]["lease_until"]}
                collection.update_one(waiting, {"$set": {"lease_until": now}})
    return handed


def _give_up(collection: Collection[Raw], same: Raw, give_up: Callable[[Claim], object]) -> None:
    claim = Claim.take(collection, same, PICK_UP_WITHIN.total_seconds(), resting=True)
    if claim is None:
        return
    try:
        give_up(claim)
    except LeaseLost:
        return
    except Exception as error:
        if is_transient(error):
            raise  # the database is away for the others too; the lease lets the next sweep try again
        claim.put_down(error)
