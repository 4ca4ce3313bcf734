"""Reading the register: every good row goes in, every broken row is refused with line, column and reason."""

from pathlib import Path

import geothai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import LaoType
from app.errors import Problem
from app.rules.lao_register import COLUMNS, RegisterReading, read_register

DISTRICTS = {("30", "ปักธงชัย"): "3014", ("30", "เมืองนครราชสีมา"): "3001", ("10", "เขตพระนคร"): "1001"}
HEADER = ",".join(COLUMNS)
GOOD = "6301408,ตะขบ,องค์การบริหารส่วนตำบล,30,ปักธงชัย,14.5,101.9,128.5"
ALSO_GOOD = "5301401,ตะขบ,เทศบาลตำบล,30,ปักธงชัย,,,"
REGISTER = Path(__file__).parents[3] / "shared" / "data" / "lao_register.csv"


def read(*lines: str, encoding: str = "utf-8") -> RegisterReading:
    return read_register("\n".join([HEADER, *lines]).encode(encoding), DISTRICTS)


def test_a_row_becomes_an_organisation() -> None:
    (row,) = read(GOOD).rows
    assert (row.line, row.code, row.name_th, row.type) == (2, "6301408", "ตะขบ", LaoType.SAO)
    assert (row.province_code, row.district_code) == ("30", "3014")
    assert (row.latitude, row.longitude, row.area_km2, row.remark) == (14.5, 101.9, 128.5, None)


def test_empty_numbers_are_unknown_and_not_zero() -> None:
    (row,) = read(ALSO_GOOD).rows
    assert (row.latitude, row.longitude, row.area_km2) == (None, None, None)


@pytest.mark.parametrize(
    "line",
    [
        "๖๓๐๑๔๐๘,ตะขบ,อบต.,๓๐,อำเภอปักธงชัย,๑๔.๕,,",
        '06301408,"ตะขบ",องค์การบริหารส่วนตำบล,30,อ.ปักธงชัย,,,',
        " 6301408 , ตะขบ\u200b ,องค์การบริหารส่วนตำบล,30,ปักธงชัย ,,,",
    ],
)
def test_a_row_is_read_however_it_is_written(line: str) -> None:
    (row,) = read(line).rows
    assert (row.code, row.name_th, row.type, row.district_code) == ("6301408", "ตะขบ", LaoType.SAO, "3014")


def test_byte_order_marks_windows_lines_blank_lines_and_more_columns_do_no_harm() -> None:
    text = f"note,{HEADER.upper()}\r\n\r\nx,{GOOD}\r\n,,,,,,,,\r\n"
    reading = read_register(text.encode("utf-8-sig"), DISTRICTS)
    assert [row.line for row in reading.rows] == [3] and not reading.refusals


@pytest.mark.parametrize(
    ("line", "column", "english"),
    [
        ("630140,ก,เทศบาลตำบล,30,ปักธงชัย,,,", "lao_code", "has 6 digits"),
        ("63x1409,ก,เทศบาลตำบล,30,ปักธงชัย,,,", "lao_code", "is not an LAO code"),
        (",ก,เทศบาลตำบล,30,ปักธงชัย,,,", "lao_code", "has no value"),
        ("6309908,ก,เทศบาลตำบล,30,ปักธงชัย,,,", "lao_code", "no district 3099"),
        ("6301408,ซ้ำ,เทศบาลตำบล,30,ปักธงชัย,,,", "lao_code", "already in line 2"),
        ("6301409, ,เทศบาลตำบล,30,ปักธงชัย,,,", "name_th", "has no value"),
        ("6301409,ก,เทศบาล,30,ปักธงชัย,,,", "type_th", "Unknown type"),
        ("6301409,ก,เทศบาลตำบล,31,ปักธงชัย,,,", "province_code", "lies in province 30"),
        ("6301409,ก,เทศบาลตำบล,30,ไม่มีจริง,,,", "district_th", "no district of this name"),
        ("6301409,ก,เทศบาลตำบล,30,เขตพระนคร,,,", "district_th", "no district of this name"),
        ("6301409,ก,เทศบาลตำบล,30,ปักธงชัย,เหนือ,,", "latitude", "Not a possible number"),
        ("6301409,ก,เทศบาลตำบล,30,ปักธงชัย,,nan,", "longitude", "Not a possible number"),
        ("6301409,ก,เทศบาลตำบล,30,ปักธงชัย,,181,", "longitude", "Not a possible number"),
        ("6301409,ก,เทศบาลตำบล,30,ปักธงชัย,,,-1", "area_km2", "Not a possible number"),
        ("6301409,ก,เทศบาลตำบล,30", "", "4 cells, but the header has 8"),
        ('6301409,"ก,เทศบาลตำบล,30,ปักธงชัย,,,', "", "has no partner"),
    ],
)
def test_a_broken_row_is_refused_and_its_neighbours_go_in(line: str, column: str, english: str) -> None:
    reading = read(GOOD, line, ALSO_GOOD)
    assert [row.line for row in reading.rows] == [2, 4]
    (refusal,) = reading.refusals
    assert (refusal.line, refusal.column) == (3, column)
    assert english in refusal.en and refusal.th


