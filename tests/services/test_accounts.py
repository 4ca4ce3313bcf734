"""Accounts and areas: the path of a place is read from the stored tree, and a role fits its level."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.documents.schools import School
from app.documents.students import Student
from app.errors import Problem
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.fabmongo.security.models import Role, User
from app.services.accounts import SYSTEM, AccountRules, SystemActor, create_account, renew_account
from app.services.areas import area_of, scope_filter
from tests.factories.places import Places, make_places

Raw = dict[str, Any]
USERS = MongoInterface(User, AccountRules())


@pytest.fixture
def places(app: Flask, db: Database[Raw]) -> Iterator[Places]:
    with app.app_context(), acting_as(SYSTEM):
        yield make_places(db)


@pytest.fixture
def store(app: Flask) -> Any:
    return app.extensions["appbuilder"].sm


def test_a_place_has_the_codes_of_everything_above_it(places: Places) -> None:
    home = places.takhop_tambon
    path = {"province": "30", "district": "3014", "lao": home.code, "school": home.own}
    for depth, (level, code) in enumerate(path.items(), start=1):
        assert area_of(level, code).codes == dict(list(path.items())[:depth])
    assert area_of("country").codes == {}


@pytest.mark.parametrize(
    ("level", "code", "th", "en"),
    [
        ("country", "", "ทั้งประเทศ", "Whole country"),
        ("province", "30", "จังหวัดนครราชสีมา", "Nakhon Ratchasima"),
        ("district", "3014", "อำเภอปักธงชัย", "Pak Thong Chai District"),
        ("lao", "6301408", "อบต.ตะขบ", "ตะขบ (Subdistrict administrative organisation)"),
    ],
)
def test_a_place_is_called_as_people_call_it(places: Places, level: str, code: str, th: str, en: str) -> None:
    assert area_of(level, code)[1:] == (th, en)


@pytest.mark.parametrize(
    ("level", "code", "field"),
    [("lao", "9999999", "area_code"), ("lao", "", "area_code"), ("village", "1", "area_level")],
)
def test_a_place_that_is_not_there_is_refused_on_its_field(places: Places, level: str, code: str, field: str) -> None:
    with pytest.raises(Problem) as refused:
        area_of(level, code)
    assert refused.value.field == field


def test_the_filter_of_a_person_is_the_scope_of_the_document(places: Places) -> None:
    home = places.takhop_tambon
    assert scope_filter(SystemActor("x", home.area()), Student) == {"lao_code": home.code}
    assert scope_filter(SystemActor("x", home.area("school")), School) == {"_id": home.own}
    assert scope_filter(SystemActor("x", None), School) is None


def test_an_account_is_made_with_a_password_that_works_once_told(places: Places, store: Any) -> None:
    made = create_account(store, "lao", "takhop", places.takhop_sao.code)
    user = store.auth_user_db("takhop", made.password)
    assert (user.area_level, user.area_code, user.area_name_th) == ("lao", "6301408", "อบต.ตะขบ")
    assert user.area.codes == {"province": "30", "district": "3014", "lao": "6301408"}
    assert user.role_names == ["lao"] and user.must_change_password
    with pytest.raises(WriteRefused):
        create_account(store, "lao", "takhop", places.takhop_sao.code)
    renewed = renew_account(store, "lao", "takhop", places.takhop_sao.code)
    assert store.auth_user_db("takhop", made.password) is None
    assert store.auth_user_db("takhop", renewed.password) is not None


def test_an_unknown_role_is_refused(places: Places, store: Any) -> None:
    with pytest.raises(Problem) as refused:
        create_account(store, "king", "x")
    assert refused.value.field == "role"


def a_form(role: str, **fields: Any) -> User:
    user = User(username="new", first_name="ก", last_name="ข", **fields)
    user.roles = [Role.objects.get(name=role)]
    return user


def test_the_form_of_an_account_fills_in_path_and_names(places: Places, db: Database[Raw]) -> None:
    USERS.add(a_form("district", area_level="district", area_code="๓๐๑๔"))
    row = db.users.find_one({"username": "new"})
    assert row is not None
    assert row["area_codes"] == {"province": "30", "district": "3014"} and row["area_name_th"] == "อำเภอปักธงชัย"
    assert row["password"].startswith("scrypt:")


def test_moving_an_account_to_another_area_moves_the_whole_path(places: Places, db: Database[Raw]) -> None:
    USERS.add(a_form("lao", area_level="lao", area_code=places.takhop_tambon.code))
    user = USERS.get(db.users.find_one({})["_id"])  # type: ignore[index]
    user.area_code = places.buriram_sao.code
    USERS.edit(user)
    row = db.users.find_one({})
    assert row is not None
    assert row["area_codes"] == {"province": "31", "district": "3101", "lao": places.buriram_sao.code}


@pytest.mark.parametrize(
    ("role", "level", "code", "column"),
    [("dla", "lao", "5301401", "area_level"), ("lao", "country", "", "area_level"), ("lao", "lao", "9", "area_code")],
)
def test_a_role_that_does_not_fit_the_area_is_refused(
    places: Places, role: str, level: str, code: str, column: str
) -> None:
    with pytest.raises(WriteRefused) as refused:
        USERS.add(a_form(role, area_level=level, area_code=code))
    assert set(refused.value.fields) == {column}


def test_nobody_deletes_the_own_account(places: Places, db: Database[Raw]) -> None:
    USERS.add(a_form("dla", area_level="country"))
    user = USERS.get(db.users.find_one({})["_id"])  # type: ignore[index]
    with acting_as(SystemActor("new")), pytest.raises(WriteRefused):
        USERS.delete(user)
    other = a_form("dla", area_level="country")
    other.username, other.email = "another", "another@lec.example"
    USERS.add(other)
    with acting_as(SystemActor("another")):
        USERS.delete(user)
    assert [row["username"] for row in db.users.find()] == ["another"]
