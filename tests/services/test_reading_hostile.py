"""Files that mean harm, or are not what they are named: a clear Problem or a right reading in a bounded process."""

from __future__ import annotations

import re
import resource
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.errors import Problem
from app.services.imports.files.problems import problem_of
from app.services.imports.files.reading import MOST_ROWS, Limits, open_book
from tests.factories.rosters import hostile
from tests.factories.rosters.kinds import csv_of, every_kind, oneroster, unzipped, xlsx, zipped

GROWTH = 60 * 1024
"""Kilobytes that this process may grow by, whatever the file."""


@contextmanager
def small() -> Iterator[None]:
    """What is done inside may raise the highest memory of this process by little only."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., str]:
    """Reads bytes that must be refused; the Thai and the English sentence."""

    def read(data: bytes, limits: Limits | None = None, name: str = "a.xlsx") -> str:
        path = tmp_path / name
        path.write_bytes(data)
        with small(), pytest.raises(Problem) as caught, open_book(path, limits=limits) as book:
            for _ in book.rows():
                pass
        assert caught.value.field == "file"
        assert caught.value.th and caught.value.en
        return f"{caught.value.th} {caught.value.en}"

    return read


def rows_of(tmp_path: Path, data: bytes) -> list[tuple[object, ...]]:
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    with small(), open_book(path) as book:
        return [cells for _, _, cells in book.rows()]


Refuse = Callable[..., str]


@pytest.mark.parametrize("looks", hostile.not_tables())
@pytest.mark.parametrize("ending", ["xls", "csv"])
def test_what_is_no_table_is_told_what_it_is(refusal: Refuse, looks: str, ending: str) -> None:
    assert looks.partition(" (")[0] in refusal(hostile.not_tables()[looks], name=f"a.{ending}")


def test_a_web_page_named_xls_is_to_be_saved_as_xlsx(refusal: Refuse) -> None:
    assert "บันทึกเป็น .xlsx" in refusal(hostile.not_tables()["HTML"], name="a.xls")


def test_an_empty_file_and_an_empty_workbook(refusal: Refuse) -> None:
    assert "ว่างเปล่า" in refusal(b"")
    assert "ว่างเปล่า" in refusal(b"\xef\xbb\xbf\r\n")
    assert "ไม่มีแผ่นงานใด" in refusal(xlsx([]))
    assert "ไม่มีแผ่นงานใด" in refusal(b",,\r\n,,\r\n")


@pytest.mark.parametrize("make", [hostile.locked, hostile.locked_xls, hostile.zip_locked])
def test_a_password_is_said_to_be_one(refusal: Refuse, make: Callable[[], bytes]) -> None:
    assert "รหัสผ่าน" in refusal(make())


@pytest.mark.parametrize("lies", [False, True])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml", "xl/media/image1.png"])
def test_a_bomb_is_refused_whether_it_tells_its_size_or_not(refusal: Refuse, part: str, lies: bool) -> None:
    data = hostile.bomb(100 * 2**20, part, lies=lies)
    assert len(data) < 200_000
    found = refusal(data, Limits(unpacked=64 * 2**20))
    assert ("damaged" if lies else "Unpacked") in found


def test_a_bomb_within_the_size_runs_out_of_its_own_memory(refusal: Refuse) -> None:
    assert "memory" in refusal(hostile.bomb(120 * 2**20), Limits(memory=256 * 2**20))


def test_entities_are_neither_multiplied_nor_fetched(tmp_path: Path, refusal: Refuse) -> None:
    """A tenth of what the entities would grow to is more memory than the process gets."""
    for data in (hostile.laughs(), hostile.outside()):
        assert "root:" not in refusal(data, Limits(memory=300 * 2**20))


def test_an_open_document_that_declares_entities_is_damaged(refusal: Refuse) -> None:
    for data in (hostile.laughs_ods(), hostile.outside_ods(), hostile.unused_entity_ods()):
        assert "damaged" in refusal(data, Limits(memory=300 * 2**20))


def test_a_million_rows_are_refused_with_the_number_that_may_be(refusal: Refuse) -> None:
    assert f"{MOST_ROWS:,}" in refusal(hostile.tall())


def test_rows_of_all_sheets_count_together(refusal: Refuse) -> None:
    data = xlsx([("x",)] * 60, more={"b": [("x",)] * 60})
    assert "100 แถว" in refusal(data, Limits(rows=100))


@pytest.mark.parametrize("place", [(0, 16_383), (3_000, 16_383), (1_048_575, 16_383), (100, 300)])
def test_cells_far_to_the_right(refusal: Refuse, place: tuple[int, int]) -> None:
    assert "200 คอลัมน์" in refusal(hostile.far(*place))


def test_a_cell_far_below(refusal: Refuse) -> None:
    assert f"{MOST_ROWS:,} แถว" in refusal(hostile.far(1_048_575, 1))


@pytest.mark.parametrize("size", [(1_048_576, 16_384), (100, 16_384), (1_048_576, 2)])
def test_a_cell_said_to_be_there_many_times(refusal: Refuse, size: tuple[int, int]) -> None:
    assert refusal(hostile.repeated(*size))


def test_merged_cells_without_end(tmp_path: Path, refusal: Refuse) -> None:
    assert len(rows_of(tmp_path, hostile.merged_all(3))) == 5
    assert "ผสาน" in refusal(hostile.merged_all(100_000))
    assert "ผสาน" in refusal(hostile.merged_all_ods(10_000))


def test_one_long_text_in_half_a_million_merged_cells(tmp_path: Path, refusal: Refuse) -> None:
    """The few kB that once became a gigabyte in whoever read them."""
    data = hostile.merged_long()
    assert len(data) < 6_000
    assert "ผสาน" in refusal(data)
    assert "4,000,000 ตัวอักษร" in refusal(data, Limits(characters=4_000_000))
    assert "10,000 เซลล์" in refusal(hostile.merged_long(text="ก"), Limits(cells=10_000))
    assert len(rows_of(tmp_path, hostile.merged_long(rows=200, columns=20, text="ก"))) == 131


def test_one_shared_text_named_by_every_cell(refusal: Refuse) -> None:
    assert "memory" in refusal(hostile.shared_long(20_000, 2), Limits(memory=512 * 2**20))
    assert "1,000,000 characters" in refusal(hostile.shared_long(2_000), Limits(characters=1_000_000))


def test_first_rows_of_many_cells_are_too_much(refusal: Refuse) -> None:
    sheets = {f"s{n}": [("x",) * 200] * 60 for n in range(30)}
    assert "memory" in refusal(xlsx([("x",)], more=sheets))


@pytest.mark.parametrize("sheets", [101, 7_000])
def test_sheets_without_end(refusal: Refuse, sheets: int) -> None:
    assert "100 แผ่นงาน" in refusal(hostile.many_sheets(sheets))


def test_a_record_that_goes_on_without_end(refusal: Refuse) -> None:
    assert "damaged" in refusal(hostile.many_records_xls(3_000))


def test_what_was_filled_from_merged_cells_is_not_kept_for_rows_long_past(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(hostile.merged_long(rows=4_000, columns=100, text="ก"))
    with open_book(path) as book:
        seen = [number for sheet, number, _ in book.rows() if 5 in book.filled_in(sheet, number)]
        assert len(seen) > 3_900 and len(book._filled) < 1_100


def test_a_text_of_too_many_rows_or_columns(refusal: Refuse) -> None:
    assert f"{MOST_ROWS:,} แถว" in refusal(b"a,b\n" * (MOST_ROWS + 1))
    assert "200 คอลัมน์" in refusal(b"a," * 300 + b"b\n")
    assert refusal(b"a" * 20_000_000 + b",b\n")


def test_empty_columns_and_rows_beyond_the_table_do_no_harm(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b"a,b" + b"," * 500 + b"\n" + (b"," * 20 + b"\n") * (MOST_ROWS + 5)) == [
        ("a", "b", *[None] * 198)
    ]


def test_macros_do_not_run_and_do_not_matter(tmp_path: Path) -> None:
    assert rows_of(tmp_path, hostile.macros()) == rows_of(tmp_path, xlsx())


def test_formulas_give_what_was_stored_beside_them(tmp_path: Path) -> None:
    assert [cells[0] for cells in rows_of(tmp_path, hostile.formulas())] == ["ชื่อ", 2, "เก็บไว้", "ปลอดภัย", "จากไฟล์อื่น"]


def test_deep_and_odd_names_in_a_zip(tmp_path: Path, refusal: Refuse) -> None:
    plain = rows_of(tmp_path, xlsx())
    for name in ("a/" * 500 + "b", "../../../etc/passwd", "/absolute", "xl/worksheets/" + "x" * 5000, "ชื่อไทย"):
        assert rows_of(tmp_path, hostile.with_part(name, b"x")) == plain
    assert refusal(zipped({f"xl/{n}": b"" for n in range(6000)}))


@pytest.mark.parametrize("name", every_kind())
def test_a_file_cut_anywhere_is_a_problem_or_fewer_rows(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for data in hostile.cut(every_kind()[name], 12):
        path.write_bytes(data)
        try:
            with open_book(path) as book:
                for _ in book.rows():
                    pass
        except Problem as problem:
            assert problem.field == "file"
        else:
            assert name.endswith((".csv", ".xls"))  # of a zip nothing is left without its end


def test_no_text_of_a_file_is_in_a_refusal(refusal: Refuse) -> None:
    secret = "1100000000008"
    for data in (xlsx([(secret,)])[:-30], csv_of([(secret, f'"{secret}')]) + b'"', f"<html>{secret}".encode()):
        assert secret not in refusal(data)


def test_every_code_of_the_reader_has_its_own_words() -> None:
    folder = Path(__file__).parents[2] / "app/services/imports/files/sheet_reader"
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    codes = set(re.findall(r'Refusal\("([a-z-]+)"', source)) - {"damaged"}
    assert len(codes) > 10
    damaged = problem_of("damaged", {}).th
    assert [code for code in codes if problem_of(code, {"most": 1, "line": 1}).th == damaged] == []


def test_a_large_workbook_streams_through_a_small_process(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(hostile.tall(100_000, 20))
    with small(), open_book(path) as book:
        assert sum(1 for _ in book.rows()) == 100_000


def test_a_changed_character_inside_a_zip_is_noticed_by_its_checksum(refusal: Refuse) -> None:
    for data in (xlsx([("ชื่อเดิม", 12345)]), oneroster()):
        stored = zipped(unzipped(data), zipfile.ZIP_STORED)
        for old, new in ((b"12345", b"12346"), (b"00123", b"00124")):
            if old in stored:
                assert "damaged" in refusal(stored.replace(old, new, 1))
