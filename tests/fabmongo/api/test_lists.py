"""Lists: pages by key, filters in both forms, hostile parameters, and how many commands they cost."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote

import pytest

from tests.fabmongo.zoo import Animal, Keeper, Kind


@pytest.fixture
def many(the_zoo: Any) -> list[str]:
    """120 animals of zone A, with many ties and holes in every column."""
    dice = random.Random(7)
    ann = Keeper.objects.get(code="001")
    rows = [
        Animal(
            name=f"N{n}", kind=Kind.CAT, keeper=ann, zone="A", legs=dice.choice([None, 0, 1, 2]),
            weight=dice.choice([None, 1.5, 2.5]), size=dice.choice([None, "s", "l"]), tame=dice.choice([True, False]),
        )
        for n in range(120)
    ]  # fmt: skip
    Animal.objects.insert(rows)
    Animal._get_collection().update_many({"legs": 0}, {"$unset": {"legs": 1}})
    return sorted(str(row["_id"]) for row in Animal._get_collection().find({"zone": "A"}, {"_id": 1}))


@pytest.mark.parametrize("column", ["", "legs", "weight", "size", "tame", "name", "keeper", "id", "kind", "born"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_by_key_bring_every_row_once(in_a: Any, many: list[str], column: str, sign: str) -> None:
    order = f"&order={sign}{column}" if column else ""
    seen: list[str] = []
    cursor = ""
    while True:
        answer = in_a.get(f"animals/?page_size=7{order}&cursor={cursor}").json
        assert answer["count"] == len(many)
        seen += answer["ids"]
        cursor = answer["next"]
        if cursor is None:
            break
    assert sorted(seen) == many
    assert len(seen) == len(set(seen))


def test_a_page_goes_on_where_it_ended_though_rows_come_and_go(in_a: Any, many: list[str]) -> None:
    first = in_a.get("animals/?page_size=10&order=name").json
    Animal.objects(pk__in=first["ids"]).delete()
    second = in_a.get(f"animals/?page_size=10&order=name&cursor={first['next']}").json
    assert second["result"][0]["name"] > first["result"][-1]["name"]


def test_a_cursor_is_bound_to_its_list_and_order(in_a: Any, many: list[str]) -> None:
    cursor = in_a.get("animals/?page_size=10&order=name").json["next"]
    for address in (
        f"animals/?order=-name&cursor={cursor}", f"keepers/?cursor={cursor}", f"animals/?order=name&cursor={cursor}A",
        "animals/?cursor=x", "animals/?cursor=%E0%B8%81", f"animals/?order=name&cursor={cursor[4:]}",
    ):  # fmt: skip
        assert in_a.get(address).status_code == 400


@pytest.mark.parametrize("query", ["filter[legs][bt]=1..2", "q=(filters:!((col:legs,opr:bt,value:'1..2')))"])
def test_both_forms_of_a_filter_agree(in_a: Any, many: list[str], query: str) -> None:
    wanted = Animal.objects(zone="A", legs__gte=1, legs__lte=2).count()
    assert in_a.get(f"animals/?{query}").json["count"] == wanted > 0


def test_filters_order_search_and_columns(in_a: Any, the_zoo: Any) -> None:
    the_zoo.cat.update(born="2020-02-29", fed_at="2024-06-10T23:30:00")
    for query, found in (
        ("filter[born][eq]=2020-02-29", 1), ("filter[born][gt]=2020-02-29", 0),
        ("filter[born][bt]=2020-01-01..2020-12-31", 1), ("filter[fed_at][eq]=2024-06-10", 1),
        ("filter[name][sw]=To", 1), ("filter[name][sw]=.*", 0), ("filter[kind][eq]=cat", 1),
        ("filter[kind][neq]=cat", 0),
        ("filter[keeper][eq]=001", 1), ("filter[keeper][rel_o_m]=001", 1), ("filter[keeper][neq]=001", 0),
        ("filter[size][empty]", 1), ("filter[tame][eq]=false", 1), ("search=tom", 0), ("search=Tom", 1),
        ("filter[name][eq]=Tom&filter[name][eq]=Rex", 1),
    ):  # fmt: skip
        answer = in_a.get(f"animals/?{query}")
        assert (query, answer.status_code, answer.json.get("count")) == (query, 200, found)
    assert in_a.get("animals/?columns=name,keeper").json["result"] == [{"name": "Tom", "keeper": "001"}]


HOSTILE = ['{"$gt": ""}', "$where", "[$ne]", "'; return true;//", "\0", "((((", "a" * 5000, "..", "NaN", "1e400", "ก"]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_parameters_are_text_or_a_400(in_a: Any, the_zoo: Any, value: str) -> None:
    told = in_a.get("animals/_info").json
    names = [f"filter[{c['name']}][{f['name']}]" for c in told["columns"] for f in c["filters"]]
    for name in [*names, "search", "order", "page_size", "cursor", "columns", "q", f"filter[name][{value}]", value]:
        answer = in_a.get(f"animals/?{quote(name)}={quote(value)}")
        assert answer.status_code in (200, 400), (name, answer.status_code)
        assert "Rex" not in answer.text
    wrong = ("filter[name][$ne]", "filter[$where][eq]", "filter[zone.x][eq]", "filter[name]", "filter[name][eq][$gt]")
    for name in wrong:
        assert in_a.get(f"animals/?{quote(name)}=B").status_code == 400


@pytest.mark.parametrize(
    "text",
    ["(", "!(", "(filters:x)", "(filters:!(1))", "(filters:!((col:name,opr:eq,value:($gt:''))))", "(page:3)", "1",
     "(a:b)", "(filters:!((col:name)))", "(order_column:$where)", "(columns:!(x))", "(page_size:1000)",
     "(order_column:(a:b))"],
)  # fmt: skip
def test_hostile_rison_is_a_400(in_a: Any, text: str) -> None:
    assert in_a.get(f"animals/?q={quote(text)}").status_code == 400


def test_a_secret_column_is_no_order(in_a: Any) -> None:
    """Its cursor would hold, and its order tell, what the list masks."""
    assert in_a.get("animals/?order=chip").status_code == 400


def test_what_it_costs(in_a: Any, many: list[str], commands: Any) -> None:
    cursor = in_a.get("animals/?page_size=50&order=legs").json["next"]
    key = many[0]
    etag = in_a.etag(f"animals/{key}")
    for most, method, address, body in (
        (5, "GET", "animals/?page_size=100", None),
        (5, "GET", f"animals/?page_size=50&order=legs&cursor={cursor}", None),
        (5, "GET", f"animals/{key}", None),
        (5, "GET", "animals/_info", None),
        (5, "GET", "animals/related/keeper", None),
        (8, "PATCH", f"animals/{key}", {"legs": 1, "name": "New", "keeper": "001"}),
    ):
        with commands.counting() as sent:
            answer = in_a.send(method, address, body, etag=etag)
        assert answer.status_code == 200, answer.text
        assert len(sent) <= most, (address, sent)


def test_many_references_cost_no_more_than_few(boss: Any, many: list[str], commands: Any) -> None:
    for number in range(100, 140):
        Keeper(code=str(number), name="K", zone="A").save()
    rooms = [{"name": "r", "keeper": str(number)} for number in range(100, 140)]
    with commands.counting() as sent:
        answer = boss.send("POST", "shelters/", {"name": "S", "zone": "A", "rooms": rooms})
    assert answer.status_code == 201
    assert len(sent) <= 8, sent
