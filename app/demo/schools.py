"""Made-up schools of the 18 LAOs under generic names, and the proclamations that merged one and closed another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId

from app.demo.pak_thong_chai import BUDDHIST, LAOS, PRIMARY, PRIVATE, SECONDARY, LaoFacts, path_of
from app.enums import Grade, LaoType, ProclamationKind, SchoolKind, SchoolStatus

Raw = dict[str, Any]

HOME = "5301401"
"""The LAO of the demo accounts; it has the most schools. One of its centres was merged."""

NEIGHBOUR = "6301408"
"""Its namesake; one of the schools of other affiliation in its area was closed."""

_CENTRE = "C2 C3 C4 C5".split()
_PRIMARY = "K1 K2 K3 P1 P2 P3 P4 P5 P6".split()
_EXTENDED = [*_PRIMARY, "M1", "M2", "M3"]
_SECONDARY = "M1 M2 M3 M4 M5 M6".split()
_VILLAGES = ("บ้าน{}", "วัด{}", "บ้านหนอง{}", "บ้านใหม่{}", "ชุมชน{}", "บ้านทุ่ง{}", "บ้านบึง{}", "บ้าน{}พัฒนา")


def school_rows() -> list[Raw]:
    """All schools as raw documents, open; the same on every call."""
    rows = []
    used: dict[str, int] = {}
    for place, lao in enumerate(LAOS):
        rows += _schools(lao, place, used)
    return rows


def school_code(lao_code: str, number: int) -> str:
    """The code of an LAO's school, counted from 1."""
    return f"{lao_code[1:]}{number:02}"


def proclamation_rows() -> list[Raw]:
    """The two proclamations as raw documents: a merger before the census date, a closure between the two rounds."""
    home = [row for row in school_rows() if row["lao_code"] == HOME and row["kind"] == SchoolKind.CENTRE.value]
    other = [row for row in school_rows() if row["lao_code"] == NEIGHBOUR and row["kind"] == SchoolKind.OTHER.value]
    merger = {
        "_id": ObjectId("000000000000000000002567"), "number": "1/2567", "kind": ProclamationKind.MERGER.value,
        "announced_on": datetime(2024, 4, 30), "effective_on": datetime(2024, 5, 16), "authority": "เทศบาลตำบลตะขบ",
        "schools": [home[-1]["_id"]], "successor_code": home[0]["_id"], **path_of(HOME),
    }  # fmt: skip
    closure = {
        "_id": ObjectId("000000000000000000002568"), "number": "2/2567", "kind": ProclamationKind.CLOSURE.value,
        "announced_on": datetime(2024, 9, 20), "effective_on": datetime(2024, 10, 1),
        "authority": "สำนักงานเขตพื้นที่การศึกษาประถมศึกษานครราชสีมา เขต 3",
        "schools": [other[-1]["_id"]], **path_of(NEIGHBOUR),
    }  # fmt: skip
    return [merger, closure]


def _schools(lao: LaoFacts, place: int, used: dict[str, int]) -> list[Raw]:
    own, centres, others = (2, 3, 4) if lao.code == HOME else (1, 1 + place % 3, 1 + place * 7 % 4)
    made = [
        *(_own(lao, number) for number in range(own)),
        *(_centre(_village(lao.name, used)) for _ in range(centres)),
        *(_other(lao.name, number, used) for number in range(others)),
    ]
    common = {"status": SchoolStatus.OPEN.value, **path_of(lao.code)}
    return [{"_id": school_code(lao.code, at), **row, **common} for at, row in enumerate(made, start=1)]


def _own(lao: LaoFacts, number: int) -> Raw:
    kinds = {LaoType.TOWN: "เทศบาล", LaoType.TAMBON: "เทศบาลตำบล", LaoType.SAO: "องค์การบริหารส่วนตำบล"}
    name = f"โรงเรียน{kinds[lao.type]}{lao.name}{f' {number + 1}' if lao.code == HOME else ''}"
    grades = _EXTENDED if lao.type is LaoType.TOWN else _PRIMARY
    return {"name_th": name, "kind": SchoolKind.SCHOOL.value, "grades": grades}


def _centre(village: str) -> Raw:
    return {"name_th": f"ศูนย์พัฒนาเด็กเล็ก{village}", "kind": SchoolKind.CENTRE.value, "grades": _CENTRE}


def _other(name: str, number: int, used: dict[str, int]) -> Raw:
    """The first of an LAO is a primary school, then one each of the secondary, private and Buddhist ones."""
    kinds = (
        ("โรงเรียน{}", PRIMARY, _PRIMARY),
        ("โรงเรียน{}วิทยา", SECONDARY, _SECONDARY),
        ("โรงเรียนอนุบาล{}", PRIVATE, "K1 K2 K3".split()),
        ("โรงเรียนพระปริยัติธรรมวัด{}", BUDDHIST, "M1 M2 M3".split()),
    )
    pattern, agency, grades = kinds[number]
    school = pattern.format(name if number else _village(name, used))
    return {"name_th": school, "kind": SchoolKind.OTHER.value, "agency_code": agency, "grades": grades}


def _village(name: str, used: dict[str, int]) -> str:
    """The next village-like name around a place, so that the two LAOs called ตะขบ share none."""
    at = used.get(name, 0)
    used[name] = at + 1
    turn, place = divmod(at, len(_VILLAGES))
    return _VILLAGES[place].format(name) + (f" {turn + 1}" if turn else "")


def grades_of(row: Raw) -> list[Grade]:
    """The grades a raw school teaches."""
    return [Grade(code) for code in row["grades"]]
