"""Values of every kind go through JSON and the database and come back as they went."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from tests.fabmongo.api.shelter import Program, Shelter
from tests.fabmongo.zoo import Kind

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20)
cents = st.decimals(-(10**9), 10**9, places=2).map(lambda n: format(n, "f"))
kinds = st.sampled_from([member.value for member in Kind])
days = st.dates().map(str)
moments = st.datetimes().map(lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000).isoformat() + "Z")
keepers = st.sampled_from([None, "001"])
rooms = st.fixed_dictionaries(
    {"name": words, "beds": st.none() | st.integers(0, 50), "kind": st.none() | kinds, "keeper": keepers}
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
free = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=6,
)
points = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(lambda p: {"type": "Point", "coordinates": list(p)})

shelters = st.fixed_dictionaries(
    {"name": words, "zone": st.just("A")},
    optional={
        "pin": words, "opened": days, "checked_at": moments, "budget": cents, "exact": cents, "rating": numbers,
        "places": st.integers(0, 2**63 - 1), "public": st.booleans(), "kind": kinds,
        "size": st.sampled_from(["s", "l"]), "serial": st.uuids().map(str), "tags": st.lists(words, max_size=3),
        "skills": st.lists(kinds, max_size=3),
        "notes": st.dictionaries(st.text("abc", min_size=1), free, max_size=3),
        "prices": st.dictionaries(st.text("abc", min_size=1), cents, max_size=3), "spot": points,
        "berth": points,
        "room": rooms, "rooms": st.lists(rooms, max_size=3), "keeper": st.just("001"), "keepers": st.just(["001"]),
    },
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=shelters)
def test_what_is_sent_is_what_is_read_and_can_be_sent_again(in_a: Program, sent: dict[str, Any]) -> None:
    made = in_a.send("POST", "shelters/", sent)
    assert made.status_code == 201, made.text
    address = "shelters/" + made.json["id"]
    read = in_a.get(address)
    assert read.json == made.json
    assert read.headers["ETag"] == made.headers["ETag"]
    row = read.json["result"]
    for name, value in sent.items():
        assert row[name] == value or (name, value) == ("room", None), name
    before = Shelter.objects.get(pk=made.json["id"]).to_mongo()
    again = {name: value for name, value in row.items() if name not in ("id", "total", "changed_by")}
    written = in_a.send("PUT", address, again, etag=read.headers["ETag"])
    assert written.status_code == 200, written.text
    after = Shelter.objects.get(pk=made.json["id"]).to_mongo()
    assert {**after, "changed_by": None} == {**before, "changed_by": None}
    assert written.json["result"] == {**row, "changed_by": written.json["result"]["changed_by"]}
