"""Exports of generated views: what the list and the page show, of every row of the list, and no row more."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from werkzeug.test import Client

from app.fabmongo import export
from app.fabmongo.cells import CHUNK
from tests.fabmongo.zoo import Animal, Keeper, Kind

PATH = "/animalview/export"
ORDER = "_oc_AnimalView=name&_od_AnimalView="


def csv_table(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    text = answer.get_data().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def xlsx_table(answer: Any) -> list[list[Any]]:
    assert answer.status_code == 200, answer.text
    sheet = load_workbook(io.BytesIO(answer.get_data())).active
    assert sheet is not None
    return [["" if value is None else value for value in row] for row in sheet.iter_rows(values_only=True)]


def both(visitor: Any, arguments: str = "") -> list[list[dict[str, Any]]]:
    """The rows of both formats by column name, the numbers of CSV as its texts."""
    tables: list[list[list[Any]]] = [
        csv_table(visitor.get(f"{PATH}?format=csv&{arguments}")),
        xlsx_table(visitor.get(f"{PATH}?format=xlsx&{arguments}")),
    ]
    return [[dict(zip(table[0], row, strict=True)) for row in table[1:]] for table in tables]


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["Name"] for row in rows]


def more(keeper: str, count: int, **changes: Any) -> None:
    """That many further animals of one keeper."""
    zone = Keeper.objects.get(code=keeper).zone
    Animal._get_collection().insert_many(
        {"name": f"M{number:05}", "kind": "cat", "keeper": keeper, "zone": zone, **changes} for number in range(count)
    )


def test_a_foreign_row_is_never_in_the_file(the_zoo: Any) -> None:
    for rows in both(the_zoo.visitor(the_zoo.a)):
        assert names(rows) == ["Tom"]
    for rows in both(the_zoo.visitor(the_zoo.a), "_flt_0_keeper=002"):
        assert names(rows) == []
    for rows in both(the_zoo.visitor(the_zoo.boss)):
        assert sorted(names(rows)) == ["Rex", "Tom"]


def test_filters_and_order_are_the_lists(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.boss)
    more("001", 3)
    for rows in both(visitor, f"{ORDER}desc"):
        assert names(rows) == ["Tom", "Rex", "M00002", "M00001", "M00000"]
    for rows in both(visitor, f"_flt_1_name=M&{ORDER}asc&psize_AnimalView=1&page_AnimalView=2"):
        assert names(rows) == ["M00000", "M00001", "M00002"]
    for rows in both(visitor, "q=Rex"):
        assert names(rows) == ["Rex"]


def test_columns_are_the_lists_and_then_the_pages(the_zoo: Any) -> None:
    head = csv_table(the_zoo.visitor(the_zoo.a).get(PATH))[0]
    assert head[:6] == ["Name", "Chip", "Kind", "Legs", "Born", "Keeper"]
    assert "Weight" in head
    assert len(head) == len(set(head))


def test_the_header_is_in_the_language_of_the_request(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    for table in (csv_table(visitor.get(f"{PATH}?_l_=th")), xlsx_table(visitor.get(f"{PATH}?format=xlsx&_l_=th"))):
        assert table[0][0] == "ชื่อ"
        assert table[1][2] == "แมว"


def test_values_are_as_the_page_shows_them(the_zoo: Any) -> None:
    Animal.objects(pk=the_zoo.cat.pk).update(
        weight=3.5, price=Decimal("-12.50"), tame=True, born=date(2020, 2, 3), fed_at=datetime(2024, 5, 6, 7, 8),
        size="l", tags=["a", "b"], skills=[Kind.DOG], friends=[the_zoo.dog.pk],
    )  # fmt: skip
    text, sheet = (rows[0] for rows in both(the_zoo.visitor(the_zoo.a)))
    shown = {
        "Kind": "Feline", "Keeper": "Ann", "Tame": "Yes", "Born": "2020-02-03", "Fed at": "2024-05-06 07:08",
        "Size": "Large", "Tags": "a, b", "Skills": "Canine", "Friends": "Rex",
    }  # fmt: skip
    for row in (text, sheet):
        assert {name: row[name] for name in shown if name in row} == {k: v for k, v in shown.items() if k in row}
        assert {"Kind", "Keeper", "Tame", "Born", "Fed at", "Size", "Tags", "Skills", "Friends"} <= set(row)
    assert (text["Weight"], text["Price"], text["Legs"]) == ("3.5", "-12.50", "4")
    assert (sheet["Weight"], sheet["Price"], sheet["Legs"]) == (3.5, -12.5, 4)


def test_absent_values_and_lost_references_do_not_break_it(the_zoo: Any) -> None:
    Animal._get_collection().update_one({"_id": the_zoo.cat.pk}, {"$set": {"keeper": "999", "born": None}})
    Animal._get_collection().update_one({"_id": the_zoo.cat.pk}, {"$unset": {"legs": 1, "size": 1}})
    page = the_zoo.visitor(the_zoo.a).get("/animalview/list/").text
    for rows in both(the_zoo.visitor(the_zoo.a)):
        assert rows[0]["Keeper"] == "999 (no longer there)"
        assert rows[0]["Keeper"] in page
        assert str(rows[0]["Legs"]) == "4"  # the field's default, as the list shows it
        assert rows[0]["Born"] == rows[0]["Size"] == ""


def test_a_value_of_a_wrong_type_spoils_nothing(the_zoo: Any) -> None:
    wrong = {"born": ["x"], "chip": 111, "size": "huge", "tame": ["y"], "note": 5}
    Animal._get_collection().update_one({"_id": the_zoo.cat.pk}, {"$set": wrong})
    for rows in both(the_zoo.visitor(the_zoo.a)):
        assert (rows[0]["Name"], rows[0]["Chip"], rows[0]["Size"], rows[0]["Born"]) == ("Tom", "•••", "huge", "x")


def test_secrets_are_masked(the_zoo: Any) -> None:
    for rows in both(the_zoo.visitor(the_zoo.a)):
        assert rows[0]["Chip"] == "•••"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_formulas_are_defused(the_zoo: Any, start: str) -> None:
    evil = f"{start}1+1|cmd"
    Animal._get_collection().update_one({"_id": the_zoo.cat.pk}, {"$set": {"name": evil, "tags": [evil]}})
    Keeper._get_collection().update_one({"_id": "001"}, {"$set": {"name": evil}})
    visitor = the_zoo.visitor(the_zoo.a)
    row = csv_table(visitor.get(PATH))[1]
    assert row[0] == row[5] == f"'{evil}"
    assert not [cell for cell in row if cell.startswith(start)]
    sheet = load_workbook(io.BytesIO(visitor.get(f"{PATH}?format=xlsx").get_data())).active
    assert sheet is not None
    assert {cell.data_type for cell in sheet[2]} <= {"s", "inlineStr", "n"}


def test_texts_a_sheet_cannot_hold_are_cut_not_dropped(the_zoo: Any) -> None:
    Animal._get_collection().update_one(
        {"_id": the_zoo.cat.pk}, {"$set": {"note": "n" * 40_000, "legs": 2**60, "weight": float("nan")}}
    )
    text, sheet = (rows[0] for rows in both(the_zoo.visitor(the_zoo.a)))
    assert len(text["Note"]) == 40_000
    assert len(sheet["Note"]) == export.XLSX_TEXT
    assert (sheet["Legs"], sheet["Weight"]) == (str(2**60), "nan")


def test_commands_do_not_grow_with_the_rows(the_zoo: Any, commands: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    for _ in range(2):
        with commands.counting() as few:
            assert len(csv_table(visitor.get(PATH))) == 2
    more("001", CHUNK * 3, friends=[the_zoo.dog.pk])
    with commands.counting() as many:
        assert len(csv_table(visitor.get(PATH))) == 2 + CHUNK * 3
    finds = [name for name in many if not name.startswith("getMore")]
    assert len(finds) <= len(few) + 1, finds  # one more: the friends' names
    assert len(many) - len(finds) <= 4


def test_csv_is_streamed_and_its_order_survives_the_chunks(the_zoo: Any) -> None:
    more("001", CHUNK * 2 + 7)
    answer = the_zoo.visitor(the_zoo.a).get(f"{PATH}?{ORDER}asc&_flt_1_name=M", buffered=False)
    assert answer.is_streamed
    assert answer.content_length is None
    pieces = [piece.decode("utf-8") for piece in answer.iter_encoded()]
    assert len(pieces) == 4  # the header and three chunks
    rows = list(csv.reader(io.StringIO("".join(pieces)[1:], newline="")))
    assert [row[0] for row in rows[1:]] == [f"M{number:05}" for number in range(CHUNK * 2 + 7)]


def test_an_unknown_format_does_not_exist(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    for name in ("pdf", "", "CSV", "../csv"):
        assert visitor.get(f"{PATH}?format={name}").status_code == 404


def test_a_stranger_is_sent_to_sign_in(the_zoo: Any) -> None:
    client: Client = the_zoo.app.test_client()
    for name in ("csv", "xlsx"):
        answer = client.get(f"{PATH}?format={name}")
        assert answer.status_code == 302
        assert "/login" in answer.location


def test_who_may_not_open_the_page_gets_the_lists_columns(the_zoo: Any) -> None:
    from tests.fabmongo import zoo

    with the_zoo.app.app_context():
        the_zoo.builder.sm.set_role("lister", ("รายการ", "Lister"), [("AnimalView", "can_list")])
    visitor = the_zoo.visitor(zoo.make_user("lister", "zone", {"zone": "A"}, role="lister"))
    table = csv_table(visitor.get(PATH))
    assert table[0] == ["Name", "Chip", "Kind", "Legs", "Born", "Keeper"]
    assert visitor.get("/keeperview/export").status_code in (302, 403)


def test_a_filter_that_cannot_be_met_is_told_once_on_the_list(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    arguments = "_flt_0_legs=many&q=Tom&_external=1&_scheme=evil"
    for name in ("csv", "xlsx"):
        answer = visitor.get(f"{PATH}?format={name}&{arguments}")
        assert answer.status_code == 302
        assert answer.location == f"/animalview/list/?{arguments}"
        page = visitor.get("/animalview/list/?_flt_0_legs=many&q=Tom")
        assert page.status_code == 200
        with visitor.client.session_transaction() as session:
            assert len(session.get("_flashes", [])) <= 1
            session.pop("_flashes", None)


def test_a_sheet_has_an_end_and_says_so(the_zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    more("001", 3)
    visitor = the_zoo.visitor(the_zoo.a)
    monkeypatch.setattr(export, "XLSX_ROWS", 4)
    assert len(xlsx_table(visitor.get(f"{PATH}?format=xlsx"))) == 5
    monkeypatch.setattr(export, "XLSX_ROWS", 3)
    answer = visitor.get(f"{PATH}?format=xlsx&_flt_1_name=")
    assert answer.status_code == 302
    with visitor.client.session_transaction() as session:
        assert "1,048,575" in session["_flashes"][0][1]
    assert len(csv_table(visitor.get(f"{PATH}?format=csv"))) == 5


def test_the_file_is_named_in_ascii_and_in_the_readers_language(the_zoo: Any) -> None:
    for name, kind in (("csv", "text/csv; charset=utf-8"), ("xlsx", export.TYPES["xlsx"])):
        answer = the_zoo.visitor(the_zoo.a).get(f"{PATH}?format={name}")
        said = answer.headers["Content-Disposition"]
        assert answer.content_type == kind
        assert said.startswith("attachment; filename=animalview-20")
        assert f".{name}" in said
        assert "Animal-20" in unquote(said.partition("filename*=UTF-8''")[2])


def test_the_list_offers_both_with_its_own_arguments(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    page = visitor.get("/animalview/list/?_flt_1_name=T&_flt_1_name=To&page_AnimalView=0&_external=1").text
    for name in ("csv", "xlsx"):
        assert f'href="{PATH}?_flt_1_name=T&amp;_flt_1_name=To&amp;_external=1&amp;format={name}"' in page
    assert PATH not in visitor.get("/animalview/list/?q=nobody").text
