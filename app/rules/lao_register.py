"""Reads the DLA's register of local administrative organisations (CSV) row by row: good rows in, broken rows out.

Province and district come from the code (PPAA). The register's own province code and district name must be known too;
where the name is another known district's, the row goes in by its code with a remark (the real register has one).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.enums import LaoType
from app.errors import Problem
from app.rules import lao
from app.rules.csv_lines import Cells, CsvLines, RefusedCell
from app.thai import normalise_code, normalise_name, to_arabic_digits

COLUMNS = (
    "lao_code",
    "name_th",
    "type_th",
    "province_code",
    "district_th",
    "latitude",
    "longitude",
    "area_km2",
)
_REQUIRED = COLUMNS[:5]
_LIMITS = {"latitude": (-90.0, 90.0), "longitude": (-180.0, 180.0), "area_km2": (0.0, float("inf"))}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DISTRICT_PREFIX = re.compile(r"^(กิ่งอำเภอ|อำเภอ|เขต|อ\.)")

Districts = Mapping[tuple[str, str], str]
"""(two-digit province code, Thai district name) -> four-digit district code."""

Remark = tuple[str, str]
"""(Thai, English): where an accepted row disagrees with itself."""


@dataclass(frozen=True, slots=True)
class LaoRow:
    """One organisation. line: line in the file, the header is 1. Codes are normalised text, coordinates in degrees."""

    line: int
    code: str
    name_th: str
    type: LaoType
    province_code: str
    district_code: str
    latitude: float | None = None
    longitude: float | None = None
    area_km2: float | None = None
    remark: Remark | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line was not taken: the first thing wrong in it. column is "" where the whole line is at fault."""

    line: int
    column: str
    value: str
    th: str
    en: str


@dataclass(frozen=True, slots=True)
class RegisterReading:
    """Every data line is in exactly one of the two lists, in the order of the file."""

    rows: list[LaoRow]
    refusals: list[Refusal]


def read_register(raw: bytes, districts: Districts) -> RegisterReading:
    """Rows and refusals of a register file. districts: all districts of the country.

    Raises Problem where the file as a whole cannot be read: empty, no rows, not UTF-8 text, a column missing.
    """
    lines, reader = CsvLines(raw, COLUMNS), _RowReader(districts)
    reading = RegisterReading([], [])
    for number, line in lines:
        try:
            reading.rows.append(reader.row(number, lines.cells(line)))
        except RefusedCell as cell:
            reading.refusals.append(Refusal(number, cell.column, cell.value, cell.th, cell.en))
    return reading


class _RowReader:
    """Checks one row after the other; remembers the codes already taken."""

    def __init__(self, districts: Districts) -> None:
        self._by_name = {(province, _district_key(name)): code for (province, name), code in districts.items()}
        self._codes = frozenset(districts.values())
        self._taken: dict[str, int] = {}

    def row(self, line: int, cells: Cells) -> LaoRow:
        for name in _REQUIRED:
            if not cells[name].strip():
                raise RefusedCell(name, "", f"ไม่มีค่าในคอลัมน์ {name}", f"The column {name} has no value.")
        code = _code(cells["lao_code"])
        if code in self._taken:
            first = self._taken[code]
            th, en = f"รหัสนี้มีแล้วในบรรทัด {first}", f"This code is already in line {first}."
            raise RefusedCell("lao_code", cells["lao_code"], th, en)
        province = _province(cells["province_code"], code)
        district, remark = self._district(code, province, cells["district_th"])
        row = LaoRow(
            line=line,
            code=code,
            name_th=normalise_name(cells["name_th"]),
            type=_type(cells["type_th"]),
            province_code=province,
            district_code=district,
            latitude=_number(cells, "latitude"),
            longitude=_number(cells, "longitude"),
            area_km2=_number(cells, "area_km2"),
            remark=remark,
        )
        self._taken[code] = line
        return row

    def _district(self, code: str, province: str, name: str) -> tuple[str, Remark | None]:
        """The district of the code, and a remark where the name is another district's."""
        coded, named = lao.district_of(code), self._by_name.get((province, _district_key(name)))
        if coded not in self._codes:
            raise RefusedCell("lao_code", code, f"ไม่มีอำเภอรหัส {coded}", f"There is no district {coded}.")
        if named is None:
            th, en = (
                f"ไม่มีอำเภอชื่อนี้ในจังหวัดรหัส {province}",
                f"Province {province} has no district of this name.",
            )
            raise RefusedCell("district_th", name, th, en)
        if named == coded:
            return coded, None
        return coded, (
            f"ชื่ออำเภอเป็นของรหัส {named} แต่รหัส อปท. อยู่ในอำเภอ {coded} จึงใช้ตามรหัส อปท.",
            f"The district's name is that of {named}, but the LAO code lies in {coded}; the code was followed.",
        )


def _code(text: str) -> str:
    try:
        return lao.normalise_lao_code(text)
    except Problem as problem:
        raise RefusedCell("lao_code", text, problem.th, problem.en) from None


def _province(text: str, code: str) -> str:
    province, coded = normalise_code(text), lao.province_of(code)
    if province != coded:
        th = f"รหัสจังหวัดไม่ตรงกับรหัส อปท. {code} ซึ่งอยู่ในจังหวัดรหัส {coded}"
        raise RefusedCell("province_code", text, th, f"The LAO code {code} lies in province {coded}.")
    return province


def _type(text: str) -> LaoType:
    found = LaoType.from_text(normalise_name(text))
    if found is None:
        names = ", ".join(member.th for member in LaoType)
        raise RefusedCell(
            "type_th",
            text,
            f"ไม่รู้จักประเภทนี้ ต้องเป็น {names}",
            f"Unknown type; it must be one of {names}.",
        )
    return found


def _number(cells: Cells, column: str) -> float | None:
    """A number within the column's limits; None for an empty cell, which means not known."""
    digits, (low, high) = to_arabic_digits(cells[column].strip()), _LIMITS[column]
    if not digits:
        return None
    if not _NUMBER.fullmatch(digits) or not low <= float(digits) <= high:
        raise RefusedCell(column, cells[column], "ไม่ใช่ตัวเลขที่เป็นไปได้", "Not a possible number.")
    return float(digits)


def _district_key(name: str) -> str:
    """A district's name without its kind ("อำเภอ", "เขต") and without spaces."""
    return _DISTRICT_PREFIX.sub("", normalise_name(name).replace(" ", ""))
