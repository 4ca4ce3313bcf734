"""Importing the register of LAOs: good rows in, broken rows refused one by one, again changes nothing."""

import time
from typing import Any

import pytest
from pymongo.database import Database

from app.documents.lao import Lao
from app.errors import Problem
from app.fabmongo.scope import Area
from app.services.accounts import SystemActor
from app.services.areas import load_areas
from app.services.imports import import_laos
from tests.factories import register as files
from tests.factories.register import BROKEN, FULL_REGISTER, GOOD, register

Raw = dict[str, Any]
SAO = "6301408"


def lao(db: Database[Raw], code: str = SAO) -> Raw:
    found = db.laos.find_one({"_id": code})
    assert found is not None
    return found


def test_new_laos_come_with_province_and_district(db: Database[Raw]) -> None:
    result = import_laos(register())
    assert (result.new, result.changed, result.unchanged, result.refused) == (3, 0, 0, [])
    assert (db.provinces.count_documents({}), db.districts.count_documents({})) == (77, 928)
    row = lao(db)
    assert (row["name_th"], row["type"], row["province_code"], row["district_code"]) == ("ตะขบ", "sao", "30", "3014")
    assert (row["latitude"], row["longitude"], row["area_km2"], row["active"]) == (14.64, 101.8, 330.0, True)
    stored = Lao.objects.get(pk=SAO)
    stored.validate()
    assert str(stored) == "อบต.ตะขบ"


def test_a_second_run_changes_nothing(db: Database[Raw]) -> None:
    import_laos(register())
    before = list(db.laos.find().sort("_id"))
    result = import_laos(register())
    assert (result.new, result.changed, result.unchanged) == (0, 0, 3)
    assert list(db.laos.find().sort("_id")) == before


def test_a_changed_name_or_type_is_followed_and_the_old_one_kept(db: Database[Raw]) -> None:
    import_laos(register())
    db.laos.update_one({"_id": SAO}, {"$set": {"email": "saraban@6301408.lec.example"}})
    upgraded = [GOOD[0], "6301408,ตะขบใหม่,เทศบาลตำบล,30,ปักธงชัย,14.64,101.8,330", GOOD[2]]
    result = import_laos(register(upgraded))
    assert (result.new, result.changed, result.unchanged) == (0, 1, 2)
    row = lao(db)
    assert (row["name_th"], row["type"], row["email"]) == ("ตะขบใหม่", "tambon", "saraban@6301408.lec.example")
    (former,) = row["former_names"]
    assert (former["name_th"], former["type"]) == ("ตะขบ", "sao") and former["until"] == row["changed_on"]
    assert import_laos(register(upgraded)).changed == 0
    assert len(lao(db)["former_names"]) == 1
    assert str(Lao.objects.get(pk=SAO).former_names[0]) == "อบต.ตะขบ"


def test_coordinates_are_followed_without_a_former_name_and_an_empty_cell_says_nothing(db: Database[Raw]) -> None:
    import_laos(register())
    result = import_laos(register(["6301408,ตะขบ,องค์การบริหารส่วนตำบล,30,ปักธงชัย,14.7,,"]))
    row = lao(db)
    assert result.changed == 1
    assert (row["latitude"], row["longitude"], "former_names" in row) == (14.7, 101.8, False)


def test_broken_rows_are_refused_one_by_one_while_good_rows_go_in(db: Database[Raw]) -> None:
    result = import_laos(files.broken_register())
    assert result.new == db.laos.count_documents({}) == len(GOOD)
    first = 2 + len(GOOD)
    wanted = [(first + at, column) for at, (_, column) in enumerate(BROKEN.values())]
    found = [(refusal.line, refusal.column) for refusal in result.refused]
    assert found == [*wanted, (first + len(BROKEN), "name_th")]
    assert all(refusal.th and refusal.en for refusal in result.refused)


@pytest.mark.parametrize(
    "raw",
    [b"", b" \n\n", register([]), register(header="lao_code,name_th"), register(encoding="cp874"), b"PK\x03\x04xlsx"],
    ids=["empty", "blank", "only a header", "column missing", "wrong encoding", "a workbook"],
)
def test_a_file_that_is_no_register_is_refused_whole(db: Database[Raw], raw: bytes) -> None:
    with pytest.raises(Problem):
        import_laos(raw)
    assert db.laos.count_documents({}) == 0


def test_an_office_below_the_country_imports_nothing(db: Database[Raw]) -> None:
    with pytest.raises(Problem) as refused:
        import_laos(register(), SystemActor("province", Area("province", {"province": "30"})))
    assert refused.value.kind == "forbidden" and db.laos.count_documents({}) == 0


def test_names_of_areas_corrected_by_hand_stay(db: Database[Raw]) -> None:
    assert load_areas() == 77 + 928
    db.districts.update_one({"_id": "3014"}, {"$set": {"name_en": "By hand"}})
    assert load_areas() == 0
    found = db.districts.find_one({"_id": "3014"})
    assert found is not None and found["name_en"] == "By hand"


@pytest.mark.skipif(not FULL_REGISTER.exists(), reason="the full register is not part of the repository")
def test_the_full_register_goes_in_in_seconds_and_again_changes_nothing(db: Database[Raw]) -> None:
    raw = FULL_REGISTER.read_bytes()
    start = time.perf_counter()
    result = import_laos(raw)
    assert time.perf_counter() - start < 120
    assert (result.new, result.refused, len(result.remarks)) == (7849, [], 1)
    assert db.laos.count_documents({"district_code": "3014"}) == 18
    again = import_laos(raw)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 7849)
