"""What a proclamation in force does to schools and counts, and taking it back."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.proclamations import Proclamation
from app.documents.schools import School
from app.enums import ProclamationKind, SchoolStatus
from app.errors import Problem
from app.rules.census import as_day
from app.services.submissions import clear_zeros, set_zeros

log = logging.getLogger(__name__)

Raw = dict[str, Any]


def apply(proclamation: Raw, session: ClientSession | None = None) -> None:
    """Close or merge the schools of a raw proclamation and store their zeros. Before it is in force: nothing."""
    if as_day(proclamation["effective_on"]) > thai_today():
        return
    merged = proclamation["kind"] == ProclamationKind.MERGER.value
    fields = {
        "status": (SchoolStatus.MERGED if merged else SchoolStatus.CLOSED).value,
        "closed_on": proclamation["effective_on"],
    }
    change: Raw = {"$set": fields}
    if merged:
        fields["successor_code"] = proclamation["successor_code"]
    else:
        change["$unset"] = {"successor_code": ""}
    # The zeros first: where they are refused, the schools stay as they are.
    set_zeros(proclamation["_id"], proclamation["schools"], proclamation["effective_on"], session)
    School._get_collection().update_many({"_id": {"$in": proclamation["schools"]}}, change, session=session)


def take_back(proclamation: Raw, session: ClientSession | None = None) -> None:
    """Undo what a raw proclamation did: its schools are open again, their counts as if it had never been."""
    School._get_collection().update_many(
        {
            "_id": {"$in": proclamation["schools"]},
            "closed_on": proclamation["effective_on"],
            "lao_code": proclamation["lao_code"],  # a school that has moved to another LAO since is that one's
        },
        {"$set": {"status": SchoolStatus.OPEN.value}, "$unset": {"closed_on": "", "successor_code": ""}},
        session=session,
    )
    clear_zeros(proclamation["_id"], session=session)


def apply_due(today: date | None = None) -> int:
    """Apply the proclamations that have come into force since they were recorded; returns how many. Safe to repeat."""
    done = 0
    for row in Proclamation._get_collection().find().sort("effective_on", 1):
        if as_day(row["effective_on"]) > (today or thai_today()):
            break
        waiting = {"_id": {"$in": row["schools"]}, "status": SchoolStatus.OPEN.value}
        if School._get_collection().find_one(waiting, {"_id": 1}):
            try:
                apply(row)
            except Problem as problem:
                log.warning("proclamation %s is not applied: %s", row["_id"], problem.en)
                continue
            done += 1
    return done
