"""A small tree of areas with agencies, schools and rounds: two provinces, three districts, five LAOs."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pymongo.database import Database

from app.fabmongo.scope import Area

CENSUS = date(2024, 6, 10)
SCHOOL_GRADES = ["K2", "K3", "P1", "P2", "P3", "P4", "P5", "P6"]
CENTRE_GRADES = ["C2", "C3", "C4"]


@dataclass(frozen=True)
class LaoPlaces:
    """One LAO with the codes above it and of its three schools: its own, its centre, one of another affiliation."""

    code: str
    name: str
    type: str
    own: str = field(init=False)
    centre: str = field(init=False)
    other: str = field(init=False)

    def __post_init__(self) -> None:
        for number, name in enumerate(("own", "centre", "other"), start=1):
            object.__setattr__(self, name, f"{self.code[1:]}{number:02}")

    @property
    def district(self) -> str:
        return self.code[1:5]

    @property
    def province(self) -> str:
        return self.code[1:3]

    @property
    def schools(self) -> tuple[str, str, str]:
        return self.own, self.centre, self.other

    @property
    def path(self) -> dict[str, str]:
        """Raw area codes of a document that lies in this LAO."""
        return {"lao_code": self.code, "district_code": self.district, "province_code": self.province}

    def area(self, level: str = "lao", school: str | None = None) -> Area:
        """This LAO's area, or the district's, the province's or one of its schools' around it."""
        codes = {"province": self.province, "district": self.district, "lao": self.code, "school": school or self.own}
        names = list(codes)
        depth = names.index(level) + 1 if level in codes else 0
        return Area(level, {name: codes[name] for name in names[:depth]})


@dataclass(frozen=True)
class Places:
    """Codes by name. The two called ตะขบ are namesakes in one district; `buriram` is in the other province."""

    korat: str = "30"
    buriram: str = "31"
    pak_thong_chai: str = "3014"
    korat_town: str = "3001"
    buriram_town: str = "3101"
    takhop_tambon: LaoPlaces = LaoPlaces("5301401", "ตะขบ", "tambon")
    takhop_sao: LaoPlaces = LaoPlaces("6301408", "ตะขบ", "sao")
    korat_city: LaoPlaces = LaoPlaces("3300102", "นครราชสีมา", "city")
    korat_pao: LaoPlaces = LaoPlaces("2300101", "นครราชสีมา", "pao")
    buriram_sao: LaoPlaces = LaoPlaces("6310118", "ถลุงเหล็ก", "sao")
    service_area: str = "SA3003"
    private: str = "PRIVATE"
    round_1: str = "2567-1"
    round_2: str = "2567-2"
    census: date = CENSUS

    @property
    def laos(self) -> tuple[LaoPlaces, ...]:
        return self.takhop_tambon, self.takhop_sao, self.korat_city, self.korat_pao, self.buriram_sao

    @property
    def country(self) -> Area:
        return Area("country")


def make_places(db: Database[dict[str, Any]]) -> Places:
    """Insert the tree into an empty database, as raw documents, and return its codes."""
    places = Places()
    db.provinces.insert_many([_named("30", "นครราชสีมา", "Nakhon Ratchasima"), _named("31", "บุรีรัมย์", "Buri Ram")])
    db.districts.insert_many(
        [
            _named("3001", "เมืองนครราชสีมา", "Mueang Nakhon Ratchasima") | {"province_code": "30"},
            _named("3014", "ปักธงชัย", "Pak Thong Chai") | {"province_code": "30"},
            _named("3101", "เมืองบุรีรัมย์", "Mueang Buri Ram") | {"province_code": "31"},
        ]
    )
    db.agencies.insert_many(
        [
            {"_id": places.service_area, "name_th": "เขตพื้นที่ทดสอบ", "kind": "service_area", "province_code": "30"},
            {"_id": places.private, "name_th": "หน่วยงานทดสอบ", "kind": "parent"},
        ]
    )
    db.laos.insert_many([_lao(lao) for lao in places.laos])
    db.schools.insert_many([school for lao in places.laos for school in _schools(lao, places)])
    db.rounds.insert_many(_rounds())
    return places


def _named(code: str, name_th: str, name_en: str) -> dict[str, Any]:
    return {"_id": code, "name_th": name_th, "name_en": name_en}


def _lao(lao: LaoPlaces) -> dict[str, Any]:
    return {
        "_id": lao.code, "name_th": lao.name, "type": lao.type, "active": True,
        "district_code": lao.district, "province_code": lao.province,
        "email": f"saraban@{lao.code}.lec.example",
    }  # fmt: skip


def _schools(lao: LaoPlaces, places: Places) -> list[dict[str, Any]]:
    common = {"status": "open", **lao.path}
    place = f"{lao.name} {lao.code}"
    return [
        {"_id": lao.own, "name_th": f"โรงเรียน{place}", "kind": "school", "grades": SCHOOL_GRADES, **common},
        {"_id": lao.centre, "name_th": f"ศูนย์พัฒนาเด็กเล็ก{place}", "kind": "centre", "grades": CENTRE_GRADES, **common},
        {
            "_id": lao.other, "name_th": f"โรงเรียนบ้าน{place}", "kind": "other", "grades": SCHOOL_GRADES,
            "agency_code": places.service_area, **common,
        },
    ]  # fmt: skip


def _rounds() -> list[dict[str, Any]]:
    census = datetime(2024, 6, 10)
    policy = {"may_add": True, "may_change": True, "may_remove": True, "academic_year": 2567, "census_date": census}
    return [
        {
            "_id": "2567-1", "number": 1, "kind": "census",
            "opens_on": census, "closes_on": datetime(2024, 7, 31), **policy,
        },
        {"_id": "2567-2", "number": 2, "kind": "correction", "opens_on": datetime(2024, 11, 5), **policy},
    ]  # fmt: skip
