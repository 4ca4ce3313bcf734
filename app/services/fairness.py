"""Whose waiting job is taken up next, so that one account's hundred files, or a report of the country, hold up nobody.

A message in the queue is a ticket: whoever takes it works on the fairest job that waits, not necessarily on the one
that it names, and then puts the ticket of the named one back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pymongo.collection import Collection

from app import jobs
from app.services.claims import NOT_HALTED, is_free

Raw = dict[str, Any]
Ended = TypeVar("Ended")
Size = Callable[[Raw], float]

AGED = timedelta(minutes=5)
"""What has waited so long goes before what is smaller."""
Served = dict[str, datetime]

NEVER = datetime(1970, 1, 1)
_WANTED = dict.fromkeys(("requested_by", "requested_on", "state", "level", "file_bytes"), 1)


def by_account(waiting: list[Raw], running: Counter[str], served: Served, size: Size, aged: datetime) -> None:
    """Sort: who has the fewest jobs under way, then who was served longest ago; of one account the small first."""

    def rank(row: Raw) -> tuple[Any, ...]:
        account, old = row["requested_by"], row["requested_on"] < aged
        return running[account], served.get(account, NEVER), not old, 0 if old else size(row), row["requested_on"]

    waiting.sort(key=rank)


def by_size(waiting: list[Raw], running: Counter[str], served: Served, size: Size, aged: datetime) -> None:
    """Sort: the small first whoever asks, of the same size the accounts in turn."""

    def rank(row: Raw) -> tuple[Any, ...]:
        account, old = row["requested_by"], row["requested_on"] < aged
        small = 0 if old else size(row)
        return not old, small, running[account], served.get(account, NEVER), row["requested_on"]

    waiting.sort(key=rank)


def fairest(
    collection: Collection[Raw], open_: Raw, named: Any, size: Size, *,
    order: Callable[..., None] = by_account, may: Callable[[Raw], bool] = lambda _: True,
) -> Any:  # fmt: skip
    """The key of the job to work on for the ticket of the job `named`: that one where it is not simply waiting.

    open_: the states of jobs to be done. size: of a raw job, in any unit. may: whether a job's turn has come. Costs
    three commands; a job has `requested_by`, `requested_on` and, once it was taken, `served_on`.
    """
    now = datetime.now(UTC)
    due = {"$or": [{"idle": {"$in": [None, 0]}}, {"lease_until": {"$lte": now}}]}  # not put back after an error
    waiting = list(collection.find({**open_, **NOT_HALTED, "$and": [is_free(now), due]}, _WANTED))
    if len(waiting) < 2 or all(row["_id"] != named for row in waiting):
        return named
    alive = {**open_, "worker": {"$ne": None}, "lease_until": {"$gt": now}}
    running = Counter(row["requested_by"] for row in collection.find(alive, {"requested_by": 1}))
    served = _served(collection, {row["requested_by"] for row in waiting})
    order(waiting, running, served, size, now.replace(tzinfo=None) - AGED)
    return next((row["_id"] for row in waiting if may(row)), named)


def work_for_ticket(named: Any, key: Any, task: str, work: Callable[[Any], Ended | None]) -> Ended | None:
    """Call `work` with the job `key`, and put the ticket of `named`, where it is another, back; gives its end.

    Where somebody else took `key` meanwhile the named one is worked on: a ticket never goes round for nothing.
    """
    if key == named:
        return work(named)
    try:
        end = work(key)
    except BaseException:
        jobs.enqueue_stored(task, str(named))
        raise
    if end is None:
        return work(named)
    jobs.enqueue_stored(task, str(named))
    return end


def _served(collection: Collection[Raw], accounts: set[str]) -> dict[str, datetime]:
    """When a job of each account was last taken up."""
    rows = collection.aggregate(
        [
            {"$match": {"requested_by": {"$in": sorted(accounts)}, "served_on": {"$gt": NEVER}}},
            {"$group": {"_id": "$requested_by", "last": {"$max": "$served_on"}}},
        ]
    )
    return {row["_id"]: row["last"] for row in rows}
