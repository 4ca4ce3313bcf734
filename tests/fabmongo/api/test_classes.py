"""Subclasses over REST: `_class` says which, each has its own columns, and an unknown one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fabmongo.ark import Ark, Raft

RAFT = {"_class": "Raft", "name": "Kon", "zone": "A", "logs": 9, "secret_place": "bay"}


def test_the_life_of_a_record_of_a_subclass(in_a: Any) -> None:
    made = in_a.send("POST", "arks/", RAFT)
    assert made.status_code == 201, made.text
    address = "arks/" + made.json["id"]
    assert isinstance(Ark.objects.get(), Raft)
    read = in_a.get(address)
    assert read.json == made.json
    assert {name: read.json["result"][name] for name in RAFT} == RAFT
    patched = in_a.send("PATCH", address, {"logs": 4}, etag=read.headers["ETag"])
    assert (patched.status_code, patched.json["result"]["logs"]) == (200, 4)
    assert patched.json["result"]["secret_place"] == "bay"
    again = {"_class": "Raft", "name": "Kon", "zone": "A", "logs": 5}
    whole = in_a.send("PUT", address, again, etag=patched.headers["ETag"])
    assert whole.status_code == 200, whole.text
    assert whole.json["result"]["secret_place"] is None
    assert in_a.get(address).json == whole.json
    assert in_a.send("DELETE", address, etag=whole.headers["ETag"]).status_code == 204


def test_a_list_names_the_class_of_each_row(in_a: Any) -> None:
    in_a.send("POST", "arks/", RAFT)
    plain = in_a.send("POST", "arks/", {"name": "Noah", "zone": "A"})
    assert plain.json["result"]["_class"] == "Ark"
    assert "logs" not in plain.json["result"]
    assert [row["_class"] for row in in_a.get("arks/?order=name").json["result"]] == ["Raft", "Ark"]
    assert "_class" not in in_a.get("keepers/").json["result"][0]


@pytest.mark.parametrize("name", ["Submarine", "Ark.Raft", "User", "", None, 1, ["Raft"], {"$ne": "Ark"}])
def test_an_unknown_class_is_refused(in_a: Any, name: Any) -> None:
    answer = in_a.send("POST", "arks/", {**RAFT, "_class": name})
    assert (answer.status_code, list(answer.json["fields"])) == (400, ["_class"])
    assert Ark.objects.count() == 0


def test_a_class_has_its_own_columns_and_rules_and_keeps_its_class(in_a: Any) -> None:
    answer = in_a.send("POST", "arks/", {"name": "Noah", "zone": "A", "logs": 3})
    assert (answer.status_code, list(answer.json["fields"])) == (400, ["logs"])
    answer = in_a.send("POST", "arks/", {"_class": "Raft", "name": "Kon", "zone": "A", "logs": 1})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["logs"])
    answer = in_a.send("POST", "arks/", {"_class": "Raft", "name": "Kon", "zone": "A"})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["logs"])
    made = in_a.send("POST", "arks/", RAFT)
    address = "arks/" + made.json["id"]
    for method in ("PUT", "PATCH"):
        answer = in_a.send(method, address, {"_class": "Ark", "name": "x", "zone": "A"}, etag=made.headers["ETag"])
        assert (answer.status_code, list(answer.json["fields"])) == (400, ["_class"])
    answer = in_a.send("POST", "animals/", {"_class": "Animal", "name": "x", "kind": "cat", "zone": "A"})
    assert (answer.status_code, list(answer.json["fields"])) == (400, ["_class"])


def test_the_document_describes_the_classes(in_a: Any) -> None:
    schemas = in_a.get("_openapi").json["components"]["schemas"]
    for name in ("arks", "arks.post", "arks.put", "arks.patch"):
        assert schemas[name]["properties"]["_class"]["enum"] == ["Ark", "Raft"]
        assert schemas[name]["properties"]["logs"]["type"] == "integer"
        assert "logs" not in schemas[name].get("required", ())
    assert "_class" not in schemas["animals"]["properties"]


def test_what_has_an_inside_is_patched_as_a_whole(in_a: Any) -> None:
    inside = {
        "notes": {"a": [1, {"b": None}]}, "prices": {"x": "1.50"},
        "cabins": [{"name": "one"}, {"name": "two", "beds": 1}],
        "bridge": {"name": "main"}, "spot": {"type": "Point", "coordinates": [100.5, 13.75]},
    }  # fmt: skip
    made = in_a.send("POST", "arks/", {"name": "Noah", "zone": "A", **inside})
    assert made.status_code == 201, made.text
    address, etag = "arks/" + made.json["id"], made.headers["ETag"]
    for column, value in (
        ("notes", {"c": True}), ("prices", {}), ("cabins", [{"name": "three"}]), ("bridge", None),
        ("spot", {"type": "Point", "coordinates": [-0.5, 90]}),
    ):  # fmt: skip
        answer = in_a.send("PATCH", address, {column: value}, etag=etag)
        assert answer.status_code == 200, answer.text
        etag, read = answer.headers["ETag"], in_a.get(address).json["result"]
        if column == "cabins":
            assert [cabin["name"] for cabin in read["cabins"]] == ["three"]
        else:
            assert (read[column] or None) == (value or None), column
        assert read["name"] == "Noah"
    for column, wrong in (
        ("spot", {"type": "Point", "coordinates": [181, 0]}), ("spot", [1, 2]), ("notes", {"$where": "1"}),
        ("cabins", {"name": "x"}), ("cabins", [{"nothing": 1}]), ("prices", {"x": "many"}), ("bridge", [1]),
    ):  # fmt: skip
        answer = in_a.send("PATCH", address, {column: wrong}, etag=etag)
        assert (answer.status_code, list(answer.json["fields"])) == (400, [column])
