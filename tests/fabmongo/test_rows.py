"""A page read from stored rows says what the documents say, in each language, and counts alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from bson import Decimal128, ObjectId

from app.fabmongo import interface as module
from app.fabmongo.interface import MongoInterface
from app.fabmongo.query import Query
from app.fabmongo.scope import Area, acting_as
from tests.fabmongo.zoo import Animal, Keeper

COLUMNS = [
    "name", "chip", "kind", "legs", "weight", "price", "tame", "born", "fed_at", "size", "tags", "skills", "note",
    "keeper", "friends", "zone",
]
RAWS: list[dict[str, Any]] = [
    {"name": "a", "kind": "cat", "keeper": "001", "zone": "A"},
    {"name": "<b>", "chip": "12345", "kind": "dog", "legs": 0, "weight": 1.5, "price": 3.25, "tame": True,
     "born": datetime(2020, 2, 29), "fed_at": datetime(2020, 2, 29, 12, 30), "size": "s", "tags": ["x", "y"],
     "skills": ["cat", "dog"], "note": "n", "keeper": "001", "zone": "A"},
    {"name": None, "chip": "", "kind": None, "legs": None, "weight": None, "price": None, "tame": None, "born": None,
     "fed_at": None, "size": None, "tags": None, "skills": None, "note": None, "keeper": None, "friends": None,
     "zone": "A"},
    {"name": "", "kind": "bird", "legs": 8, "size": "xl", "tags": [], "skills": [], "keeper": "999", "zone": "A"},
    {"name": "ท", "kind": "cat", "price": Decimal128("7.50"), "tame": False, "keeper": "002", "zone": "A", "old": 1},
]  # fmt: skip


class Officer:
    username = "officer"
    area = Area("country")


@pytest.fixture
def animals(the_zoo: Any) -> Any:
    """The zoo's own animals and odd ones, some of which are each other's friends or the friends of nobody."""
    keys = list(Animal._get_collection().insert_many([dict(raw) for raw in RAWS]).inserted_ids)
    Animal._get_collection().update_one({"_id": keys[1]}, {"$set": {"friends": [keys[0], ObjectId(), keys[4]]}})
    with the_zoo.app.test_request_context("/?_l_=en"), acting_as(Officer()):
        yield MongoInterface(Animal)


def as_text(values: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in row.items()} for row in values]


@pytest.mark.parametrize("order", [("", ""), ("name", "desc"), ("legs", "asc")])
def test_rows_say_what_documents_say(animals: Any, order: tuple[str, str]) -> None:
    items = list(animals.find(Query(), *order))
    page = animals.rows(COLUMNS, None, *order, page=0, page_size=100)
    assert page.pks == animals.get_keys(items)
    assert as_text(page.values) == as_text(list(animals.get_values(items, COLUMNS)))
    assert page.count == len(items)
    for column in COLUMNS:
        one = animals.rows([column], None, *order, page=0, page_size=100)
        assert as_text(one.values) == [{column: row[column]} for row in as_text(page.values)]


def test_a_column_that_is_no_field_is_read_from_documents(animals: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(Animal, "shout", property(lambda self: f"{self.name}!"), raising=False)
    page = animals.rows(["name", "shout"], None, "name", "asc", page=0, page_size=100)
    assert [row["shout"] for row in page.values][-1] == "ท!"


def test_an_interface_that_reads_in_its_own_way_is_asked(animals: Any) -> None:
    class Loud(MongoInterface):
        def _get_attr_value(self, item: Any, col: str) -> Any:
            return str(super()._get_attr_value(item, col)).upper()

    assert {"name": "TOM"} in Loud(Animal).rows(["name"], page=0, page_size=100).values


def test_nobody_reads_nothing(animals: Any) -> None:
    with acting_as(None):
        page = animals.rows(COLUMNS, page=0, page_size=10)
    assert (page.count, page.pks, page.values) == (0, [], [])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100])
def test_the_count_is_the_same_on_every_page(animals: Any, size: int, commands: Any) -> None:
    total = Animal.objects.count()
    pages = -(-total // size)
    for page in range(pages):
        assert animals.rows(["name"], None, page=page, page_size=size).count == total
        assert animals.query(None, page=page, page_size=size)[0] == total
    assert animals.rows(["name"], None, page=pages + 3, page_size=size).count == total
    with commands.counting() as sent:
        animals.rows(["name"], None, page=0, page_size=100)
    assert sent == ["find zoo_animals"]


def test_counts_end_at_the_bound(animals: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "EXACT_COUNT_BOUND", 3)
    assert animals.count(Query()) == 4
    assert animals.count(Query().where({"zone": "A"})) == 4
    assert animals.rows(["name"], None, page=1, page_size=4).count == 4
    assert Keeper.objects.count() <= 3
    assert MongoInterface(Keeper).count(Query()) == Keeper.objects.count()
