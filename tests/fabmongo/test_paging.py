"""Lists page by key: every row once in any order, back the same way, whatever comes and goes; no cursor breaks one."""

from __future__ import annotations

import html
import math
import re
from datetime import datetime
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.fabmongo.keyset import BadCursor, cursor_of, place_of
from tests.fabmongo.zoo import Animal, AnimalView, Keeper

QUICK = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
LIST = "/animalview/list/"
MISSING = object()
VALUES: dict[str, list[Any]] = {
    "name": ["a", "b", "ก", ""],
    "legs": [MISSING, None, 0, 1, 2],
    "weight": [MISSING, None, math.nan, -1.5, 2.0, math.inf],
    "size": [None, "s", "l"],
    "tame": [True, False],
}
MORE_VALUES: dict[str, list[Any]] = {
    "born": [MISSING, None, datetime(2020, 2, 29), datetime(2024, 1, 1)],
    "keeper": [MISSING, None, "001", "777"],
}
ROWS = st.lists(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}), max_size=14)
ORDERING = st.lists(st.tuples(st.sampled_from("+-"), st.sampled_from([*VALUES, "id"])), max_size=3)
CHOSEN = st.sampled_from(["", *(f"&_oc_AnimalView={n}&_od_AnimalView={d}" for n in VALUES for d in ("asc", "desc"))])
LARGE = [{"name": f"n{number:03}"} for number in range(60)]


def put(rows: list[dict[str, Any]]) -> list[str]:
    """Store rows as they are, with holes where MISSING stands; their keys as the list shows them."""
    raws = [
        {"_id": (key := ObjectId()), "kind": "cat", "zone": "A", "keeper": str(key)}
        | {name: value for name, value in row.items() if value is not MISSING}
        for row in rows
    ]
    if raws:
        Animal._get_collection().insert_many(raws)
    return [str(raw["_id"]) for raw in raws]


def emptied(rows: list[dict[str, Any]]) -> list[str]:
    Animal._get_collection().delete_many({})
    return put(rows)


def shown(page: str) -> list[str]:
    return re.findall(r'name="rowid" value="([^"]*)"', page)


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]*)"', page)
    return html.unescape(found[1]) if found else None


def here(page: str) -> str:
    found = re.search(r'class="here" aria-current="page">(?:<span[^>]*>[^<]*</span>)?([\d,]+)<', page)
    return found[1] if found else "1"


@QUICK
@given(rows=ROWS, ordering=ORDERING, chosen=CHOSEN, size=st.integers(1, 5))
def test_there_by_next_and_back_by_prev(
    the_zoo: Any, monkeypatch: Any, rows: list[Any], ordering: list[Any], chosen: str, size: int
) -> None:
    monkeypatch.setitem(Animal._meta, "ordering", [sign + name for sign, name in ordering])
    walk_both_ways(the_zoo, emptied(rows), f"{LIST}?psize_AnimalView={size}{chosen}")


@pytest.mark.parametrize("column", [*VALUES, *MORE_VALUES])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_every_column_both_ways(the_zoo: Any, monkeypatch: Any, column: str, direction: str) -> None:
    """Each value twice and a row a page, so that every boundary between two values and two kinds is a page's end."""
    monkeypatch.setattr(AnimalView, "base_order", (column, direction))
    values = {**VALUES, **MORE_VALUES}[column] * 2
    keys = emptied([{"name": f"n{number}", column: value} for number, value in enumerate(values)])
    walk_both_ways(the_zoo, keys, f"{LIST}?psize_AnimalView=1")


def walk_both_ways(the_zoo: Any, keys: list[str], start: str) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    pages = [visitor.get(start).text]
    while address := link(pages[-1], "next"):
        assert "at_AnimalView=" in address
        pages.append(visitor.get(address).text)
        assert len(pages) <= len(keys), "it never ends"
    assert sorted(key for page in pages for key in shown(page)) == sorted(keys)
    there = [(here(page), shown(page)) for page in pages]
    plain = [visitor.get(f"{start}&page_AnimalView={number}").text for number in range(len(pages))]
    assert there == [(str(number + 1), shown(page)) for number, page in enumerate(plain)]
    back, page = [there[-1]], pages[-1]
    while (address := link(page, "prev")) and len(back) <= len(pages):
        page = visitor.get(address).text
        back.append((here(page), shown(page)))
    assert back[::-1] == there


