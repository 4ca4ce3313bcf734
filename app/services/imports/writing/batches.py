"""One school of an import, written whole in one transaction, or beyond a transaction's size in batches that resume."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from pymongo.client_session import ClientSession

from app.documents.imports import ImportRow, ImportSchool
from app.enums import ImportRowState
from app.errors import Problem
from app.monitoring.counting import count_import_rows
from app.services import findings
from app.services.claims import Claim
from app.services.imports.writing.writer import Change, Writer, count, write_in_transaction
from app.services.transactions import in_transaction

Raw = dict[str, Any]

MOST_IN_TRANSACTION = 1000
"""Rows of one transaction; MongoDB advises so many, and a longer one holds up people who save meanwhile."""

FIELDS = (
    "n", "row", "school_code", "deed", "student", "student_name", "version", "after_version", "from_school", "values",
    "changes", "by_hand", "overrule",
)  # fmt: skip

Changes = Callable[[Sequence[Raw], Raw, ClientSession | None], list[Change]]
"""Raw rows and their raw ImportSchool -> what they do to students as they are now. Raises Differs."""


@dataclass(frozen=True)
class Step:
    """What is done to each school: the rows it takes, what they become, and how the run's sum of rows moves."""

    rows: Raw
    changes: Changes
    done: ImportRowState
    marks: Raw
    sign: int

    def todo(self, run: Raw, school: Raw) -> Raw:
        """The filter of the rows of a raw school that are still to be done."""
        return {**self.rows, "run": run["_id"], "school_code": school["school_code"]}


class Ended(Exception):
    """Somebody cancelled in the middle of a school."""


