"""What is kept of a file that was read: beginnings and cells, of a bounded size, in order, gone in the end."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from bson import BSON

from app.clock import stored_now
from app.enums import ImportState
from app.errors import Problem
from app.rules.imports.terms import SheetHead
from app.services import imports
from app.services.imports import kept
from app.services.imports.clearing import clear_old_imports
from app.services.imports.columns import beginnings
from app.services.imports.discarding import discard
from app.services.imports.kept import KeptCells, Packer, heads_of, keep_heads
from app.services.imports.planning import stages
from app.services.imports.results import write_refused
from app.services.removing import Removing
from app.services.transactions import in_transaction
from tests.services.imports.conftest import Ground, work_out
from tests.services.imports.planned import planned, table

Raw = dict[str, Any]


def store(packer: Packer) -> int:
    pieces = packer.pieces()
    in_transaction(lambda session: kept.store_cells(pieces, session))
    return len(pieces)


def test_cells_come_back_as_they_were_by_sheet_and_row(ground: Ground) -> None:
    rows = [
        (0, 3, ("ก", 1, 2.5, True, None, date(2024, 5, 16))), (0, 9, ("ข" * 2000,)), (2, 1, ('"\n\\', "\u2028")),
    ]  # fmt: skip
    packer = Packer("run")
    for row in rows:
        packer.add(*row)
    assert store(packer) == 2
    cells = KeptCells("run")
    assert [cells.at(sheet, number) for sheet, number, _ in rows] == [found for _, _, found in rows]
    again = KeptCells("run")
    assert again.at(0, 4) is None and again.at(1, 3) is None and again.at(2, 1) == rows[2][2]
    assert again.at(2, 2) is None and KeptCells("other").at(0, 3) is None


def test_large_rows_are_packed_into_pieces_of_a_bounded_size(ground: Ground) -> None:
    packer = Packer("run")
    for number in range(40):
        packer.add(0, number, ("ก" * 2000,) * 100)
    assert packer.characters > 8_000_000
    assert store(packer) >= 13
    cells = KeptCells("run")
    assert cells.at(0, 39) == ("ก" * 2000,) * 100
    assert len(cells._rows) <= 4, "more than one piece is in memory"


def test_a_chunk_of_long_texts_ends_early(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "CHUNK_CHARACTERS", 2_000)
    run = planned(ground.officer, table(ground.fresh(30)), school=ground.home.own)
    assert ground.db.import_cells.count_documents({"run": run.pk}) > 2
    assert run.rows == 30 and run.progress_done == 30


@pytest.mark.parametrize(("sheets", "text"), [(100, "x"), (15, "ก" * 2000), (2, "ก" * 2000)])
def test_beginnings_are_cut_to_what_a_page_may_hold(ground: Ground, sheets: int, text: str) -> None:
    top = ((text,) * 40,) * 60
    keep_heads("run", [SheetHead(number, f"s{number}", top, 100) for number in range(sheets)])
    found = heads_of("run")
    assert [head.index for head in found] == list(range(sheets)) and all(len(head.top) >= 2 for head in found)
    cells = [cell for head in found for row in head.top for cell in row]
    assert len(cells) <= kept.MOST_HEAD_CELLS and sum(map(len, cells)) <= kept.MOST_HEAD_CHARACTERS
    stored = ground.db.import_heads.find({"run": "run"})
    assert all(len(BSON.encode(row)) < 4 * 2**20 for row in stored)


def test_the_refused_file_needs_the_file_no_more(ground: Ground) -> None:
    [pupil] = ground.fresh(1, 77)
    run = planned(ground.officer, table([pupil | {"national_id": "1234567890123"}]), school=ground.home.own)
    for name in ("files", "chunks"):
        ground.db[f"import_files.{name}"].delete_many({})
    whole = cells_of(run)
    assert pupil["first_name"] in whole[1]
    for name in ("import_cells", "import_heads"):  # as of a run that an earlier version read
        ground.db[name].delete_many({})
    assert cells_of(run) == whole


def cells_of(run: Any) -> list[list[Any]]:
    out = io.BytesIO()
    write_refused(run, out)
    [sheet] = openpyxl.load_workbook(io.BytesIO(out.getvalue())).worksheets
    return [[cell or None for cell in row][:16] for row in sheet.iter_rows(values_only=True)]


def test_what_is_kept_goes_with_the_rows(ground: Ground) -> None:
    def left() -> list[int]:
        return [ground.db[name].count_documents({}) for name in ("import_heads", "import_cells", "import_rows")]

    data = table(ground.fresh(3, 77))
    discard(planned(ground.officer, data, school=ground.home.own))
    assert left() == [0, 0, 0]
    planned(ground.officer, data, school=ground.home.own)
    assert left()[:2] == [1, 1]
    ground.db.import_runs.update_many({}, {"$set": {"requested_on": stored_now() - timedelta(days=91)}})
    assert clear_old_imports(stored_now() - timedelta(days=90), Removing()) and left() == [0, 0, 0]


def test_columns_of_a_file_that_a_former_version_read_can_be_chosen_after_the_next_sweep(ground: Ground) -> None:
    unknown = "เลขบัตร;ชื่อเด็ก;สกุลเด็ก;เกิดวันที่;อยู่ชั้น\n1101700230708;มานะ;เรียนดี;03/01/2560;ป.1\n".encode()
    run = planned(ground.officer, unknown, school=ground.home.own)
    assert run.state is ImportState.MAPPING and heads_of(run.pk)
    imports.sweep()
    run.reload()
    assert run.state is ImportState.MAPPING
    ground.db.import_heads.delete_many({})
    with pytest.raises(Problem):
        beginnings(run.pk)
    assert imports.sweep() == 1
    assert work_out(run) is ImportState.MAPPING and beginnings(run.pk)
