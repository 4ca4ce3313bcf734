"""Every filter finds the rows that a rule in plain Python finds, for each kind of column and in both doors."""

from __future__ import annotations

import datetime as dt
import enum
import math
from typing import Any
from urllib.parse import quote

import hypothesis.strategies as st
import mongoengine as me
import pytest
from bson import ObjectId
from hypothesis import HealthCheck, example, given, settings

from app.fabmongo.api.listing import _typed
from app.fabmongo.errors import BadValue
from app.fabmongo.filter_base import behind
from app.fabmongo.formats import Formats
from app.fabmongo.interface import MongoInterface
from app.fabmongo.query import Query
from app.fabmongo.scope import acting_as
from app.fabmongo.values import to_raw
from tests.fabmongo.api.shelter import Program
from tests.fabmongo.ark import Ark
from tests.fabmongo.zoo import Animal

ARKS, ANIMALS = MongoInterface(Ark), MongoInterface(Animal)
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

EMPTY: list[Any] = [None, "absent"]
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "notes": ([*EMPTY, {}], [{"a": 1}, {"a": {}}, {"": ""}, {"a": None}]),
    "prices": ([*EMPTY, {}], [{"a": 1.5}]),
    "bridge": ([*EMPTY, {}], [{"name": "b"}, {"beds": 2}]),
    "cabins": ([*EMPTY, []], [[{"name": "b"}], [{}], [{}, {"name": "c"}]]),
    "spot": ([*EMPTY, {}], [{"type": "Point", "coordinates": [100.5, 13.7]}]),
    "plan": (EMPTY, [ObjectId()]),
    "photo": (EMPTY, [ObjectId()]),
    "tags": ([*EMPTY, []], [["a"], [""], [None], ["a", ""]]),
    "depths": ([*EMPTY, []], [[0], [1, 2]]),
    "mail": ([*EMPTY, ""], ["a@b.th"]),
    "sails_at": (EMPTY, [dt.datetime(2024, 6, 10)]),
    "price": (EMPTY, [0.0, 1.5]),
}


def ark(number: int, column: str, value: Any) -> dict[str, Any]:
    raw = {"_cls": "Ark", "name": f"{column}{number}", "zone": "A"}
    return raw if value == "absent" else {**raw, column: value}


def offered(interface: MongoInterface, column: str, arg_name: str) -> Any:
    """The filter of a column with this name."""
    every = interface.get_filters([column]).get_search_filters()[column]
    return next(one for one in every if one.arg_name == arg_name)


def found(interface: MongoInterface, column: str, arg_name: str, *values: str) -> set[str]:
    """Names of the rows that a filter of a column finds, through the interface as a list asks it."""
    active = interface.get_filters([column])
    active._add_filter(offered(interface, column, arg_name), list(values) or ["1"])
    return {item["name"] for item in interface.stored(interface.scoped(active))}


@pytest.mark.parametrize("column", VALUES)
def test_empty_is_what_holds_nothing(the_ark: Any, column: str) -> None:
    empty, filled = VALUES[column]
    rows = [ark(number, column, value) for number, value in enumerate([*empty, *filled])]
    Ark._get_collection().insert_many(rows)
    names = [row["name"] for row in rows]
    nothing, something = set(names[: len(empty)]), set(names[len(empty) :])
    with acting_as(the_ark.a):
        assert found(ARKS, column, "empty") == nothing
        assert found(ARKS, column, "nempty") == something
    program, visitor = Program(the_ark.app, the_ark.a), the_ark.visitor(the_ark.a)
    assert program.get(f"arks/?filter[{column}][empty]&page_size=100").json["count"] == len(nothing)
    order = [one.arg_name for one in ARKS.get_filters([column]).get_search_filters()[column]]
    page = visitor.get(f"/arkview/export?_flt_{order.index('nempty')}_{column}=1").text
    assert {name for name in names if f"{name}," in page} == something


MOMENTS = st.datetimes(dt.datetime(2024, 6, 9), dt.datetime(2024, 6, 12)).map(
    lambda m: m.replace(
        minute=m.minute // 20 * 20, second=m.second // 30 * 30, microsecond=m.microsecond // 1000 * 1000
    )
)
TYPED = st.tuples(MOMENTS, st.sampled_from(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]))
LENGTH = {"%Y-%m-%d": dt.timedelta(days=1), "%Y-%m-%d %H:%M": dt.timedelta(minutes=1)}
AHEAD = dt.timedelta(hours=7)