class Ahead:
    """Reads the next rows while MongoDB writes the present ones; nobody but this worker changes them meanwhile."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="import-rows")
        self._key: tuple[str, int] | None = None
        self._rows: Future[list[Raw]] | None = None
        self.after: tuple[Raw, int] | None = None
        """Filter and place of the school that comes after the present one."""

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *error: Any) -> None:
        self._pool.shutdown()

    def ask(self, todo: Raw, after: int) -> None:
        """Begin to read the rows of a filter behind a place."""
        self._key, self._rows = (todo["school_code"], after), self._pool.submit(_next_rows, todo, after)

    def take(self, todo: Raw, after: int) -> list[Raw]:
        """The rows, those that were asked for or read now."""
        rows, asked, self._rows = self._rows, self._key, None
        return rows.result() if rows is not None and asked == (todo["school_code"], after) else _next_rows(todo, after)


def in_turn(schools: Sequence[Raw], run: Raw, step: Step, ahead: Ahead) -> Iterator[Raw]:
    """The schools one after the other; `ahead` is told of the next one in time, by `work_on`."""
    for school, after in zip_longest(schools, schools[1:]):
        ahead.after = None if after is None else (step.todo(run, after), after.get("cursor") or 0)
        yield school


def work_on(claim: Claim, writer: Writer, school: Raw, step: Step, ahead: Ahead) -> None:
    """Do a step for a raw ImportSchool. Raises Differs, Problem, Ended or LeaseLost; a batch is stored or it is not.

    A school that takes more than one batch is looked through before the first, so that what differs is known while
    nothing is written; `cursor` is the place of the last row stored.
    """
    todo = step.todo(claim.job, school)
    while True:
        if claim.job.get("cancel_requested"):
            raise Ended
        rows = ahead.take(todo, school.get("cursor") or 0)
        last = len(rows) <= MOST_IN_TRANSACTION
        if not last and school.get("cursor") is None:
            _look_through(claim, todo, school, step)
        batch = rows[:MOST_IN_TRANSACTION]
        if not last:
            ahead.ask(todo, batch[-1]["n"])
        elif ahead.after is not None:
            ahead.ask(*ahead.after)
        _store(claim, writer, school, batch, last, step)
        if last:
            return
        school["cursor"] = batch[-1]["n"]


def settle(claim: Claim, school: Raw) -> None:
    """Count a school of which some batches are stored and no more will follow."""
    if school.get("cursor") is None:
        return
    codes = _schools_of(claim.job, school["school_code"], None)
    try:
        in_transaction(lambda session: count((), session, codes))
    except Problem:
        return  # a round's data were accepted between two batches: its count stays as it was accepted
    findings.note_change(codes)


def _next_rows(todo: Raw, after: int) -> list[Raw]:
    """The next batch and one row more, which tells that it is not the last."""
    found = ImportRow._get_collection().find({**todo, "n": {"$gt": after}}, dict.fromkeys(FIELDS, 1))
    most = MOST_IN_TRANSACTION + 1
    return list(found.sort("n", 1).limit(most).batch_size(most))


def _look_through(claim: Claim, todo: Raw, school: Raw, step: Step) -> None:
    for rows in in_chunks(todo):
        step.changes(rows, school, None)
        claim.update({})


def in_chunks(todo: Raw) -> Iterator[list[Raw]]:
    """The rows of a filter in their order, MOST_IN_TRANSACTION at a time."""
    after = 0
    while rows := _next_rows(todo, after)[:MOST_IN_TRANSACTION]:
        yield rows
        after = rows[-1]["n"]


def _store(claim: Claim, writer: Writer, school: Raw, rows: list[Raw], last: bool, step: Step) -> None:
    """One transaction: the students of some rows, the marks of the rows, and how far school and run are."""
    touched: set[str] = set()
    written = 0

    def store(session: ClientSession) -> None:
        nonlocal written
        changes = step.changes(rows, school, session)
        written = len(changes)
        rounds = writer.write(changes, session)
        if last:
            also = () if school.get("cursor") is None else _schools_of(claim.job, school["school_code"], session)
            count(changes, session, also, rounds)
            touched.update(*(change.codes for change in changes), also)
        _mark(school, rows, changes, last, step, session)
        done = {"progress_done": len(rows), "applied": step.sign * len(changes)}
        claim.update({"$inc": done}, session)

    write_in_transaction(store)
    count_import_rows("applied" if step.sign > 0 else "undone", written)
    count_import_rows("unchanged", len(rows) - written)
    findings.note_change(touched)


def _mark(school: Raw, rows: list[Raw], changes: list[Change], last: bool, step: Step, session: ClientSession) -> None:
    written = {(change.new or change.old or {})["_id"] for change in changes}
    keys = [row["_id"] for row in rows if row["student"] in written]
    if keys:
        ImportRow._get_collection().update_many(
            {"_id": {"$in": keys}}, [{"$set": {"state": step.done.value, **step.marks}}], session=session
        )
    if last:  # of a school in which nothing is to be done there is no row, and it is done
        how_far: Raw = {"$set": {"state": step.done.value}, "$unset": {"cursor": ""}}
    else:
        how_far = {"$set": {"cursor": rows[-1]["n"]}}
    ImportSchool._get_collection().update_one({"_id": school["_id"]}, how_far, session=session)


def _schools_of(run: Raw, code: str, session: ClientSession | None) -> list[str]:
    """A school and those from which rows of it move students."""
    mine = {"run": run["_id"], "school_code": code, "from_school": {"$ne": None}}
    return sorted({code, *ImportRow._get_collection().distinct("from_school", mine, session=session)})


def schools_of(run: Raw, where: Raw) -> list[Raw]:
    """The raw schools of a run that fit a filter, by code."""
    return list(ImportSchool._get_collection().find({"run": run["_id"], **where}).sort("school_code", 1))


def refuse(claim: Claim, school: Raw, problem: Problem) -> None:
    """Write down why a school as a whole could not be done; the others go on."""

    def note(session: ClientSession) -> None:
        claim.update({}, session)
        texts = {"error_th": problem.th, "error_en": problem.en}
        ImportSchool._get_collection().update_one({"_id": school["_id"]}, {"$set": texts}, session=session)

    settle(claim, school)
    in_transaction(note)
