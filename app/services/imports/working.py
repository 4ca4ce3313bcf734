"""The work of the background on imports: claimed by its state, done by the part that knows it, ended in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from app.clock import stored_now
from app.documents.imports import ImportRun
from app.enums import ImportState
from app.errors import Problem
from app.services.claims import Claim, LeaseLost, is_free
from app.services.fairness import fairest, work_for_ticket
from app.services.imports import planning
from app.services.imports.planning.replanning import REPLAN
from app.services.imports.planning.stages import FINISH
from app.services.imports.writing.applying import apply_claimed, end
from app.services.imports.writing.batches import schools_of, settle
from app.services.imports.writing.undoing import undo_claimed
from app.services.turns import Reading, end_turn, take_turn, waits_for_own

Raw = dict[str, Any]

_WORK: dict[str, Callable[[Claim], Any]] = {
    ImportState.READING.value: planning.plan,
    ImportState.APPLYING.value: apply_claimed,
    ImportState.UNDOING.value: undo_claimed,
}
WORKING = list(_WORK)
"""States in which a worker has something to do."""


def work_in_turn(ticket: str, lease_seconds: float = 60) -> ImportState | None:
    """Work on the import whose turn it is; `ticket` is one that waits, and that waits on where it is another's turn."""
    named = _key(ticket)
    runs = ImportRun._get_collection()
    key = fairest(runs, {"state": {"$in": WORKING}}, named, lambda run: run.get("file_bytes") or 0, may=_may_begin)
    return work_for_ticket(named, key, "imports.work", lambda one: work(str(one), lease_seconds))


def _may_begin(run: Raw) -> bool:
    reads = run["state"] == ImportState.READING.value
    return not (reads and waits_for_own(run["requested_by"], Reading(ImportRun._get_collection_name(), run["_id"])))


def work(run_id: str, lease_seconds: float = 60) -> ImportState | None:
    """Work on a run until it waits for people again; its state then, or None where it was not ours to work on.

    Safe to call at any time and any number of times. On an error that goes away by itself the run waits for the
    sweeper, and the error is raised; a mistake of the program halts the run.
    """
    turn = _turn(run_id)
    if turn is not None and not take_turn(*turn):
        return None  # another file of the same person is read; whoever reads it calls this one afterwards
    claim = _take(run_id, lease_seconds)
    if claim is None:
        return None
    try:
        return _worked(claim)
    except LeaseLost:
        return None
    except Exception as error:
        claim.put_down(error)
        return None
    finally:
        if turn is not None:
            end_turn(*turn)


def _worked(claim: Claim) -> ImportState | None:
    try:
        _WORK[claim.job["state"]](claim)
    except Problem as problem:
        return fail(claim, problem)
    run = ImportRun._get_collection().find_one({"_id": claim.job["_id"]}, {"state": 1})
    return ImportState(run["state"]) if run else None


def _turn(run_id: str) -> tuple[str, Reading] | None:
    """Whose turn a run needs, of the person who sent it; None where no file is read."""
    runs = ImportRun._get_collection()
    run = runs.find_one({"_id": _key(run_id), "state": ImportState.READING.value}, {"requested_by": 1, "cursor": 1})
    if run is None or (run.get("cursor") or {}).get("kind") in (REPLAN, FINISH):
        return None
    return run["requested_by"], Reading(runs.name, run["_id"])


def _key(run_id: str) -> ObjectId | None:
    try:
        return ObjectId(run_id)
    except InvalidId:
        return None


def _take(run_id: str, lease_seconds: float) -> Claim | None:
    free = {"_id": _key(run_id), "state": {"$in": WORKING}, **is_free()}
    return Claim.take(ImportRun._get_collection(), free, lease_seconds, {"served_on": stored_now()})


def fail(claim: Claim, problem: Problem) -> ImportState:
    """End a claimed run with the reason; what was written before stays written, counted and able to be undone."""
    state, texts = claim.job["state"], {"error_th": problem.th, "error_en": problem.en}
    if state != ImportState.READING.value:
        for school in schools_of(claim.job, {"cursor": {"$ne": None}}):
            settle(claim, school)
    if state == ImportState.APPLYING.value:
        return end(claim, ImportState.FAILED, **texts)
    found = ImportState.APPLIED if state == ImportState.UNDOING.value else ImportState.FAILED
    claim.end({"state": found.value, "finished_on": stored_now(), **texts}, ("cursor", "cancel_requested"))
    return found
