"""A resource over HTTP: every method, every refusal, no column set that is not offered, no lost update."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from tests.fabmongo.api.shelter import Program
from tests.fabmongo.zoo import Animal, Keeper


def animal(**changes: Any) -> dict[str, Any]:
    return {"name": "Kit", "kind": "cat", "keeper": "001", "zone": "A", **changes}


def test_the_life_of_a_record(in_a: Any) -> None:
    made = in_a.send("POST", "animals/", animal(born="2020-02-29", fed_at="2024-06-10T08:30:00+07:00", price="12.50"))
    assert made.status_code == 201, made.text
    address = "animals/" + made.json["id"]
    assert made.headers["Location"] == f"/api/v1/{address}"
    read = in_a.get(address)
    assert read.json == made.json
    assert read.headers["ETag"] == made.headers["ETag"]
    row = read.json["result"]
    assert (row["born"], row["fed_at"], row["price"]) == ("2020-02-29", "2024-06-10T01:30:00Z", "12.50")
    assert (row["kind"], row["keeper"], row["tame"]) == ("cat", "001", False)
    changed = in_a.send("PATCH", address, {"legs": 3}, etag=read.headers["ETag"])
    assert (changed.status_code, changed.json["result"]["legs"]) == (200, 3)
    assert changed.json["result"]["born"] == "2020-02-29"
    whole = in_a.send("PUT", address, animal(name="Kat"), etag=changed.headers["ETag"])
    assert whole.status_code == 200, whole.text
    assert whole.json["result"]["born"] is None
    assert whole.json["result"]["legs"] == 4
    assert in_a.send("DELETE", address, etag=whole.headers["ETag"]).status_code == 204
    assert in_a.get(address).status_code == 404


def test_a_write_needs_the_state_it_was_made_from(in_a: Any, the_zoo: Any) -> None:
    address = f"animals/{the_zoo.cat.pk}"
    first = in_a.etag(address)
    for method, body in (("PUT", animal()), ("PATCH", {"legs": 1}), ("DELETE", None)):
        assert in_a.send(method, address, body).status_code == 428
    assert in_a.send("PATCH", address, {"legs": 1}, etag=first).status_code == 200
    for method, body in (("PUT", animal()), ("PATCH", {"legs": 2}), ("DELETE", None)):
        answer = in_a.send(method, address, body, etag=first)
        assert answer.status_code == 412
        assert answer.json["current"]["legs"] == 1
        assert answer.headers["ETag"] == in_a.etag(address)
    assert in_a.send("PATCH", address, {"legs": 2}, etag=in_a.etag(address)).status_code == 200


def test_many_writers_of_one_record_lose_nothing(the_zoo: Any, in_a: Any) -> None:
    """Each adds one leg to what it has read; those told 412 read again: in the end all eight count."""
    address = f"animals/{the_zoo.cat.pk}"
    in_a.send("PATCH", address, {"legs": 0}, etag=in_a.etag(address))

    def add_one() -> None:
        program = Program(the_zoo.app, the_zoo.a)
        while True:
            read = program.get(address)
            body = {"legs": read.json["result"]["legs"] + 1}
            if program.send("PATCH", address, body, etag=read.headers["ETag"]).status_code == 200:
                return

    threads = [threading.Thread(target=add_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert in_a.get(address).json["result"]["legs"] == 8


def test_a_background_recount_is_no_false_alarm(the_zoo: Any, in_a: Any) -> None:
    address = f"animals/{the_zoo.cat.pk}"
    etag = in_a.send("PATCH", address, {"legs": 2}, etag=in_a.etag(address)).headers["ETag"]
    Animal._get_collection().update_one({"_id": the_zoo.cat.pk}, {"$set": {"weight": 5.5}})
    answer = in_a.send("PATCH", address, {"legs": 3}, etag=etag)
    assert (answer.status_code, answer.json["result"]["weight"]) == (200, 5.5)


def test_a_foreign_record_does_not_exist(in_a: Any, in_b: Any, the_zoo: Any) -> None:
    address = f"animals/{the_zoo.dog.pk}"
    etag = in_b.etag(address)
    for method, body in (("GET", None), ("PUT", animal()), ("PATCH", {"legs": 1}), ("DELETE", None)):
        assert in_a.send(method, address, body, etag=etag).status_code == 404
    assert Animal.objects.get(pk=the_zoo.dog.pk).legs == 3
    assert [row["name"] for row in in_a.get("animals/").json["result"]] == ["Tom"]
    assert in_a.get("animals/related/keeper?q=").json == {"result": [{"id": "001", "text": "Ann · 001"}], "more": False}
    assert in_a.get("animals/?filter[keeper][eq]=002&filter[zone][eq]=B").json["count"] == 0


def test_a_forged_reference_and_a_move_out_are_refused(in_a: Any, the_zoo: Any) -> None:
    answer = in_a.send("POST", "animals/", animal(keeper="002"))
    assert (answer.status_code, list(answer.json["fields"])) == (400, ["keeper"])
    answer = in_a.send("POST", "animals/", animal(friends=[str(the_zoo.dog.pk)]))
    assert (answer.status_code, list(answer.json["fields"])) == (400, ["friends"])
    assert in_a.send("POST", "animals/", animal(zone="B")).status_code == 403
    address = f"animals/{the_zoo.cat.pk}"
    assert in_a.send("PATCH", address, {"zone": "B"}, etag=in_a.etag(address)).status_code == 403
    room = {"name": "r", "keeper": "002"}
    answer = in_a.send("POST", "shelters/", {"name": "S", "zone": "A", "rooms": [room]})
    assert (answer.status_code, list(answer.json["fields"])) == (400, ["rooms"])
    assert Animal.objects.count() == 2


@pytest.mark.parametrize(
    "column", ["created_by", "changed_on", "id", "_id", "_cls", "pk", "nothing", "$set", "keeper.name", "version"]
)
def test_no_column_is_set_that_is_not_offered(in_a: Any, the_zoo: Any, column: str) -> None:
    answer = in_a.send("POST", "animals/", animal(**{column: "x"}))
    assert (answer.status_code, list(answer.json["fields"])) == (400, [column])
    address = f"animals/{the_zoo.cat.pk}"
    answer = in_a.send("PATCH", address, {column: "x"}, etag=in_a.etag(address))
    assert (answer.status_code, list(answer.json["fields"])) == (400, [column])


def test_a_key_and_a_derived_column_are_not_set(in_a: Any) -> None:
    assert in_a.send("PATCH", "keepers/001", {"code": "003"}, etag=in_a.etag("keepers/001")).status_code == 400
    answer = in_a.send("POST", "shelters/", {"name": "S", "zone": "A", "total": 5})
    assert list(answer.json["fields"]) == ["total"]


@pytest.mark.parametrize("value", [{"$gt": ""}, {"$ne": None}, ["x"], [{"$gt": ""}], 1, True, {"a": {"$where": "1"}}])
@pytest.mark.parametrize("column", ["name", "kind", "keeper", "legs", "tags", "born", "size", "chip", "note", "tame"])
def test_an_operator_is_no_value(in_a: Any, column: str, value: Any) -> None:
    sent = animal(**{column: value})
    answer = in_a.send("POST", "animals/", sent)
    if answer.status_code == 201:
        assert answer.json["result"][column] == value or column == "chip"
        assert not isinstance(value, dict)
    else:
        assert (answer.status_code, list(answer.json["fields"])) in ((400, [column]), (422, [column]))


def test_operators_inside_free_json_are_refused(in_a: Any) -> None:
    for notes in ({"$where": "1"}, {"a": {"$gt": 1}}, {"a.b": 1}, {"": 1}, {"a": 2**70}):
        answer = in_a.send("POST", "shelters/", {"name": "S", "zone": "A", "notes": notes})
        assert (answer.status_code, list(answer.json["fields"])) == (400, ["notes"])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (animal(name=""), ["name"]),
        (animal(name="x" * 31), ["name"]),
        (animal(legs=9), ["legs"]),
        ({"zone": "A"}, ["name", "kind", "keeper"]),
    ],
)
def test_what_the_forms_check_is_checked(in_a: Any, body: dict[str, Any], fields: list[str]) -> None:
    answer = in_a.send("POST", "animals/", body)
    assert (answer.status_code, sorted(answer.json["fields"])) == (422, sorted(fields))


def test_a_duplicate_and_a_record_in_use_conflict(in_a: Any, the_zoo: Any) -> None:
    answer = in_a.send("POST", "animals/", animal(chip="111"))
    assert (answer.status_code, list(answer.json["fields"])) == (409, ["chip"])
    assert in_a.send("DELETE", "keepers/001", etag=in_a.etag("keepers/001")).status_code == 409
    assert Keeper.objects.count() == 2


@pytest.mark.parametrize(
    ("kwargs", "status"),
    [
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "[1]", "content_type": "application/json"}, 400),
        ({"data": '{"name": NaN}', "content_type": "application/json"}, 400),
        ({"data": '{"name": "\\ud800"}', "content_type": "application/json"}, 400),
        ({"data": b'{"name": "\xff"}', "content_type": "application/json"}, 400),
        ({"data": "[" * 100_000, "content_type": "application/json"}, 400),
        ({"data": '{"legs": ' + "9" * 5000 + "}", "content_type": "application/json"}, 400),
        ({"data": '{"name": "' + "x" * 1_100_000 + '"}', "content_type": "application/json"}, 413),
        ({"data": "name=x", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"data": "{}"}, 415),
    ],
)
def test_a_malformed_body_is_told(in_a: Any, kwargs: dict[str, Any], status: int) -> None:
    answer = in_a.send("POST", "animals/", **kwargs)
    assert (answer.status_code, set(answer.json)) == (status, {"message", "fields"})


def test_secrets_are_whole_only_for_who_may_change_this_record(in_a: Any, the_zoo: Any) -> None:
    address = f"animals/{the_zoo.cat.pk}"
    assert in_a.get("animals/").json["result"][0]["chip"] == "•••"
    assert in_a.get(address).json["result"]["chip"] == "111"
    answer = in_a.send("PATCH", address, {"chip": "•••"}, etag=in_a.etag(address))
    assert (answer.status_code, list(answer.json["fields"])) == (400, ["chip"])
    reader = readers_program(the_zoo)
    assert reader.get(address).json["result"]["chip"] == "•••"
    assert reader.send("PATCH", address, {"legs": 1}, etag="x").status_code == 403
    assert reader.send("POST", "animals/", animal()).status_code == 403
    assert reader.get("animals/_info").json["permissions"] == ["list", "show"]


def readers_program(the_zoo: Any) -> Any:
    from tests.fabmongo import zoo
    from tests.fabmongo.api.shelter import Program

    with the_zoo.app.app_context():
        the_zoo.builder.sm.set_role("reader", ("อ่าน", "Reader"), [("AnimalView", "can_(list|show)")])
    return Program(the_zoo.app, zoo.make_user("r", "zone", {"zone": "A"}, role="reader"))


def test_the_info_tells_columns_in_both_languages(in_a: Any) -> None:
    told = in_a.get("animals/_info").json
    name = next(column for column in told["columns"] if column["name"] == "name")
    assert name["label"] == {"en": "Name", "th": "ชื่อ"}
    assert {"name": "sw", "label": {"en": "Starts with", "th": "ขึ้นต้นด้วย"}} in name["filters"]
    kind = next(column for column in told["columns"] if column["name"] == "kind")
    assert kind["choices"][0] == {"value": "cat", "label": {"en": "Feline", "th": "แมว"}}


def test_errors_speak_the_language_asked_for(in_a: Any) -> None:
    thai = in_a.get("animals/000", headers={"Accept-Language": "th"})
    assert "ไม่พบ" in thai.json["message"]
    assert "Set-Cookie" not in thai.headers


def test_unknown_addresses_and_methods_answer_json(in_a: Any) -> None:
    wrong = (("GET", "nothing/", 404), ("PATCH", "animals/", 405), ("GET", "animals/related/name", 404))
    for method, address, status in wrong:
        answer = in_a.send(method, address)
        assert answer.status_code == status
        assert set(json.loads(answer.text)) == {"message", "fields"}