@settings(max_examples=40, deadline=None, suppress_health_check=CHECKS)
@given(rows=st.lists(MOMENTS, min_size=1, max_size=12), one=TYPED, two=TYPED)
def test_days_and_moments_are_the_peoples_own(the_zoo: Any, rows: list[dt.datetime], one: Any, two: Any) -> None:
    """Stored in UTC, typed in the people's time; a minute typed is that whole minute, a day that whole day."""
    collection = Animal._get_collection()
    collection.delete_many({})
    collection.insert_many([{"name": str(i), "zone": "A", "keeper": str(i), "fed_at": m} for i, m in enumerate(rows)])
    (start, end), (_, end2) = (
        (begin, begin + LENGTH.get(form, dt.timedelta(seconds=1)))
        for begin, form in ((dt.datetime.strptime(m.strftime(f), f) - AHEAD, f) for m, f in (one, two))
    )
    text, text2 = one[0].strftime(one[1]), two[0].strftime(two[1])
    rules: list[tuple[str, str, Any]] = [
        ("eq", text, lambda m: start <= m < end), ("gt", text, lambda m: m >= end), ("lt", text, lambda m: m < start),
        ("bt", f"{text}..{text2}", lambda m: start <= m < end2),
    ]  # fmt: skip
    iso = [t.replace(" ", "T") + ("+07:00" if " " in t else "") for t in (text, text2)]
    the_zoo.app.extensions["fabmongo_formats"] = Formats(utc_offset=AHEAD)
    try:
        with the_zoo.app.app_context(), acting_as(the_zoo.a):
            for name, typed, rule in rules:
                wanted = {str(i) for i, m in enumerate(rows) if rule(m)}
                assert found(ANIMALS, "fed_at", name, typed) == wanted, (name, typed)
                flt = offered(ANIMALS, "fed_at", name)
                rest = flt.apply(Query(), _typed(flt, "..".join(iso) if name == "bt" else iso[0]))
                assert {raw["name"] for raw in ANIMALS.stored(rest)} == wanted, (name, iso)
    finally:
        del the_zoo.app.extensions["fabmongo_formats"]


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The great circle between two (latitude, longitude), by the haversine."""
    (la1, lo1), (la2, lo2) = (tuple(map(math.radians, place)) for place in (a, b))
    h = math.sin((la2 - la1) / 2) ** 2 + math.cos(la1) * math.cos(la2) * math.sin((lo2 - lo1) / 2) ** 2
    return 6378.1 * 2 * math.asin(min(1.0, math.sqrt(h)))


PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@settings(max_examples=40, deadline=None, suppress_health_check=CHECKS)
@given(rows=st.lists(PLACES, min_size=1, max_size=10), centre=PLACES, km=st.floats(0.1, 5000))
@example(rows=[(13.75, 100.5), (13.76, 100.51), (18.8, 99.0)], centre=(13.7563, 100.5018), km=10.0)
@example(rows=[(0.0, 179.9), (0.0, -179.9), (90.0, 0.0)], centre=(0.0, 180.0), km=50.0)
def test_places_within_so_many_kilometres(the_ark: Any, rows: Any, centre: Any, km: float) -> None:
    collection = Ark._get_collection()
    collection.delete_many({})
    points = [{"type": "Point", "coordinates": [lon, lat]} for lat, lon in rows]
    collection.insert_many([ark(i, "spot", point) for i, point in enumerate(points)])
    with acting_as(the_ark.a):
        got = found(ARKS, "spot", "near", f"{centre[0]:.9f}, {centre[1]:.9f}, {km:.6f}")
    for i, place in enumerate(rows):
        away = kilometres(centre, place)
        if abs(away - km) > 0.01 + km * 1e-6:
            assert (f"spot{i}" in got) == (away < km), (away, km)


@pytest.mark.parametrize("value", ["", "13.7", "13.7,100", "a,b,c", "91,0,1", "0,181,1", "0,0,0", "0,0,-1", "0,0,9e9",
                                   "1,2,3,4", "nan,0,1", "0,0,inf"])  # fmt: skip
def test_no_place_is_told_and_no_error(the_ark: Any, value: str) -> None:
    Ark._get_collection().insert_one(ark(1, "notes", {"a": 1}))
    assert Program(the_ark.app, the_ark.a).get(f"arks/?filter[spot][near]={value}").status_code == 400
    assert the_ark.visitor(the_ark.a).get(f"/arkview/list/?_flt_0_spot={value}").status_code == 200


def test_texts_inside_embedded_documents_are_found_but_for_secret_ones(the_ark: Any) -> None:
    collection = Ark._get_collection()
    collection.insert_many([
        ark(1, "bridge", {"name": "Main (a.b)", "pin": "4711"}), ark(2, "bridge", {"name": "x", "mail": "MAIN@b.th"}),
        ark(3, "cabins", [{"name": "x"}, {"name": "the main one"}]), ark(4, "cabins", [{"pin": "4711"}]),
        ark(5, "bridge", None),
    ])  # fmt: skip
    with acting_as(the_ark.a):
        assert found(ARKS, "bridge", "ct", "main") == {"bridge1", "bridge2"}
        assert found(ARKS, "bridge", "ct", "(A.B)") == {"bridge1"}
        assert found(ARKS, "bridge", "ct", ".*") == set()
        assert found(ARKS, "cabins", "ct", "main") == {"cabins3"}
        assert found(ARKS, "bridge", "ct", "4711") == found(ARKS, "cabins", "ct", "4711") == set()
    assert Program(the_ark.app, the_ark.a).get("arks/?filter[bridge][ct]=" + quote("main")).json["count"] == 2


def test_one_of_several_choices(the_zoo: Any) -> None:
    Animal._get_collection().update_one({"name": "Tom"}, {"$set": {"size": "s"}})
    with the_zoo.app.app_context(), acting_as(the_zoo.boss):
        assert found(ANIMALS, "kind", "in", "cat") == {"Tom"}
        assert found(ANIMALS, "kind", "in", "cat", "dog") == {"Tom", "Rex"}
        assert found(ANIMALS, "kind", "in", "cat, dog") == {"Tom", "Rex"}
        assert found(ANIMALS, "size", "in", "s,l") == {"Tom"}
    visitor = the_zoo.visitor(the_zoo.boss)
    page = visitor.get("/animalview/list/?_flt_2_kind=cat&_flt_2_kind=dog").text
    assert "Tom" in page and "Rex" in page and "Feline, Canine" in page
    assert "There is no choice" in visitor.get("/animalview/list/?_flt_2_kind=bird").text


class Floor(enum.Enum):
    GROUND = 0
    FIRST = 1


def test_a_choice_that_is_a_number_is_asked_for_as_a_number() -> None:
    field = me.EnumField(Floor)
    assert to_raw(field, "0") == 0 and isinstance(to_raw(field, "0"), int)
    assert to_raw(me.ListField(field), "1") == 1
    with pytest.raises(BadValue):
        to_raw(field, "2")


@pytest.mark.parametrize(
    ("column", "typed", "matches"),
    [("depths", "3", True), ("depths", "5", False), ("stops", "2020-01-01", True), ("tags", "x", True)],
)
def test_a_list_is_filtered_as_its_items_are(the_ark: Any, column: str, typed: str, matches: bool) -> None:
    row = {"depths": [3, 4], "stops": [to_raw(Ark.stops, "2020-01-01")], "tags": ["x"]}
    Ark._get_collection().insert_one({"_cls": "Ark", "name": "Noah", "zone": "A", **row})
    known = ARKS.get_filters([column]).get_search_filters()[column]
    visitor = the_ark.visitor(the_ark.a)
    pages = [visitor.get(f"/arkview/list/?_flt_{number}_{column}={typed}") for number in range(len(known))]
    assert len(known) >= 5 and {page.status_code for page in pages} == {200}
    assert ('name="rowid"' in pages[0].text or "/arkview/show/" in pages[0].text) is matches


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@given(words, words)
def test_the_range_of_a_prefix_holds_what_begins_with_it_and_nothing_else(prefix: str, text: str) -> None:
    end = behind(prefix)
    assert bool(end) == bool(prefix.rstrip("\U0010ffff"))
    for one in (text, prefix + text):
        assert not end or (prefix <= one < end) == one.startswith(prefix)
