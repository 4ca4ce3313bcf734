"""A record that somebody changed since it was read is not deleted, by page or by REST; a recount is no change."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.fabmongo.errors import Stale, WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from tests.fabmongo.api.shelter import Program
from tests.fabmongo.ark import Ark
from tests.fabmongo.zoo import Animal

ANIMALS = MongoInterface(Animal)


def changed_by_boss(the_zoo: Any, name: str = "Felix") -> None:
    """Somebody else saves the cat."""
    with acting_as(the_zoo.boss):
        item = ANIMALS.get(str(the_zoo.cat.pk))
        item.name = name
        ANIMALS.edit(item)


def test_of_two_people_the_one_who_deletes_what_has_changed_is_refused(the_zoo: Any) -> None:
    with acting_as(the_zoo.a):
        mine = ANIMALS.get(str(the_zoo.cat.pk))
        changed_by_boss(the_zoo)
        with pytest.raises(Stale):
            ANIMALS.delete(mine)
        assert Animal.objects.get(pk=the_zoo.cat.pk).name == "Felix"
        ANIMALS.delete(ANIMALS.get(str(the_zoo.cat.pk)))
        assert not Animal.objects(pk=the_zoo.cat.pk)
        with pytest.raises(WriteRefused) as refused:
            ANIMALS.delete(mine)
        assert not isinstance(refused.value, Stale)


def test_a_recount_in_the_background_does_not_stop_a_delete(the_zoo: Any) -> None:
    with acting_as(the_zoo.a):
        mine = ANIMALS.get(str(the_zoo.cat.pk))
        Animal._get_collection().update_one({"_id": mine.pk}, {"$set": {"weight": 9.0}})
        ANIMALS.delete(mine)
    assert not Animal.objects(pk=the_zoo.cat.pk)


def test_the_page_says_which_state_it_shows(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    for name in ("Felix", "Garfield"):  # from no version at all, and from a version
        found = re.search(r'name="_version" value="(\d+)"', visitor.get(f"/animalview/show/{pk}").text)
        assert found is not None
        changed_by_boss(the_zoo, name)
        told = visitor.post(f"/animalview/delete/{pk}", {"_version": found[1]}, follow_redirects=True).text
        assert "it was not deleted" in told and name in told
    found = re.search(r'name="_version" value="(\d+)"', visitor.get(f"/animalview/show/{pk}").text)
    assert found is not None
    assert visitor.post(f"/animalview/delete/{pk}", {"_version": found[1]}).status_code == 302
    assert not Animal.objects(pk=pk)


def test_rest_tells_the_current_state_where_somebody_saves_between(the_ark: Any, monkeypatch: Any) -> None:
    made = Program(the_ark.app, the_ark.a).send("POST", "arks/", {"name": "Old", "zone": "A"})
    address, real = f"arks/{made.json['id']}", MongoInterface.delete

    def slow(interface: Any, item: Any, commit: bool = True) -> None:
        with acting_as(the_ark.boss):
            other = interface.get(str(item.pk))
            other.name = "New"
            interface.edit(other)
        real(interface, item)

    monkeypatch.setattr(MongoInterface, "delete", slow)
    answer = Program(the_ark.app, the_ark.a).send("DELETE", address, etag=made.headers["ETag"])
    assert (answer.status_code, answer.json["current"]["name"]) == (412, "New")
    assert Ark.objects.count() == 1
