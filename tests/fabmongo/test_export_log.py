"""Every export is written down before it goes out: who, what, how much and narrowed by what, never by which value."""

from __future__ import annotations

from typing import Any

import pytest

from app.fabmongo.audit import AuditEntry
from tests.fabmongo import zoo
from tests.fabmongo.test_export import more
from tests.fabmongo.zoo import Animal

PATH = "/animalview/export"


def entries() -> list[dict[str, Any]]:
    return list(AuditEntry._get_collection().find({"verb": "export"}).sort("at", 1))


def test_an_export_says_who_took_what_and_no_value(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.boss)
    for form in ("csv", "xlsx"):
        answer = visitor.get(f"{PATH}?format={form}&_flt_0_chip=111&_flt_1_name=To&q=Tom")
        assert answer.status_code == 200 and answer.get_data()
    for raw, form in zip(entries(), ("csv", "xlsx"), strict=True):
        assert (raw["by"], raw["origin"], raw["of"], raw["list"]) == ("boss", "127.0.0.1", "zoo_animals", "AnimalView")
        assert (raw["format"], raw["rows"], raw["whole"]) == (form, 1, True)
        assert sorted(raw["filters"]) == [["", "search"], ["chip", "eq"], ["name", "sw"]]
        assert "chip" in raw["columns"]
        assert "111" not in str(raw) and "Tom" not in str(raw)


def test_all_rows_are_counted_and_a_broken_off_download_too(the_zoo: Any) -> None:
    more("001", 700)
    visitor = the_zoo.visitor(the_zoo.a)
    visitor.get(PATH).get_data()
    assert (entries()[0]["rows"], entries()[0]["whole"]) == (701, True)
    answer = visitor.get(PATH, buffered=False)
    next(iter(answer.response))
    answer.close()
    broken = entries()[1]
    assert broken["whole"] is False and 0 < broken["rows"] < 701


def test_what_is_not_given_out_is_not_written_down(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    assert visitor.get(f"{PATH}?_flt_0_legs=many").status_code == 302
    assert visitor.get(f"{PATH}?format=pdf").status_code == 404
    assert the_zoo.app.test_client().get(PATH).status_code in (302, 401)
    assert entries() == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_cannot_be_written_down_does_not_go_out(the_zoo: Any, db: Any, form: str) -> None:
    entry = AuditEntry._get_collection().name
    if entry not in db.list_collection_names():
        db.create_collection(entry)
    db.command("collMod", entry, validator={"verb": {"$ne": "export"}})
    try:
        answer = the_zoo.visitor(the_zoo.a).get(f"{PATH}?format={form}")
        assert answer.status_code >= 500
        assert "Tom" not in answer.text and "Content-Disposition" not in answer.headers
    finally:
        db.command("collMod", entry, validator={})


def test_people_see_the_exports_of_their_own_area_only(the_zoo: Any) -> None:
    for person in (the_zoo.a, the_zoo.b, the_zoo.boss):
        the_zoo.visitor(person).get(f"{PATH}?_flt_0_kind=cat").get_data()
    seen = {
        person.username: the_zoo.visitor(person).get("/animalview/exports/").text
        for person in (the_zoo.a, the_zoo.b, the_zoo.boss)
    }
    for name, by in (("a", {"a"}), ("b", {"b"}), ("boss", {"a", "b", "boss"})):
        for other in ("a", "b", "boss"):
            assert (f"<td data-label=\"Who\"><span>{other}<br>" in seen[name]) == (other in by), (name, other)
    assert "Kind" in seen["a"] and "Feline" not in seen["a"]
    assert "/animalview/exports/" in the_zoo.visitor(the_zoo.a).get("/animalview/deleted/").text


def test_who_may_only_read_does_not_see_the_exports(the_zoo: Any) -> None:
    with the_zoo.app.app_context():
        the_zoo.builder.sm.set_role("reader", ("อ่าน", "Reader"), [("AnimalView", "can_(list|show)")])
    reader = the_zoo.visitor(zoo.make_user("r", "zone", {"zone": "A"}, role="reader"))
    reader.get(PATH).get_data()
    assert entries()[0]["by"] == "r"
    assert reader.get("/animalview/exports/").status_code in (302, 403)


def test_history_and_deleted_pages_do_not_mind(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    visitor.get(PATH).get_data()
    assert "Exported" not in visitor.get(f"/animalview/history/{pk}").text
    assert visitor.post(f"/animalview/delete/{pk}").status_code == 302
    assert "Tom" in visitor.get("/animalview/deleted/").text
    assert not Animal.objects(pk=pk)
    assert all(entry.verb for entry in AuditEntry.objects())