@QUICK
@given(data=st.data(), rows=ROWS, size=st.integers(1, 4), rel=st.sampled_from(["next", "prev"]))
def test_rows_that_stay_come_once_though_others_come_and_go(
    the_zoo: Any, data: Any, rows: list[Any], size: int, rel: str
) -> None:
    staying = set(emptied(rows))
    visitor = the_zoo.visitor(the_zoo.a)
    address: str | None = f"{LIST}?psize_AnimalView={size}&_oc_AnimalView=legs&_od_AnimalView=asc"
    if rel == "prev":
        address += f"&page_AnimalView={max(len(rows) - 1, 0) // size}"
    seen: list[str] = []
    for _ in range(60):
        page = visitor.get(address).text
        seen += shown(page)
        address = link(page, rel)
        if address is None:
            break
        gone = data.draw(st.lists(st.sampled_from(sorted(staying)), max_size=2)) if staying else []
        Animal._get_collection().delete_many({"_id": {"$in": [ObjectId(key) for key in gone]}})
        staying -= set(gone)
        if data.draw(st.booleans()) and Animal.objects.count() < 20:
            put([{"name": "new", "legs": data.draw(st.sampled_from([None, 1, 3]))}])
    # Where nothing is left on that side the page of that number is shown instead, which may repeat rows.
    assert staying <= set(seen)
    again = [key for key in staying if seen.count(key) > 1]
    assert not again or seen[-size:] == shown(page)


def test_a_page_by_its_link_skips_nothing_and_costs_five_commands(the_zoo: Any, commands: Any) -> None:
    emptied(LARGE)
    visitor = the_zoo.visitor(the_zoo.a)
    address = f"{LIST}?psize_AnimalView=10&page_AnimalView=3&_oc_AnimalView=name&_od_AnimalView=asc"
    for rel, number, first in (("next", "5", 40), ("next", "6", 50), ("prev", "5", 40), ("prev", "4", 30)):
        address = link(visitor.get(address).text, rel)
        with commands.counting() as sent:
            page = visitor.get(address).text
        assert (here(page), f">n{first:03}<" in page, len(shown(page))) == (number, True, 10)
        assert len(sent) <= 5, sent
        finds = [body for body in sent.bodies if body.get("find") == "zoo_animals"]
        assert [body.get("skip", 0) for body in finds] == [0]


def test_the_first_page_after_a_number_far_away_goes_by_key(the_zoo: Any) -> None:
    emptied(LARGE)
    visitor = the_zoo.visitor(the_zoo.a)
    assert "at_AnimalView" in link(visitor.get(f"{LIST}?psize_AnimalView=5&page_AnimalView=7").text, "next")
    empty = visitor.get(f"{LIST}?psize_AnimalView=5&page_AnimalView=5000").text
    assert link(empty, "prev") == f"{LIST}?psize_AnimalView=5&page_AnimalView=11"


def test_rows_before_the_first_page_can_be_reached(the_zoo: Any) -> None:
    """They were added after the walk began."""
    emptied([{"legs": n} for n in range(1, 7)])
    visitor = the_zoo.visitor(the_zoo.a)
    first = visitor.get(f"{LIST}?psize_AnimalView=3&_oc_AnimalView=legs&_od_AnimalView=asc").text
    second = visitor.get(link(first, "next")).text
    early = put([{"legs": 0}])
    again = visitor.get(link(second, "prev")).text
    assert (here(again), shown(again)) == ("1", shown(first))
    assert shown(visitor.get(link(again, "prev")).text) == early


def test_the_first_and_the_last_page_are_numbered_as_such(the_zoo: Any) -> None:
    keys = emptied(LARGE)
    visitor = the_zoo.visitor(the_zoo.a)
    fourth = visitor.get(f"{LIST}?psize_AnimalView=10&page_AnimalView=3").text
    Animal._get_collection().delete_many({"_id": {"$lt": ObjectId(keys[20])}})
    page = visitor.get(link(fourth, "prev")).text
    assert (here(page), link(page, "prev"), shown(page)) == ("1", None, keys[20:30])
    Animal._get_collection().delete_many({"_id": {"$gte": ObjectId(keys[43])}})
    page = visitor.get(link(fourth, "next")).text
    assert (here(page), link(page, "next"), shown(page)) == ("3", None, keys[40:43])


def test_where_all_behind_the_cursor_is_gone_its_number_counts(the_zoo: Any) -> None:
    keys = emptied(LARGE)
    visitor = the_zoo.visitor(the_zoo.a)
    following = link(visitor.get(f"{LIST}?psize_AnimalView=10&page_AnimalView=1").text, "next")
    Animal._get_collection().delete_many({"_id": {"$gte": ObjectId(keys[20])}})
    page = visitor.get(following)
    assert page.status_code == 200
    assert link(page.text, "prev").endswith("page_AnimalView=1")


