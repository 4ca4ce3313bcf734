"""Files of every kind, read by the real process: their sheets, cells, merged ranges, encodings and separators."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter

from app.errors import Problem
from app.rules.imports.terms import Cell, SheetHead
from app.services.imports.files import reading
from app.services.imports.files.reading import LONGEST_CELL, Limits, open_book
from tests.factories.rosters import hostile
from tests.factories.rosters.kinds import TABLE, csv_of, every_kind, ods, ods_of, oneroster, xls, xlsx

Opened = tuple[str, str, list[SheetHead], list[tuple[int, int, tuple[Cell, ...]]]]
Open = Callable[..., Opened]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Writes bytes to a file and reads all of it: (kind, note, heads, rows)."""

    def read(data: bytes, name: str = "any", limits: Limits | None = None) -> Opened:
        path = tmp_path / name
        path.write_bytes(data)
        with open_book(path, name, limits=limits) as book:
            return book.kind, book.note, book.heads, list(book.rows())

    return read


def whole(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Numbers as whole ones where they are: kinds of files differ in that."""
    return tuple(int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in cells)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".zip", ""])
def test_a_workbook_gives_its_cells_whatever_its_name_says(opened: Open, name: str, ending: str) -> None:
    kind, note, heads, rows = opened(every_kind()[name], f"list{ending}")
    assert (kind, note) == (name.removeprefix("a."), "")
    assert (heads[0].index, heads[0].name, heads[0].rows, heads[0].hidden) == (0, "รายชื่อ", 5, False)
    assert heads[0].top[0][0] == "ทะเบียนนักเรียน"
    first = [(number, whole(cells)) for sheet, number, cells in rows if sheet == 0]
    assert first[1:] == [(2, TABLE[2]), (3, TABLE[3]), (4, TABLE[4])]


def test_hidden_sheets_are_there_and_said_to_be_hidden(opened: Open) -> None:
    _, _, heads, rows = opened(xlsx(more={"ซ่อน": [("x", 1)]}))
    assert [(head.name, head.hidden) for head in heads] == [("รายชื่อ", False), ("ซ่อน", True)]
    assert rows[-1][:2] == (1, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp874"])
@pytest.mark.parametrize(("separator", "called"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
@pytest.mark.parametrize("says", [False, True])
def test_a_text_is_read_in_every_encoding_and_separator(
    opened: Open, encoding: str, separator: str, called: str, says: bool
) -> None:
    kind, note, heads, rows = opened(csv_of(encoding=encoding, separator=separator, says=says), "list.xls")
    names = {"utf-8-sig": "UTF-8", "utf-16-le": "UTF-16", "cp874": "Windows-874 (TIS-620)"}
    assert (kind, note) == ("csv", f"{names.get(encoding, encoding.upper())}, {called}")
    assert [cells[0] for _, _, cells in rows] == ["ทะเบียนนักเรียน", "เลขประจำตัวประชาชน", *(row[0] for row in TABLE[3:])]
    assert rows[-1][2] == ("0000000000001", "ตัวอย่าง\nสองบรรทัด", 'ชื่อ; "ยาว", มาก', "31/12/2014", "40")
    assert rows[-1][1] == 4 + says
    assert heads[0].rows == 5 + says


def test_the_last_character_may_be_cut_and_a_text_is_still_utf8(opened: Open) -> None:
    _, note, _, rows = opened("ชื่อ,สกุล\nทดสอบ,ระบบ".encode()[:-1])
    assert note == "UTF-8, comma"
    assert rows[0][2] == ("ชื่อ", "สกุล")


def test_zero_bytes_in_a_text_vanish(opened: Open) -> None:
    rows = opened(b"first,b\0\nc\0,second\n" + b"third,fourth\n" * 20)[3]
    assert rows[:2] == [(0, 0, ("first", "b")), (0, 1, ("c", "second"))]


def test_a_quotation_mark_that_is_not_closed_names_its_line(opened: Open) -> None:
    for data in (b'a,b\nc,d\n"e,f\ng,h\n', b'a,b\nc,d\n"e,f\n' + b"g,h\n" * 600_000):
        with pytest.raises(Problem) as caught:
            opened(data)
        assert "บรรทัด 3 " in caught.value.th


@pytest.mark.parametrize("write", [xlsx, xls, ods])
def test_a_merged_cell_is_in_every_cell_it_covers(tmp_path: Path, write: Callable[..., bytes]) -> None:
    rows = (("ชั้น", "ชื่อ", "x"), ("ป.1", "ก", 1), (None, "ข", 2), (None, "ค", 3))
    path = tmp_path / "a"
    path.write_bytes(write(rows, merged=[(1, 0, 3, 0)]))
    with open_book(path) as book:
        assert book.heads[0].merged == ((1, 0, 3, 0),)
        found, filled = [], []
        for sheet, number, cells in book.rows():
            found.append(cells[0])
            filled.append(list(book.filled_in(sheet, number)))
        assert found == ["ชั้น", "ป.1", "ป.1", "ป.1"]
        assert filled == [[], [], [0], [0]]


def test_merged_cells_of_an_ods_are_found_behind_repeated_ones(opened: Open) -> None:
    cell = '<table:table-cell{} office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format
    wide, tall = ' table:number-columns-spanned="2"', ' table:number-rows-spanned="2"'
    covered, gap = "<table:covered-table-cell/>", '<table:table-cell table:number-columns-repeated="2"/>'
    rows = [
        ("2", cell("", "ก")),
        ("2", gap + cell(wide, "ข") + covered + cell("", "ค")),
        ("1", cell(f'{tall} table:number-columns-repeated="2"', "ง") + gap + cell("", "จ")),
        ("1", f"{covered}{covered}{gap}" + cell("", "ฉ")),
        ("1048000", f"<table:table-cell{wide}/>{covered}"),
    ]
    table = "".join(f'<table:table-row table:number-rows-repeated="{n}">{row}</table:table-row>' for n, row in rows)
    _, _, heads, found = opened(ods_of(table))
    assert heads[0].merged[:4] == ((2, 2, 2, 3), (3, 2, 3, 3), (4, 0, 5, 0), (4, 1, 5, 1))
    texts = ["".join(str(cell or "-") for cell in cells) for _, _, cells in found]
    assert texts[:6] == ["ก----", "ก----", "--ขขค", "--ขขค", "งง--จ", "งง--ฉ"]


@pytest.mark.parametrize("bad", ["two", "0", "-1", "9" * 5000])
def test_an_ods_with_odd_numbers_of_cells_is_damaged(opened: Open, bad: str) -> None:
    with pytest.raises(Problem, match="ชำรุด"):
        opened(ods_of(f'<table:table-row><table:table-cell table:number-rows-spanned="{bad}"/></table:table-row>'))


def test_cells_are_what_they_are(opened: Open) -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        day, hour = (book.add_format({"num_format": text}) for text in ("dd/mm/yyyy hh:mm", "hh:mm"))
        sheet = book.add_worksheet()
        sheet.write_row(2, 1, ("00123", 7, 2.5, True))
        sheet.write_datetime(2, 5, datetime(2015, 5, 16, 8, 30), day)
        sheet.write_datetime(2, 6, time(8, 30), hour)
        sheet.write_string(2, 7, "")
    _, _, heads, rows = opened(out.getvalue())
    assert rows == [(0, 2, (None, "00123", 7, 2.5, True, date(2015, 5, 16), "08:30:00", *rows[0][2][7:]))]
    assert set(rows[0][2][7:]) <= {None}
    assert type(rows[0][2][5]) is date
    assert heads[0].top[:2] == ((), ()) or not any(any(row) for row in heads[0].top[:2])


def test_a_long_cell_tells_that_there_was_more(opened: Open) -> None:
    rows = opened(xlsx([("ก" * LONGEST_CELL, "ข" * (LONGEST_CELL + 1))]))[3]
    assert rows[0][2] == ("ก" * LONGEST_CELL, "ข" * LONGEST_CELL + "…")


def test_odd_texts_come_through_unchanged(opened: Open) -> None:
    for data in (xlsx([hostile.ODD_TEXTS]), xls([hostile.ODD_TEXTS]), csv_of([hostile.ODD_TEXTS])):
        assert opened(data)[3][0][2] == hostile.ODD_TEXTS


def test_a_oneroster_zip_is_one_sheet(opened: Open) -> None:
    for folder in ("", "export/2567/"):
        kind, note, heads, rows = opened(oneroster(folder=folder))
        assert (kind, note) == ("oneroster", "CSV, OneRoster 1.2")
        assert [head.name for head in heads] == ["OneRoster"]
        assert [(number, cells[0]) for _, number, cells in rows] == [(0, "sourcedId"), (1, "u1"), (2, "u2"), (4, "u4")]


def test_a_oneroster_zip_without_users_says_so(opened: Open) -> None:
    with pytest.raises(Problem, match="OneRoster"):
        opened(oneroster({"manifest": [("propertyName", "value")], "orgs": [("sourcedId",)]}))


def test_a_book_closed_early_leaves_no_process(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" * 150_000)
    before = children()
    with open_book(path) as book:
        assert next(book.rows()) == (0, 0, ("a", "b"))
        assert children() - before
    assert children() == before
    with pytest.raises(RuntimeError), open_book(path):
        raise RuntimeError
    assert children() == before


def test_a_silent_reader_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(reading, "READER", silent)
    before = children()
    with pytest.raises(Problem, match="เวลา"), open_book(silent, limits=Limits(wait=0.3)):
        pass
    assert children() == before


@pytest.mark.parametrize("line", ["", "{", "[]", '{"kind": 1}', '{"no": "odd", "numbers": {}}', '{"kind":"xlsx"}\n{}'])
def test_a_reader_gone_mad_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    mad = tmp_path / "mad.py"
    mad.write_text(f"print({line!r})")
    monkeypatch.setattr(reading, "READER", mad)
    with pytest.raises(Problem) as caught, open_book(mad):
        pass
    assert caught.value.field == "file"


def test_a_file_as_large_as_the_limit_is_opened_and_no_larger(opened: Open) -> None:
    data = csv_of()
    assert opened(data, limits=Limits(bytes=len(data)))[0] == "csv"
    with pytest.raises(Problem, match="MB"):
        opened(data, limits=Limits(bytes=len(data) - 1))


def children() -> set[str]:
    """Process ids of this process's children, whatever thread began them."""
    found: set[str] = set()
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        found.update((task / "children").read_text().split())
    return found


def test_books_are_read_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" * 5_000)
    counts: list[int] = []

    def read() -> None:
        with open_book(path) as book:
            counts.append(sum(1 for _ in book.rows()))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [5_000] * 4


def test_the_reading_program_loads_nothing_of_the_web_or_the_database() -> None:
    code = (
        "import runpy, sys; space = runpy.run_path(sys.argv[1]);"
        "[space['bare'](n) for n in ('app', 'app.services', 'app.services.imports', 'app.rules', 'app.rules.imports')];"
        "import app.services.imports.files.sheet_reader.program, app.services.imports.files.sheet_reader.oneroster_zip;"
        "sys.exit(bool({'flask', 'mongoengine', 'pymongo'} & sys.modules.keys()))"
    )
    subprocess.run([os.sys.executable, "-I", "-c", code, str(reading.READER / "__main__.py")], check=True)