def test_a_line_in_another_encoding_is_refused_alone() -> None:
    raw = "\n".join([HEADER, GOOD, ""]).encode() + ALSO_GOOD.encode("cp874")
    reading = read_register(raw, DISTRICTS)
    (refusal,) = reading.refusals
    assert (len(reading.rows), refusal.line, refusal.column) == (1, 3, "name_th")
    assert "UTF-8" in refusal.en and refusal.value.encode()


def test_a_refused_code_is_still_free_for_a_later_row() -> None:
    reading = read(GOOD.replace("ปักธงชัย", "ไม่มีจริง"), GOOD)
    assert [row.line for row in reading.rows] == [3]


def test_where_name_and_code_disagree_the_code_is_followed_with_a_remark() -> None:
    (row,) = read("6301408,ตะขบ,อบต.,30,เมืองนครราชสีมา,,,").rows
    assert row.district_code == "3014" and row.remark is not None and "3001" in row.remark[1]


@pytest.mark.parametrize(
    ("raw", "english"),
    [
        (b"", "is empty"),
        (b" \r\n,,\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (HEADER.encode(), "no rows"),
        (HEADER.replace(",type_th", "").encode() + b"\n1", "lacks type_th"),
        (HEADER.replace("type_th", "name_th").encode() + b"\n1", "name_th more than once"),
        (GOOD.encode(), "lacks lao_code"),
        (b"PK\x03\x04rest", "not UTF-8"),
        (HEADER.encode("utf-16"), "not UTF-8"),
        ("รหัส,ชื่อ".encode("cp874"), "not UTF-8"),
        ("\n".join([HEADER, GOOD, ALSO_GOOD]).encode("cp874"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_register_is_one_problem(raw: bytes, english: str) -> None:
    with pytest.raises(Problem) as caught:
        read_register(raw, DISTRICTS)
    assert english in caught.value.en and caught.value.th


@given(st.binary(max_size=200), st.text(max_size=200))
def test_no_bytes_are_too_odd_and_no_line_is_lost(noise: bytes, text: str) -> None:
    raw = f"{HEADER}\n{GOOD}\n".encode() + noise + text.encode(errors="ignore") + f"\n{ALSO_GOOD}".encode()
    reading = read_register(raw, DISTRICTS)
    assert {"6301408", "5301401"} <= {row.code for row in reading.rows}
    lines = [row.line for row in reading.rows] + [refusal.line for refusal in reading.refusals]
    assert len(set(lines)) == len(lines)


@pytest.mark.skipif(not REGISTER.exists(), reason="the full register is not kept in this repository")
def test_the_whole_real_register_goes_in() -> None:
    districts = {
        (district.province_code, district.name_th): district.code
        for province in geothai.provinces()
        for district in geothai.districts(province.code)
    }
    reading = read_register(REGISTER.read_bytes(), districts)
    assert (len(reading.rows), reading.refusals) == (7849, [])
    assert [row.code for row in reading.rows if row.remark] == ["2520101"]
    assert sum(row.district_code == "3014" for row in reading.rows) == 18