@pytest.mark.parametrize(
    "change",
    [
        ("page_AnimalView=2", "page_AnimalView=4"), ("psize_AnimalView=10", "psize_AnimalView=7"),
        ("_od_AnimalView=asc", "_od_AnimalView=desc"), ("_oc_AnimalView=name", "_oc_AnimalView=legs"),
        ("?", "?_flt_1_name=n&"), ("?", "?q=n0&"), ("animalview/list/", "keeperview/show/001"),
        ("at_AnimalView=", "at_AnimalView=A"), ("at_AnimalView=", "at_AnimalView=%E0%B8%81"),
        ("at_AnimalView=", "at_AnimalView=x&at_AnimalView="), ("at_AnimalView=", "at_AnimalView=%00%24gt"),
    ],
)  # fmt: skip
def test_a_cursor_of_another_list_is_passed_over(the_zoo: Any, change: tuple[str, str]) -> None:
    emptied(LARGE)
    Animal._get_collection().update_many({}, {"$unset": {"keeper": 1}})
    Animal._get_collection().update_many({}, [{"$set": {"keeper": "001"}}])
    visitor = the_zoo.visitor(the_zoo.a)
    start = f"{LIST}?psize_AnimalView=10&page_AnimalView=1&_oc_AnimalView=name&_od_AnimalView=asc"
    address = link(visitor.get(start).text, "next")
    assert change[0] in address
    forged = address.replace(change[0], change[1], 1)
    plain = re.sub(r"&at_AnimalView=[^&]*", "", forged)
    page = visitor.get(forged)
    assert page.status_code == 200
    assert shown(page.text) == shown(visitor.get(plain).text) != []


def test_a_cursor_under_another_secret_is_an_old_one(the_zoo: Any, monkeypatch: Any) -> None:
    emptied(LARGE)
    visitor = the_zoo.visitor(the_zoo.a)
    address = link(visitor.get(f"{LIST}?psize_AnimalView=10").text, "next")
    with the_zoo.app.app_context():
        keys = [("name", 1), ("_id", 1)]
        old = cursor_of({"_id": 1, "name": "x"}, keys, ["list"])
        assert place_of(old, keys, ["list"]).values == ("x", 1)
        for other_keys, bound in ((keys, ["api"]), ([("name", -1), ("_id", 1)], ["list"]), (keys[1:], ["list"])):
            with pytest.raises(BadCursor):
                place_of(old, other_keys, bound)
        monkeypatch.setitem(the_zoo.app.config, "SECRET_KEY", "another-secret-for-tests-only-012345")
        with pytest.raises(BadCursor):
            place_of(old, keys, ["list"])
    assert address is not None


def test_no_link_but_those_of_the_neighbours_carries_the_cursor(the_zoo: Any) -> None:
    emptied(LARGE)
    visitor = the_zoo.visitor(the_zoo.a)
    address = link(visitor.get(f"{LIST}?psize_AnimalView=10&page_AnimalView=1&_flt_1_name=n").text, "next")
    page = visitor.get(address).text
    carrying = [html.unescape(text) for text in re.findall(r'(?:href|value|action)="([^"]*at_AnimalView[^"]*)"', page)]
    assert {re.search(r"page_AnimalView=(\d+)", text)[1] for text in carrying} == {"1", "3"}
    assert 'name="at_AnimalView"' not in page
    with visitor.client.session_transaction() as own:
        kept = own["page_history"][-1]
    assert "at_AnimalView" not in kept
    assert shown(visitor.get(kept).text) == shown(page)
    export = visitor.get("/animalview/export?" + address.partition("?")[2]).text
    assert len(export.splitlines()) == 61


def test_a_related_list_pages_by_its_own_key(the_zoo: Any) -> None:
    emptied(LARGE)
    Animal._get_collection().update_many({}, {"$set": {"zone": "A"}})
    Animal._get_collection().update_many({"name": {"$lt": "n030"}}, [{"$set": {"keeper": "001"}}])
    Keeper(code="003", name="Cid", zone="A").save()
    Animal._get_collection().update_many({"name": {"$gte": "n030"}}, [{"$set": {"keeper": "003"}}])
    visitor = the_zoo.visitor(the_zoo.a)
    seen: list[str] = []
    address: str | None = "/keeperview/show/001?psize_AnimalView=8"
    while address:
        page = visitor.get(address).text
        seen += shown(page)
        address = link(page, "next")
        if address:
            foreign = address.replace("show/001", "show/003")
            plain = re.sub(r"&at_AnimalView=[^&]*", "", foreign)
            assert shown(visitor.get(foreign).text) == shown(visitor.get(plain).text)
    assert len(seen) == len(set(seen)) == 30


def test_an_order_that_would_tell_a_secret_goes_by_number(the_zoo: Any, monkeypatch: Any) -> None:
    """A cursor stands in the address and can be read by whoever sees it."""
    emptied([{"name": f"n{n}", "chip": f"{n:05}"} for n in range(9)])
    monkeypatch.setattr(AnimalView, "base_order", ("chip", "asc"))
    visitor = the_zoo.visitor(the_zoo.a)
    address = link(visitor.get(f"{LIST}?psize_AnimalView=3").text, "next")
    assert "at_AnimalView" not in address
    assert len(shown(visitor.get(address).text)) == 3


def test_a_very_long_value_makes_no_long_address(the_zoo: Any) -> None:
    emptied([{"name": f"{n}" + "x" * 5000} for n in range(4)])
    visitor = the_zoo.visitor(the_zoo.a)
    page = visitor.get(f"{LIST}?psize_AnimalView=2&_oc_AnimalView=name&_od_AnimalView=asc").text
    assert len(link(page, "next")) < 200
    assert len(shown(visitor.get(link(page, "next")).text)) == 2
