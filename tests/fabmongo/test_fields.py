"""Every kind of column through the form and back: typed, stored, shown, refused."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.fabmongo.formats import Formats
from tests.fabmongo.ark import PNG, Ark, upload
from tests.fabmongo.ark_pages import inputs, posted
from tests.fabmongo.zoo import Visitor

ADD = "/arkview/add?_class=Ark"


def buddhist(text: str) -> date:
    day, month, year = map(int, text.split("/"))
    return date(year - 543, month, day)


AHEAD = timedelta(hours=7)
THAI = Formats(
    parse_date=buddhist, edit_date=lambda day: f"{day:%d/%m}/{day.year + 543}", utc_offset=AHEAD,
    format_datetime=lambda moment: f"{moment + AHEAD:%H.%M} น.",
)  # fmt: skip


@pytest.fixture
def a(the_ark: Any) -> Visitor:
    return the_ark.visitor(the_ark.a)


def raw() -> dict[str, Any]:
    found: dict[str, Any] = Ark._get_collection().find_one({"name": "Noah"})
    return found


def add(visitor: Visitor, **values: Any) -> dict[str, Any]:
    answer = visitor.post(ADD, {"name": "Noah", "zone": "A", **values})
    assert answer.status_code == 302, answer.text
    return raw()


def edit(visitor: Visitor, **changes: Any) -> Any:
    address = f"/arkview/edit/{raw()['_id']}"
    return visitor.post(address, posted(visitor.get(address).text, **changes))


@pytest.mark.parametrize(
    ("column", "typed", "kept", "shown"),
    [
        ("mail", "a@example.org", "a@example.org", "a@example.org"),
        ("site", "https://example.org/x", "https://example.org/x", "https://example.org/x"),
        ("serial", str(uuid.UUID(int=7)), uuid.UUID(int=7), str(uuid.UUID(int=7))),
        ("sails_at", "2024-06-10 08:30", datetime(2024, 6, 10, 8, 30), "2024-06-10 08:30"),
        ("sails_at", "2024-06-10", datetime(2024, 6, 10), "2024-06-10 00:00"),
        ("sails_at", "2024-06-10 08.30 น.", datetime(2024, 6, 10, 8, 30), "2024-06-10 08:30"),
        ("price", "1,234.50", 1234.5, "1234.50"),
        ("depths", "3\n5", [3, 5], "3, 5"),
        ("stops", "2024-06-10 08:30", [datetime(2024, 6, 10, 8, 30)], "2024-06-10 08:30"),
        ("notes", '{"a": [1, "x"]}', {"a": [1, "x"]}, "a: 1, x"),
        ("prices", '{"hay": "1.50"}', {"hay": 1.5}, "hay: 1.50"),
        ("spot", ["13.75", "100.5"], {"type": "Point", "coordinates": [100.5, 13.75]}, "13.75, 100.5"),
        ("spot", ["13.75, 100.5", ""], {"type": "Point", "coordinates": [100.5, 13.75]}, "13.75, 100.5"),
    ],
)
def test_a_value_is_typed_stored_shown_and_saved_again_unchanged(
    a: Visitor, column: str, typed: Any, kept: Any, shown: str
) -> None:
    row = add(a, **{column: typed})
    value = row[column].as_uuid(3) if hasattr(row[column], "as_uuid") and row[column].subtype == 3 else row[column]
    assert value == kept
    assert shown in a.get(f"/arkview/show/{row['_id']}").text
    assert a.get("/arkview/list/").status_code == 200
    assert edit(a).status_code == 302
    assert raw() == row
    assert edit(a, **{column: [""]}).status_code == 302
    assert not raw().get(column)


@pytest.mark.parametrize(
    ("column", "typed", "th", "en"),
    [
        ("mail", "nobody", "อีเมลไม่ถูกต้อง", "Not a valid e-mail"),
        ("site", "nowhere", "ที่อยู่เว็บไม่ถูกต้อง", "Not a valid web address"),
        ("serial", "12-34", "ไม่ใช่รหัส UUID", "is not a UUID"),
        ("sails_at", "2024-06-10 25:00", "ไม่ใช่เวลาที่ถูกต้อง", "is not a valid time"),
        ("sails_at", "noon", "ไม่ใช่วันที่ที่ถูกต้อง", "is not a valid date"),
        ("depths", "3\nmany", "ไม่ใช่ตัวเลขที่ใช้ได้", "is not a usable number"),
        ("notes", "{a", "ไม่ใช่ JSON ที่ถูกต้อง", "Not valid JSON"),
        ("notes", "[1]", "ต้องเป็นวัตถุ", "Must be an object"),
        ("notes", '{"$where": "1"}', "ใช้ไม่ได้", "cannot be used"),
        ("prices", '{"hay": "much"}', "ค่านี้ใช้ไม่ได้", "cannot be used"),
        ("spot", ["91", "0"], "ละติจูดอยู่ระหว่าง", "Latitude lies between"),
        ("spot", ["13", ""], "ไม่ใช่ตัวเลขที่ใช้ได้", "is not a usable number"),
    ],
)
def test_what_cannot_be_is_told_in_both_languages_and_kept(
    a: Visitor, column: str, typed: Any, th: str, en: str
) -> None:
    for language, text in (("th", th), ("en", en)):
        answer = a.post(f"{ADD}&_l_={language}", {"name": "Noah", "zone": "A", column: typed})
        assert answer.status_code == 200
        assert text in answer.text
        wanted = typed if isinstance(typed, list) else [typed.replace("\n", "\r\n")]
        assert inputs(answer.text)[column] == wanted
    assert raw() is None


def test_a_moment_is_typed_in_the_time_of_the_people(the_ark: Any, a: Visitor) -> None:
    """With an application's own formats: the Buddhist era and Thailand's time."""
    the_ark.app.extensions["fabmongo_formats"] = THAI
    try:
        row = add(a, sails_at="10/06/2567 08:30")
        assert row["sails_at"] == datetime(2024, 6, 10, 1, 30)
        page = a.get(f"/arkview/edit/{row['_id']}?_l_=th").text
        assert inputs(page)["sails_at"] == ["10/06/2567 08:30"]
        assert "08.30 น." in a.get(f"/arkview/show/{row['_id']}?_l_=th").text
    finally:
        del the_ark.app.extensions["fabmongo_formats"]


# -- embedded documents --------------------------------------------------------------------


CABINS = {
    "cabins-_row": ["", "n1", "n2", "n0"],
    "cabins-n1-name": "Cats", "cabins-n1-beds": "4", "cabins-n1-keeper": "001",
    "cabins-n1-meals-_row": ["", "n0"], "cabins-n1-meals-n0-food": "fish",
    "cabins-n2-name": "Dogs", "cabins-n2-kind": "dog",
    "cabins-n0-name": "", "cabins-n0-beds": "2",
}  # fmt: skip


def names() -> list[str]:
    return [cabin["name"] for cabin in raw()["cabins"]]


def test_rows_are_added_and_a_blank_one_is_dropped(a: Visitor) -> None:
    row = add(a, **CABINS)
    assert names() == ["Cats", "Dogs"]
    assert row["cabins"][0]["meals"] == [{"food": "fish"}]
    assert (row["cabins"][0]["beds"], row["cabins"][0]["keeper"]) == (4, "001")
    page = a.get(f"/arkview/show/{row['_id']}").text
    assert "Cats" in page and "Ann" in page and "fish" in page
    assert "Dogs" in a.get("/arkview/list/").text
    assert edit(a).status_code == 302
    assert raw() == row


def test_rows_are_moved_and_removed(a: Visitor) -> None:
    add(a, **CABINS)
    key = {"_id": raw()["_id"]}
    Ark._get_collection().update_one(key, {"$set": {"cabins.1.hidden": raw()["_id"]}})
    assert edit(a, **{"cabins-_row": ["", "1", "0", "n0"]}).status_code == 302
    assert names() == ["Dogs", "Cats"]
    assert raw()["cabins"][0]["hidden"] == raw()["_id"]
    assert edit(a, **{"cabins-_row": ["", "1"]}).status_code == 302
    assert names() == ["Cats"]
    assert edit(a, **{"cabins-0-_drop": "1"}).status_code == 302
    assert not raw().get("cabins")


def test_an_embedded_document_is_made_changed_and_emptied(a: Visitor) -> None:
    assert "bridge" not in add(a)
    assert edit(a, **{"bridge-name": "Top", "bridge-pin": "s3cret"}).status_code == 302
    assert raw()["bridge"]["name"] == "Top"
    page = a.get(f"/arkview/show/{raw()['_id']}").text
    assert "Top" in page and "s3cret" not in page
    assert edit(a, **{"bridge-name": "", "bridge-pin": "", "bridge-beds": ""}).status_code == 302
    assert raw().get("bridge") is None


def test_errors_stand_on_the_nested_field_and_nothing_typed_is_lost(a: Visitor) -> None:
    bad = {**CABINS, "cabins-n2-name": "", "cabins-n2-mail": "nobody", "cabins-n1-beds": "99",
           "cabins-n1-meals-n0-grams": "few"}
    answer = a.post(ADD, {"name": "Noah", "zone": "A", **bad})
    assert answer.status_code == 200
    for name in ("cabins-n2-name", "cabins-n2-mail", "cabins-n1-beds", "cabins-n1-meals-n0-grams"):
        assert f'id="{name}-error"' in answer.text, name
        assert f'href="#{name}"' in answer.text, name
    kept = inputs(answer.text)
    assert kept["cabins-n2-mail"] == ["nobody"] and kept["cabins-n1-meals-n0-grams"] == ["few"]
    assert kept["cabins-_row"][:3] == ["", "n1", "n2"]


@pytest.mark.parametrize("where", ["cabins-n1-keeper", "bridge-keeper"])
def test_a_forged_reference_inside_is_refused(a: Visitor, where: str) -> None:
    answer = a.post(ADD, {"name": "Noah", "zone": "A", **CABINS, "bridge-name": "Top", where: "002"})
    assert answer.status_code == 200
    assert "is not in your area" in answer.text and f'id="{where}-error"' in answer.text
    assert raw() is None


def test_the_write_path_looks_inside(the_ark: Any) -> None:
    from app.fabmongo.errors import WriteRefused
    from app.fabmongo.scope import acting_as
    from tests.fabmongo.ark import ArkView, Cabin
    from tests.fabmongo.zoo import Keeper

    bob = Keeper.objects.get(code="002")
    with the_ark.app.test_request_context(), acting_as(the_ark.a):
        for inside in ({"bridge": Cabin(name="x", keeper=bob)}, {"cabins": [Cabin(name="x", keeper=bob)]}):
            with pytest.raises(WriteRefused) as refused:
                ArkView.datamodel.add(Ark(name="Noah", zone="A", **inside))
            assert list(refused.value.fields) == list(inside)


def test_choices_of_a_nested_reference_are_in_scope(a: Visitor) -> None:
    answer = a.get("/arkview/select/cabins.keeper")
    assert [one["id"] for one in answer.json["results"]] == ["001"]
    for wrong in ("cabins.name", "cabins.none", "cabins", "nothing.keeper", "mail.keeper", "cabins.keeper.zone"):
        assert a.get(f"/arkview/select/{wrong}").status_code == 404, wrong


# -- files ---------------------------------------------------------------------------------


def chunks(db: Any) -> tuple[int, int]:
    return db["fs.files"].count_documents({}), db["fs.chunks"].count_documents({})


def test_a_file_is_stored_shown_replaced_and_removed(a: Visitor, db: Any) -> None:
    row = add(a, plan=upload(b"one"))
    address = f"/arkview/file/{row['_id']}/plan"
    for page in (f"show/{row['_id']}", "list/"):
        assert f'href="{address}"' in a.get(f"/arkview/{page}").text
    answer = a.get(address)
    assert answer.data == b"one"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=\"plan.pdf\"")
    assert edit(a, name="Noah").status_code == 302
    assert raw()["plan"] == row["plan"]
    assert edit(a, plan=upload(b"two", "แผน.pdf")).status_code == 302
    assert a.get(address).data == b"two"
    assert chunks(db) == (1, 1)
    assert edit(a, **{"plan-remove": "1"}).status_code == 302
    assert "plan" not in raw()
    assert chunks(db) == (0, 0)
    assert a.get(address).status_code == 404


def test_a_file_is_given_out_inside_the_scope_only(the_ark: Any, a: Visitor) -> None:
    address = f"/arkview/file/{add(a, plan=upload())['_id']}"
    assert the_ark.visitor(the_ark.b).get(f"{address}/plan").status_code == 404
    assert the_ark.app.test_client().get(f"{address}/plan").status_code in (302, 401)
    for wrong in ("name", "photo", "nothing", "__class__"):
        assert a.get(f"{address}/{wrong}").status_code == 404


def test_a_refused_write_leaves_no_chunks(a: Visitor, db: Any) -> None:
    assert a.post(ADD, {"name": "", "zone": "A", "plan": upload()}).status_code == 200
    answer = a.post(ADD, {"name": "Noah", "zone": "B", "plan": upload()})
    assert answer.status_code == 200 and "choose the file again" in answer.text
    assert chunks(db) == (0, 0)


@pytest.mark.parametrize(
    ("column", "content", "text"),
    [("plan", b"x" * 2001, "larger than"), ("photo", b"<svg onload=alert(1)>", "Not a PNG")],
)
def test_a_file_that_is_too_large_or_no_image_is_refused(
    a: Visitor, db: Any, column: str, content: bytes, text: str
) -> None:
    answer = a.post(ADD, {"name": "Noah", "zone": "A", column: upload(content, "x.png")})
    assert answer.status_code == 200 and text in answer.text
    assert chunks(db) == (0, 0)


def test_an_image_by_its_content(a: Visitor) -> None:
    from tests.fabmongo.ark import PNG

    row = add(a, photo=upload(PNG, "x.txt"))
    assert a.get(f"/arkview/file/{row['_id']}/photo").data == PNG


def test_an_earlier_file_that_is_gone_is_not_brought_back(a: Visitor, db: Any) -> None:
    row = add(a, plan=upload(b"one"))
    edit(a, plan=upload(b"two"))
    entry = db["audit_entries"].find_one({"verb": "change"})
    a.post(f"/arkview/restore/{row['_id']}/{entry['_id']}/plan")
    assert a.get(f"/arkview/file/{row['_id']}/plan").data == b"two"
    assert "plan.pdf" in a.get(f"/arkview/history/{row['_id']}").text


def test_files_and_nested_references_of_many_rows_cost_no_command_each(a: Visitor, db: Any) -> None:
    from tests.commands import COMMANDS

    counts = []
    for wanted in (1, 6):
        while Ark.objects.count() < wanted:
            name = f"Ark {Ark.objects.count()}"
            data = {**CABINS, "name": name, "zone": "A", "bridge-name": "Top", "bridge-keeper": "001"}
            assert a.post(ADD, {**data, "plan": upload()}).status_code == 302
        with COMMANDS.counting() as used:
            assert a.get("/arkview/list/").status_code == 200
        counts.append(len(used))
    assert counts[0] == counts[1]


def test_a_stored_row_of_nothing_but_defaults_is_not_taken_for_a_blank_one(a: Visitor) -> None:
    row = add(a)
    Ark._get_collection().update_one({"_id": row["_id"]}, {"$set": {"cabins": [{"name": "x", "meals": [{}]}]}})
    assert edit(a, mail="a@example.org").status_code == 200  # the meal lacks its food, and is told so
    Ark._get_collection().update_one({"_id": row["_id"]}, {"$set": {"cabins.0.meals": [{"food": "hay"}]}})
    assert edit(a, mail="a@example.org").status_code == 302
    assert raw()["cabins"][0]["meals"] == [{"food": "hay"}]


def test_a_deleted_record_comes_back_with_its_file(a: Visitor, db: Any) -> None:
    row = add(a, plan=upload(b"one"))
    assert a.post(f"/arkview/delete/{row['_id']}").status_code == 302
    assert a.get(f"/arkview/file/{row['_id']}/plan").status_code == 404
    entry = db["audit_entries"].find_one({"verb": "delete"})
    assert a.post(f"/arkview/undelete/{entry['_id']}").status_code == 302
    assert a.get(f"/arkview/file/{row['_id']}/plan").data == b"one"


@pytest.mark.parametrize(
    ("content", "name", "taken"),
    [
        (b"%PDF-1.7\n...", "scan.txt", True),
        (PNG, "scan.pdf", True),
        (b"\xff\xd8\xff\xe0rest", "a", True),
        (b"GIF89a......", "scan.png", False),
        (b"<script>%PDF-", "scan.pdf", False),
        (b"", "scan.pdf", False),
    ],
)
def test_a_column_may_take_some_kinds_of_files_only_by_their_content(
    a: Visitor, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, taken: bool
) -> None:
    monkeypatch.setattr(Ark.plan, "accepts", ("pdf", "jpg", "png"), raising=False)
    assert 'accept="application/pdf,image/jpeg,image/png"' in a.get(ADD).text
    page = a.post(ADD, {"name": "Ark", "zone": "A", "plan": upload(content, name)})
    assert (page.status_code == 302) == taken
    assert taken or "Not a file of these kinds: PDF, JPG, PNG" in page.text
