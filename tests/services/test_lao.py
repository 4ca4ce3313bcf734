"""The rules of LAOs and districts, through the data interface as forms use it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from app.documents.areas import District, Province
from app.documents.lao import Lao
from app.enums import LaoType
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.services.accounts import SYSTEM
from app.services.areas import DistrictRules
from app.services.lao import LaoRules
from tests.factories.places import Places, make_places

LAOS = MongoInterface(Lao, LaoRules())
DISTRICTS = MongoInterface(District, DistrictRules())


@pytest.fixture
def places(db: Database[dict[str, Any]]) -> Iterator[Places]:
    """The tree, while the DLA acts."""
    with acting_as(SYSTEM):
        yield make_places(db)


def test_a_name_changed_in_the_form_keeps_the_old_one(places: Places) -> None:
    lao = LAOS.get(places.takhop_sao.code)
    lao.name_th, lao.type = "ตะขบใหม่", LaoType.TAMBON
    LAOS.edit(lao)
    stored = LAOS.get(lao.code)
    assert [(old.name_th, old.type) for old in stored.former_names] == [("ตะขบ", LaoType.SAO)]
    stored.phone = "044000000"
    LAOS.edit(stored)
    assert len(LAOS.get(lao.code).former_names) == 1


def test_an_lao_lies_in_the_district_of_its_code(places: Places) -> None:
    """Everything below it carries that district's code: a moved LAO would leave its schools to the old officer."""
    lao = LAOS.get(places.takhop_sao.code)
    lao.district = District.objects.get(pk=places.buriram_town)
    with pytest.raises(WriteRefused) as error:
        LAOS.edit(lao)
    assert set(error.value.fields) == {"district"}
    new = Lao(code="๖-๓๐๑๔-๙๙", name_th="ทดสอบ", type=LaoType.SAO, district=District.objects.get(pk="3014"))
    LAOS.add(new)
    assert LAOS.get("6301499").to_mongo()["province_code"] == "30"


def test_a_district_lies_in_the_province_of_its_code(places: Places) -> None:
    district = DISTRICTS.get(places.pak_thong_chai)
    district.province = Province.objects.get(pk=places.buriram)
    with pytest.raises(WriteRefused) as error:
        DISTRICTS.edit(district)
    assert set(error.value.fields) == {"province"}
    district = DISTRICTS.get(places.pak_thong_chai)
    district.name_en = "Pak Thong Chai"
    DISTRICTS.edit(district)
