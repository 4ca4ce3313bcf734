"""The 18 LAOs of district Pak Thong Chai, Nakhon Ratchasima, as the DLA's register has them, and their agencies."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.enums import AgencyKind, LaoType

DISTRICT = "3014"
PROVINCE = "30"


class LaoFacts(NamedTuple):
    """code, type and name; coordinates in degrees and area in km² where the register gives them."""

    code: str
    type: LaoType
    name: str
    latitude: float | None = None
    longitude: float | None = None
    area_km2: float | None = None


_TOWN, _TAMBON, _SAO = LaoType.TOWN, LaoType.TAMBON, LaoType.SAO

LAOS = (
    LaoFacts("4301402", _TOWN, "เมืองปัก", 14.72, 102.04, 12.41),
    LaoFacts("5301401", _TAMBON, "ตะขบ", 14.64, 101.8, 12.6),
    LaoFacts("5301403", _TAMBON, "นกออก", 14.68104939, 102.0219183, 18.5),
    LaoFacts("5301404", _TAMBON, "ลำนางแก้ว", 14.60061119, 101.8855387, 84.6),
    LaoFacts("5301405", _TAMBON, "บ่อปลาทอง", 14.66198315, 101.8824005, 49),
    LaoFacts("5301406", _TAMBON, "ปักธงชัย", 14.72, 102.04, 17.92),
    LaoFacts("6301407", _SAO, "งิ้ว", 14.67, 102, 26),
    LaoFacts("6301408", _SAO, "ตะขบ", 14.64, 101.8, 330),
    LaoFacts("6301409", _SAO, "ตะคุ", 14.75, 101.96, 108),
    LaoFacts("6301410", _SAO, "เกษมทรัพย์", 14.67, 102.06, 10.4),
    LaoFacts("6301411", _SAO, "โคกไทย", 14.72160503, 102.0950434, 41),
    LaoFacts("6301412", _SAO, "ดอน"),
    LaoFacts("6301413", _SAO, "ตูม", 14.67584448, 101.9594559, 45),
    LaoFacts("6301414", _SAO, "ธงชัยเหนือ", area_km2=95.45),
    LaoFacts("6301415", _SAO, "ภูหลวง", 14.59022858, 101.9971991, 96),
    LaoFacts("6301416", _SAO, "สะแกราช", 14.6, 102.05, 79.09),
    LaoFacts("6301417", _SAO, "สำโรง", 14.65, 102.08, 42),
    LaoFacts("6301418", _SAO, "สุขเกษม"),
)

PRIMARY, SECONDARY, PRIVATE, BUDDHIST = "SPP-3003", "SPM-30", "OPEC", "ONAB"
"""Agency codes, made up for the demo: no public list of such codes is known."""

AGENCIES = (
    (PRIMARY, "สพป.นครราชสีมา เขต 3", AgencyKind.SERVICE_AREA, PROVINCE),
    (SECONDARY, "สพม.นครราชสีมา", AgencyKind.SERVICE_AREA, PROVINCE),
    (PRIVATE, "สำนักงานคณะกรรมการส่งเสริมการศึกษาเอกชน (สช.)", AgencyKind.PARENT, None),
    (BUDDHIST, "สำนักงานพระพุทธศาสนาแห่งชาติ (พศ.)", AgencyKind.PARENT, None),
)
"""(code, name, kind, province): สพป. เขต 3 serves Pak Thong Chai, Khon Buri, Soeng Sang and Wang Nam Khiao."""


def path_of(code: str) -> dict[str, str]:
    """Raw area codes of a document that lies in the LAO."""
    return {"lao_code": code, "district_code": DISTRICT, "province_code": PROVINCE}


def lao_rows() -> list[dict[str, Any]]:
    """The LAOs as raw documents, each with the address its letters go to."""
    return [_without_unknown(facts) for facts in LAOS]


def agency_rows() -> list[dict[str, Any]]:
    """The agencies as raw documents."""
    rows = []
    for code, name, kind, province in AGENCIES:
        row = {"_id": code, "name_th": name, "kind": kind.value}
        rows.append(row | ({"province_code": province} if province else {}))
    return rows


def _without_unknown(facts: LaoFacts) -> dict[str, Any]:
    row = {
        "_id": facts.code, "name_th": facts.name, "type": facts.type.value, "active": True,
        "district_code": DISTRICT, "province_code": PROVINCE,
        "email": f"saraban@{facts.code}.lec.example",
        "latitude": facts.latitude, "longitude": facts.longitude, "area_km2": facts.area_km2,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}
