"""The history of records: read by whoever reads the record, and a way back that keeps the rules."""

from __future__ import annotations

from typing import Any

from app.fabmongo.audit import AuditEntry
from tests.fabmongo.zoo import Animal, Keeper

FORM = {"name": "Tom", "chip": "111", "kind": "cat", "legs": "4", "keeper": "001", "zone": "A"}


def entry_of(pk: Any, verb: str) -> str:
    raw = AuditEntry._get_collection().find_one({"key": pk, "verb": verb})
    assert raw is not None
    return str(raw["_id"])


def test_the_history_names_who_and_both_values_and_masks_secrets(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": "Felix", "kind": "dog", "chip": "999"})
    page = visitor.get(f"/animalview/history/{pk}").text
    for text in ("Tom", "Felix", "Feline", "Canine", "127.0.0.1", "•••"):
        assert text in page
    assert "999" not in page
    assert the_zoo.visitor(the_zoo.b).get(f"/animalview/history/{pk}").status_code == 404


def test_an_earlier_value_comes_back_as_a_change_of_its_own(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": "Felix"})
    assert visitor.post(f"/animalview/restore/{pk}/{entry_of(pk, 'change')}/name").status_code == 302
    assert Animal.objects.get(pk=pk).name == "Tom"
    assert AuditEntry.objects(of="zoo_animals", key=pk).count() == 2


def test_nothing_is_restored_across_areas_records_or_columns(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": "Felix"})
    entry = entry_of(pk, "change")
    stranger = the_zoo.visitor(the_zoo.b)
    assert stranger.post(f"/animalview/restore/{pk}/{entry}/name").status_code == 404
    assert stranger.post(f"/animalview/restore/{the_zoo.dog.pk}/{entry}/name").status_code == 404
    assert visitor.post(f"/animalview/restore/{pk}/{entry}/zone").status_code == 404
    assert visitor.post(f"/animalview/restore/{pk}/nonsense/name").status_code == 404
    assert visitor.get(f"/animalview/restore/{pk}/{entry}/name").status_code == 405
    assert Animal.objects.get(pk=pk).name == "Felix"


def test_a_deleted_record_comes_back_under_its_key_with_its_history(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    visitor.post(f"/animalview/delete/{pk}")
    assert Animal.objects(pk=pk).count() == 0
    assert "Tom" in visitor.get("/animalview/deleted/").text
    entry = entry_of(pk, "delete")
    assert "Tom" not in the_zoo.visitor(the_zoo.b).get("/animalview/deleted/").text
    assert the_zoo.visitor(the_zoo.b).post(f"/animalview/undelete/{entry}").status_code == 404
    assert visitor.post(f"/animalview/undelete/{entry}").status_code == 302
    back = Animal.objects.get(pk=pk)
    assert (back.name, back.chip, back.keeper.code) == ("Tom", "111", "001")
    assert "Tom" not in visitor.get("/animalview/deleted/").text
    page = visitor.get(f"/animalview/history/{pk}").text
    assert "Restored" in page and "Deleted" in page


def test_a_record_whose_place_is_taken_is_not_brought_back(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    visitor.post(f"/animalview/delete/{pk}")
    Animal(name="Other", chip="111", kind="dog", keeper=Keeper.objects.get(code="001"), zone="A").save()
    page = visitor.post(f"/animalview/undelete/{entry_of(pk, 'delete')}", follow_redirects=True).text
    assert "exists already" in page
    assert Animal.objects(pk=pk).count() == 0


def test_a_page_of_history_costs_at_most_five_commands(the_zoo: Any, commands: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    for number in range(5):
        visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": f"N{number}"})
    with commands.counting() as sent:
        assert visitor.get(f"/animalview/history/{pk}").status_code == 200
    assert len(sent) <= 5, sent


def test_a_save_costs_at_most_eight_commands(the_zoo: Any, commands: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    with commands.counting() as sent:
        assert visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": "Felix"}).status_code == 302
    assert len(sent) <= 8, sent


def test_nothing_stored_in_another_way_is_no_change(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    Animal._get_collection().update_one({"_id": pk}, {"$set": {"born": None, "note": None}, "$unset": {"tags": ""}})
    visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": "Felix"})
    raw = AuditEntry._get_collection().find_one({"key": pk, "verb": "change"})
    assert raw is not None and list(raw["changes"]) == ["name"]
