"""The reason of a write: no way of writing passes without one where the rules want it, and history keeps it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.fabmongo.audit import AuditEntry
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.scope import acting_as
from app.fabmongo.writes import WriteRules
from tests.fabmongo.zoo import Animal, AnimalView

FORM = {"name": "Tom", "chip": "111", "kind": "cat", "legs": "4", "keeper": "001", "zone": "A"}
WHY = "ชิปอ่านผิด & <แก้>"
BOX = re.compile(r'<textarea[^>]*name="_reason"[^>]*>\s*([^<]*)</textarea>')


class Asking(WriteRules):
    def needs_reason(self, actor: Any, document: Any) -> Any:
        return T("ตอบก่อน", "The inspector wants to know")


@pytest.fixture
def asking(the_zoo: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The zoo, whose rules of animals want a reason of every write."""
    monkeypatch.setattr(AnimalView.datamodel, "rules", Asking())
    return the_zoo


def reasons() -> list[Any]:
    return [raw.get("reason") for raw in AuditEntry._get_collection().find().sort("_id", 1)]


def test_without_a_rule_no_form_asks_and_a_given_reason_is_kept_all_the_same(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    assert not BOX.search(visitor.get("/animalview/add").text + visitor.get(f"/animalview/edit/{pk}").text)
    assert visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": "Kit"}).status_code == 302
    assert reasons() == [None]


@pytest.mark.parametrize("page", ["add", "edit"])
def test_a_form_asks_keeps_what_was_typed_and_stores_it(asking: Any, page: str) -> None:
    visitor = asking.visitor(asking.a)
    path = "/animalview/add" if page == "add" else f"/animalview/edit/{asking.cat.pk}"
    form = {**FORM, "name": "Kit", "chip": "333"}
    assert "The inspector wants to know" in visitor.get(path).text
    for reason, text in (("", "Give the reason."), ("  ", "Give the reason."), ("x" * 501, "Longer than 500")):
        answer = visitor.post(path, {**form, "_reason": reason})
        assert answer.status_code == 200 and text in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert Animal.objects(name="Kit").count() == 0
    kept = BOX.search(visitor.post(path, {**form, "name": "", "_reason": WHY}).text)
    assert kept is not None and kept[1] == WHY.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert visitor.post(path, {**form, "_reason": f" {WHY} "}).status_code == 302
    assert reasons() == [WHY]
    pk = Animal.objects.get(name="Kit").pk
    assert "&lt;แก้&gt;" in visitor.get(f"/animalview/history/{pk}").text


class AskingOfKit(WriteRules):
    """Wants a reason because of what somebody types."""

    def needs_reason(self, actor: Any, document: Any) -> Any:
        return T("ตอบก่อน", "The inspector wants to know") if getattr(document, "name", None) == "Kit" else None


@pytest.mark.parametrize("page", ["add", "edit"])
def test_what_is_typed_may_be_why_a_form_asks(the_zoo: Any, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    monkeypatch.setattr(AnimalView.datamodel, "rules", AskingOfKit())
    visitor = the_zoo.visitor(the_zoo.a)
    path = "/animalview/add" if page == "add" else f"/animalview/edit/{the_zoo.cat.pk}"
    form = {**FORM, "name": "Kit", "chip": "333"}
    assert not BOX.search(visitor.get(path).text)
    for again in ({}, {"_reason": " "}):
        refused = visitor.post(path, {**form, **again}).text
        assert BOX.search(refused) and "The inspector wants to know" in refused and "Give the reason." in refused
    assert Animal.objects(name="Kit").count() == 0
    assert visitor.post(path, {**form, "_reason": WHY}).status_code == 302
    assert reasons() == [WHY]


def test_a_stale_save_keeps_the_reason(asking: Any) -> None:
    visitor, path = asking.visitor(asking.a), f"/animalview/edit/{asking.cat.pk}"
    base = re.search(r'name="_base" value="([^"]*)"', visitor.get(path).text)
    assert base is not None
    assert visitor.post(path, {**FORM, "name": "Felix", "_reason": "first", "_base": base[1]}).status_code == 302
    page = visitor.post(path, {**FORM, "name": "Kit", "_reason": WHY, "_base": base[1]}).text
    box = BOX.search(page)
    assert "somebody else saved" in page and box is not None and "ชิปอ่านผิด" in box[1]


def test_deleting_asks_on_a_page_of_its_own(asking: Any) -> None:
    visitor, pk = asking.visitor(asking.a), asking.cat.pk
    page = visitor.post(f"/animalview/delete/{pk}", {"seen": "7"})
    assert page.status_code == 200 and BOX.search(page.text) and 'name="seen" value="7"' in page.text
    assert "error-summary" not in page.text
    assert "error-summary" in visitor.post(f"/animalview/delete/{pk}", {"_reason": " "}).text
    assert Animal.objects(pk=pk).count() == 1
    assert visitor.post(f"/animalview/delete/{pk}", {"_reason": WHY}).status_code == 302
    assert Animal.objects(pk=pk).count() == 0 and reasons() == [WHY]


def test_both_ways_back_ask_too(asking: Any) -> None:
    visitor, pk = asking.visitor(asking.a), asking.cat.pk
    visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": "Felix", "_reason": "1"})
    change = AuditEntry._get_collection().find_one({"verb": "change"})["_id"]
    path = f"/animalview/restore/{pk}/{change}/name"
    assert BOX.search(visitor.post(path).text)
    assert visitor.post(path, {"_reason": "2"}).status_code == 302
    visitor.post(f"/animalview/delete/{pk}", {"_reason": "3"})
    gone = AuditEntry._get_collection().find_one({"verb": "delete"})["_id"]
    assert BOX.search(visitor.post(f"/animalview/undelete/{gone}").text)
    assert visitor.post(f"/animalview/undelete/{gone}", {"_reason": "4"}).status_code == 302
    assert Animal.objects.get(pk=pk).name == "Tom"
    assert reasons() == ["1", "2", "3", "4"]


def test_the_interface_itself_refuses_so_no_view_can_forget(asking: Any) -> None:
    animals = MongoInterface(Animal, Asking())
    with acting_as(asking.a):
        cat = animals.get(asking.cat.pk)
        cat.name = "Kit"
        for write in (animals.edit, animals.delete):
            with pytest.raises(WriteRefused) as refused:
                write(cat)
            assert set(refused.value.fields) == {"_reason"}
        cat._reason = "x" * 501
        with pytest.raises(WriteRefused):
            animals.edit(cat)
    assert Animal.objects.get(pk=cat.pk).name == "Tom"
