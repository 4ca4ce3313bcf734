"""The work of the background from a file to its preview; cut off at any moment, it goes on after the last chunk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from bson import ObjectId

from app.clock import stored_now, thai_today
from app.enums import ImportState
from app.errors import Problem
from app.rules.imports.rows import RowReader
from app.rules.imports.terms import SheetPlan
from app.services.claims import Claim
from app.services.imports.files.copies import opened
from app.services.imports.files.reading import Book
from app.services.imports.kept import Packer, keep_heads
from app.services.imports.planning import sheets
from app.services.imports.planning.doubles import Doubles
from app.services.imports.planning.drafts import Draft, draft_of
from app.services.imports.planning.finishing import finish
from app.services.imports.planning.planner import Planner
from app.services.imports.planning.replanning import REPLAN, asking, replan, replan_school
from app.services.imports.planning.storing import Cancelled, Storing, met_rows, stop_if_cancelled

__all__ = ["plan", "replan_school"]

Raw = dict[str, Any]

CHUNK = 1000
"""Lines of a file that are planned and stored together."""
CHUNK_CHARACTERS = 4_000_000
"""A chunk of long texts ends earlier, so that what is planned at a time stays small."""
FINISH = "finish"


def plan(claim: Claim) -> None:
    """The work of state READING; ends the claim in MAPPING, PREVIEW, FAILED or CANCELLED. Raises LeaseLost."""
    try:
        kind = (claim.job.get("cursor") or {}).get("kind")
        if kind == REPLAN:
            replan(claim)
        elif kind != FINISH and not _read(claim):
            return
        claim.update({"$set": {"cursor": {"kind": FINISH}}})
        finish(claim)
    except Cancelled:
        _end(claim, ImportState.CANCELLED)
    except Problem as problem:
        _end(claim, ImportState.FAILED, error_th=problem.th, error_en=problem.en)


def _end(claim: Claim, state: ImportState, **fields: Any) -> None:
    fields |= {"state": state.value, "finished_on": stored_now()}
    claim.end(fields, ("cursor", "cancel_requested"))


def _read(claim: Claim) -> bool:
    """Plan all rows of the file; False where people must choose its columns first."""
    stop_if_cancelled(claim)
    actor = asking(claim.job)
    with opened(claim.job) as book:
        if not claim.job.get("cursor") and not _recognise(claim, book):
            return False
        cursor = claim.job["cursor"]
        plans = sheets.plans_of(claim.job)
        names = {index: sheet.name for index, sheet in plans.items()}
        met = met_rows(claim.job["_id"]) if cursor["n"] else ()
        planner = Planner(claim.job, actor, Doubles(names, met))
        with Storing(claim) as storing:
            for chunk in _chunks(claim.job, book, plans):
                storing.add(planner.plan(chunk.drafts), chunk.cursor, chunk.lines, chunk.cells)
    return True


def _recognise(claim: Claim, book: Book) -> bool:
    """Find out how the sheets are read, and note it; False where that is left to people."""
    found = sheets.recognised(claim.job, book.heads)
    keep_heads(claim.job["_id"], book.heads)
    fields: Raw = {"file_kind": book.kind}
    if not found:
        guesses = sheets.guessed(book.heads)
        if not guesses:
            raise _no_table()
        fields["sheets"] = [sheets.stored(guess) for guess in guesses]
        _end(claim, ImportState.MAPPING, **fields)
        return False
    claim.update({"$set": {**fields, **sheets.beginning(found, book.heads), "layout": found[0].layout}})
    return True


def _no_table() -> Problem:
    return Problem(
        "ไม่พบตารางรายชื่อนักเรียนในไฟล์นี้ โปรดตรวจสอบว่าเลือกไฟล์ถูก หรือใช้แบบไฟล์ของระบบ",
        "There is no table of students in this file. Check that it is the right one, or use LEC's own template.",
        "file",
    )


class _Chunk(NamedTuple):
    drafts: list[Draft]
    cursor: Raw
    lines: int
    cells: list[Raw]


def _chunks(run: Raw, book: Book, plans: dict[int, SheetPlan]) -> Iterator[_Chunk]:
    """The rows after the run's cursor, read, with the cursor that stands after each chunk."""
    answers, today = run.get("answers") or {}, thai_today()
    readers = {index: RowReader(plan, answers, today=today) for index, plan in plans.items()}
    at, n = (run["cursor"]["sheet"], run["cursor"]["row"]), run["cursor"]["n"]
    drafts: list[Draft] = []
    lines, packer = 0, Packer(run["_id"])
    for index, number, cells in book.rows():
        if index not in plans or number <= plans[index].header or (index, number) <= at:
            continue
        at, lines = (index, number), lines + 1
        packer.add(index, number, cells)
        read = readers[index].read(number, cells, book.filled_in(index, number))
        if read is not None:
            n += 1
            base = {"_id": ObjectId(), "run": run["_id"], "n": n, "sheet": index, "row": read.row}
            drafts.append(draft_of(base, read, plans[index].facts))
        if lines == CHUNK or packer.characters > CHUNK_CHARACTERS:
            yield _Chunk(drafts, _cursor(at, n), lines, packer.pieces())
            drafts, lines, packer = [], 0, Packer(run["_id"])
    if lines:
        yield _Chunk(drafts, _cursor(at, n), lines, packer.pieces())


def _cursor(at: tuple[int, int], n: int) -> Raw:
    return {"kind": sheets.READ, "sheet": at[0], "row": at[1], "n": n}
