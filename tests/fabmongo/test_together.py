"""What is read together: a record with its references, the names of filters, and several lists at once."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from app.fabmongo.interface import MongoInterface
from app.fabmongo.keyset import Place
from app.fabmongo.related import names_in_scope
from app.fabmongo.scope import acting_as
from app.fabmongo.together import Wanted, read_pages
from tests.fabmongo.zoo import Animal, AnimalView, Keeper, make_user

ANIMALS, KEEPERS = MongoInterface(Animal), MongoInterface(Keeper)
NAME = ("name", "asc")


def test_a_record_comes_with_what_it_refers_to(as_boss: Any, commands: Any) -> None:
    with commands.counting() as sent:
        cat = ANIMALS.get(as_boss.cat.pk, references=["keeper", "friends", "name", "nothing"])
        assert (cat.name, cat.keeper.name) == ("Tom", "Ann")
    assert len(sent) == 1, sent
    assert cat._stored["keeper"] == "001"
    assert not [name for name in cat._stored if name.startswith("_joined")]


def test_a_record_out_of_scope_does_not_come_with_its_references_either(the_zoo: Any) -> None:
    with acting_as(the_zoo.a):
        assert ANIMALS.get(the_zoo.dog.pk, references=["keeper"]) is None
        assert ANIMALS.get("not a key", references=["keeper"]) is None
    with acting_as(None):
        assert ANIMALS.get(the_zoo.cat.pk, references=["keeper"]) is None


def test_a_reference_whose_record_is_gone_is_still_shown(the_zoo: Any) -> None:
    Keeper._get_collection().delete_one({"_id": "001"})
    assert "001 (no longer there)" in the_zoo.visitor(the_zoo.a).get(f"/animalview/show/{the_zoo.cat.pk}").text


def test_names_of_filters_are_told_inside_the_scope_alone(the_zoo: Any, commands: Any) -> None:
    asked = [("keeper", "001"), ("keeper", "002"), ("keeper", "{'$ne': 1}"), ("friends", str(the_zoo.cat.pk)),
             ("friends", str(the_zoo.dog.pk)), ("friends", "no key"), ("friends", str(ObjectId()))]  # fmt: skip
    with acting_as(the_zoo.a), commands.counting() as sent:
        assert names_in_scope(ANIMALS, asked) == {("keeper", "001"): "Ann", ("friends", str(the_zoo.cat.pk)): "Tom"}
    assert len(sent) == 1, sent


def test_lists_read_together_are_what_each_is_by_itself(the_zoo: Any, commands: Any) -> None:
    for number in range(30):
        Animal(name=f"n{number:02}", kind="cat", keeper="001", zone="A", friends=[the_zoo.cat]).save()
    lists = [
        Wanted(ANIMALS, ["name", "keeper", "friends"], None, NAME, 2, 10),
        Wanted(KEEPERS, ["name", "zone"], None, NAME, 0, 10),
        Wanted(ANIMALS, ["name", "__str__"], None, ("name", "desc"), 0, 5),  # a computed column: read by itself
        Wanted(ANIMALS, ["name"], None, NAME, 9, 10),
    ]
    with acting_as(the_zoo.a):
        with commands.counting() as sent:
            pages = read_pages([one for one in lists if "__str__" not in one.columns], 10_000)
        assert len(sent) == 2, sent
        alone = [one.interface.rows(one.columns, None, *one.order, one.page, one.size) for one in lists]
        assert read_pages(lists, 10_000) == alone
        assert pages == [alone[0], alone[1], alone[3]]
        assert [page.count for page in read_pages(lists[:1], 7)] == [8]
    with acting_as(None):
        assert [page.count for page in read_pages(lists, 10_000)] == [0, 0, 0, 0]


def test_a_place_with_nothing_left_beside_it_gives_the_page_of_the_number(the_zoo: Any) -> None:
    for number in range(7):
        Animal(name=f"n{number}", kind="cat", keeper="001", zone="A").save()
    behind, before = Place(("z", ObjectId())), Place(("", ObjectId()), back=True)
    with acting_as(the_zoo.a):
        for place, number in ((behind, 1), (before, 0), (behind, 9)):
            pages = read_pages([Wanted(ANIMALS, ["name"], None, NAME, number, 3, place)] * 2, 10_000)
            assert pages == [ANIMALS.rows(["name"], None, *NAME, page=number, page_size=3)] * 2


def test_base_filters_of_a_related_list_hold_and_are_counted(the_zoo: Any, monkeypatch: Any) -> None:
    for number in range(6):
        Animal(name=f"n{number}", kind="cat", keeper="001", zone="A", legs=number % 2).save()
    view = next(view for view in the_zoo.builder.baseviews if type(view) is AnimalView)
    base = view.datamodel.get_filters()
    base.add_filter("legs", view.datamodel.FilterEqual, 1)
    monkeypatch.setattr(view, "_base_filters", base)
    page = the_zoo.visitor(the_zoo.a).get("/keeperview/show/001").text
    assert [name for name in ("n0", "n1", "n2", "n3", "n4", "n5", "Tom") if f">{name}<" in page] == ["n1", "n3", "n5"]
    assert "3 records" in page


def test_a_related_list_is_for_whoever_may_list_it(the_zoo: Any) -> None:
    path = "/keeperview/show/001"
    assert ">Tom<" in the_zoo.visitor(the_zoo.a).get(path).text
    with the_zoo.app.app_context():
        the_zoo.builder.sm.set_role("reader", ("ผู้อ่าน", "Reader"), [("KeeperView", "can_(list|show)")])
    page = the_zoo.visitor(make_user("reader", "zone", {"zone": "A"}, role="reader")).get(path)
    assert page.status_code == 200 and "Ann" in page.text and "Tom" not in page.text
