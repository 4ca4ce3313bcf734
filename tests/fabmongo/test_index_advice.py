"""The developer's log names a list that no index serves, once a kind, without a value in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from app.fabmongo import index_advice
from app.fabmongo.index_advice import SWITCH, fields_of, suggested
from tests.fabmongo.test_export import more
from tests.fabmongo.zoo import Animal

LIST = "/animalview/list/"


@pytest.fixture
def advised(the_zoo: Any, caplog: Any) -> Iterator[Any]:
    """A zoo large enough for indexes to matter, with the switch on."""
    more("001", index_advice.SMALL)
    index_advice._seen.clear()
    the_zoo.app.config[SWITCH] = True
    with caplog.at_level(logging.WARNING, logger="app.fabmongo.index_advice"):
        yield the_zoo
    the_zoo.app.config.pop(SWITCH)


def told(caplog: Any) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "app.fabmongo.index_advice"]


def test_an_unserved_order_is_told_once_with_the_keys_that_help(advised: Any, caplog: Any) -> None:
    visitor = advised.visitor(advised.a)
    for _ in range(2):
        visitor.get(f"{LIST}?_oc_AnimalView=legs&_flt_0_kind=cat")
    assert len(told(caplog)) == 1
    assert "Animal: no index serves the filter on (kind, zone) ordered by (legs, _id)" in told(caplog)[0]
    assert "[('zone', 1), ('kind', 1), ('legs', 1), ('_id', 1)]" in told(caplog)[0]
    visitor.get(f"{LIST}?_oc_AnimalView=legs&_flt_0_kind=dog")
    assert len(told(caplog)) == 1, "another value is the same kind of list"
    caplog.clear()
    collection = Animal._get_collection()
    collection.create_index([("zone", 1), ("kind", 1), ("legs", 1), ("_id", 1)], name="advised")
    index_advice._seen.clear()
    visitor.get(f"{LIST}?_oc_AnimalView=legs&_flt_0_kind=cat")
    collection.drop_index("advised")
    assert told(caplog) == [], "the index that was suggested serves it"


def test_a_list_in_a_record_s_page_is_looked_at_too(advised: Any, caplog: Any) -> None:
    advised.visitor(advised.a).get("/keeperview/show/001?_oc_AnimalView=legs")
    assert len(told(caplog)) == 1 and "(keeper, zone) ordered by (legs, _id)" in told(caplog)[0]


def test_what_an_index_serves_is_not_told(advised: Any, caplog: Any) -> None:
    boss = advised.visitor(advised.boss)
    boss.get(LIST)
    boss.get(f"{LIST}?_flt_0_chip=111")
    boss.get(f"/animalview/show/{advised.cat.pk}")
    assert told(caplog) == []


def test_no_value_is_in_the_log(advised: Any, caplog: Any) -> None:
    visitor = advised.visitor(advised.a)
    for query in ("_flt_0_note=1234567890121", "_flt_0_legs=4711", "q=1234567890121", "_flt_2_legs=4711&_flt_0_size=s"):
        visitor.get(f"{LIST}?{query}")
    assert told(caplog)
    assert "1234567890121" not in caplog.text and "4711" not in caplog.text


def test_the_second_page_of_a_kind_costs_nothing_more(advised: Any, commands: Any) -> None:
    visitor = advised.visitor(advised.a)
    visitor.get(f"{LIST}?_oc_AnimalView=legs")
    with commands.counting() as sent:
        visitor.get(f"{LIST}?_oc_AnimalView=legs&page_AnimalView=1")
    assert len(sent) <= 5, sent
    assert not any(name.startswith("explain") for name in sent)


def test_small_collections_and_other_installations_are_left_in_peace(the_zoo: Any, caplog: Any, commands: Any) -> None:
    index_advice._seen.clear()
    with commands.counting() as sent:
        the_zoo.visitor(the_zoo.a).get(f"{LIST}?_oc_AnimalView=legs")
    assert not any(name.startswith("explain") for name in sent)
    the_zoo.app.config[SWITCH] = True
    the_zoo.visitor(the_zoo.a).get(f"{LIST}?_oc_AnimalView=legs")
    the_zoo.app.config.pop(SWITCH)
    assert told(caplog) == []


@pytest.mark.parametrize(
    ("clauses", "equal", "ranges", "keys"),
    [
        ({}, [], [], []),
        ({"zone": "A"}, ["zone"], [], [("zone", 1), ("_id", 1)]),
        ({"$and": [{"zone": "A"}, {"legs": {"$gt": 1}}]}, ["zone"], ["legs"], [("zone", 1), ("_id", 1), ("legs", 1)]),
        ({"kind": {"$in": ["a"]}, "name": {"$regex": "^T"}}, ["kind"], ["name"],
         [("kind", 1), ("_id", 1), ("name", 1)]),
        ({"name": {"$regex": "om", "$options": "i"}}, [], [], []),
        ({"$or": [{"a": 1}, {"b": 2}]}, [], [], []),
    ],
)  # fmt: skip
def test_the_suggestion_is_equality_order_range(clauses: Any, equal: Any, ranges: Any, keys: Any) -> None:
    assert fields_of(clauses) == (equal, ranges)
    assert suggested(clauses, [("_id", 1)]) == keys
