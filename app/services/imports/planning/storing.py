"""Rows of a run on their way into MongoDB: a chunk and the mark of how far the work is stand or fall together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession

from app.documents.imports import ImportRow
from app.enums import ImportDeed, ImportRowState
from app.services.claims import Claim
from app.services.imports.kept import store_cells
from app.services.transactions import in_transaction

Raw = dict[str, Any]

OF_FILE = {"$ne": ImportDeed.MISSING.value}
"""The deed of rows that are in the file."""
WRITES = (ImportDeed.NEW, ImportDeed.CHANGED, ImportDeed.MOVED)
"""Deeds that write a student."""
WRITTEN = [deed.value for deed in WRITES]
DONE = [ImportRowState.APPLIED.value, ImportRowState.UNDONE.value]
"""States of rows that no planning touches any more."""


class Cancelled(Exception):
    """A person asked for the work to stop."""


class Storing:
    """Stores new rows, one chunk after the other, while the next one is read and planned."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self._thread = ThreadPoolExecutor(1, "import-rows")
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._wait()
        finally:
            self._thread.shutdown()

    def add(self, rows: Sequence[Raw], cursor: Raw, read: int, cells: Sequence[Raw]) -> None:
        """Begin to store rows once those before are stored; `read`: the lines of the file that they were made of;
        cells: those lines as `kept.Packer` packs them.

        Raises LeaseLost, and Cancelled where a person asked for it.
        """
        self._wait()
        stop_if_cancelled(self.claim)
        self._last = self._thread.submit(_add_rows, self.claim, rows, cursor, read, cells)

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()


def _add_rows(claim: Claim, rows: Sequence[Raw], cursor: Raw, read: int, cells: Sequence[Raw]) -> None:
    def work(session: ClientSession) -> None:
        claim.update({"$set": {"cursor": cursor}, "$inc": {"progress_done": read}}, session)
        if rows:
            ImportRow._get_collection().insert_many(rows, session=session)
        store_cells(cells, session)

    in_transaction(work)


def replace_rows(claim: Claim, rows: Sequence[Raw], cursor: Raw) -> None:
    """Store rows that were planned anew. Raises LeaseLost, and Cancelled."""

    def work(session: ClientSession) -> None:
        claim.update({"$set": {"cursor": cursor}, "$inc": {"progress_done": len(rows)}}, session)
        write_again(rows, session)

    in_transaction(work)
    stop_if_cancelled(claim)


def write_again(rows: Sequence[Raw], session: ClientSession | None) -> None:
    """Put rows in the place of the stored ones."""
    if rows:
        each = [ReplaceOne({"_id": row["_id"]}, row) for row in rows]
        ImportRow._get_collection().bulk_write(each, ordered=False, session=session)


def stop_if_cancelled(claim: Claim) -> None:
    """Raise Cancelled where a person asked for it."""
    if claim.job.get("cancel_requested"):
        raise Cancelled


def met_rows(run_id: Any, besides: Raw | None = None, where: Raw | None = None, session: Any = None) -> Iterable[Raw]:
    """What `Doubles` needs of the rows of a run that are taken; besides: a filter of rows that are planned anew."""
    taken: Raw = {
        "run": run_id,
        "deed": {"$nin": [ImportDeed.REFUSED.value, ImportDeed.MISSING.value]},
        "left_out": {"$ne": True},
        **(where or {}),
    }
    if besides:
        taken["$nor"] = [besides]
    fields = {"n": 1, "row": 1, "sheet": 1, "school_code": 1, "student": 1, "values": 1}
    return ImportRow._get_collection().find(taken, fields, session=session).sort("n", 1)
