"""Random documents through form, database, form, REST and form again: what comes out is what went in."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from bson import SON
from hypothesis import HealthCheck, given, settings

from tests.fabmongo.api.shelter import Program
from tests.fabmongo.ark import COLUMNS, Ark, Cabin, Meal
from tests.fabmongo.ark_pages import inputs
from tests.fabmongo.zoo import Keeper, Kind

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20)
cents = st.decimals(-(10**9), 10**9, places=2)
kinds = st.sampled_from(Kind)
moments = st.datetimes().map(lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000))
numbers = st.floats(allow_nan=False, allow_infinity=False)
names = st.text("abcก", min_size=1, max_size=5)
free = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
mails = st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.go\.th", fullmatch=True)
meals = st.builds(Meal, food=words, grams=st.none() | st.integers(1, 2**31))


def maybe(values: Any) -> Any:
    return st.none() | values


cabins = st.builds(
    Cabin, name=words, beds=st.integers(0, 50), kind=maybe(kinds), mail=maybe(mails), dry=st.booleans(),
    pin=maybe(words), keeper=maybe(st.just(Keeper(code="001"))), meals=st.lists(meals, max_size=2),
)  # fmt: skip
arks = st.builds(
    Ark, name=words, zone=st.just("A"), mail=maybe(mails), site=maybe(names.map(lambda n: "https://example.org/" + n)),
    serial=maybe(st.uuids()), sails_at=maybe(moments), built=maybe(st.dates()), price=maybe(cents),
    exact=maybe(cents), rating=maybe(numbers), kind=maybe(kinds), tags=st.lists(words, max_size=3),
    depths=st.lists(st.integers(-(2**63) + 1, 2**63 - 1), max_size=3), stops=st.lists(moments, max_size=2),
    notes=st.dictionaries(names, free, max_size=3), prices=st.dictionaries(names, cents, max_size=3),
    spot=maybe(st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(list)),
    bridge=maybe(cabins), cabins=st.lists(cabins, max_size=3), keeper=maybe(st.just(Keeper(code="001"))),
)  # fmt: skip


def bare(raw: Any) -> Any:
    """A stored row without what is empty: an empty list and an absent one are the same to a reader."""
    found = {}
    for name, value in raw.items():
        if name in ("_id", "_v", "_cls") or value in (None, [], {}):
            continue
        found[name] = value if name in ("notes", "prices", "spot") else _inner(value)
    return found


def _inner(value: Any) -> Any:
    if isinstance(value, (dict, SON)):
        return bare(value)
    return [_inner(one) for one in value] if isinstance(value, list) else value


CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=40, deadline=None, suppress_health_check=CHECKS)
@given(ark=arks)
def test_a_document_comes_back_as_it_went(the_ark: Any, ark: Ark) -> None:
    rows, visitor, program = Ark._get_collection(), the_ark.visitor(the_ark.a), Program(the_ark.app, the_ark.a)
    rows.delete_many({})
    first = rows.insert_one(ark.to_mongo()).inserted_id
    wanted = rows.find_one({"_id": first})
    filled = inputs(visitor.get(f"/arkview/edit/{first}").text)
    rows.delete_many({})

    typed = {name: value for name, value in filled.items() if name != "_base"}
    answer = visitor.post("/arkview/add?_class=Ark", typed)
    assert answer.status_code == 302, answer.text
    made = rows.find_one({})
    assert bare(made) == bare(wanted)

    address = f"/arkview/edit/{made['_id']}"
    assert visitor.post(address, inputs(visitor.get(address).text)).status_code == 302
    assert rows.find_one({}) == made

    read = program.get(f"arks/{made['_id']}")
    body = {name: read.json["result"][name] for name in COLUMNS}
    sent = program.send("PUT", f"arks/{made['_id']}", body, etag=read.headers["ETag"])
    assert sent.status_code == 200, sent.text
    assert bare(rows.find_one({})) == bare(made)

    again = inputs(visitor.get(address).text)
    signed = {"_base": [], "csrf_token": []}  # these carry the time
    assert {**again, **signed} == {**filled, **signed}
