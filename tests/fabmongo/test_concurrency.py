"""Two people at one record: nothing is lost, each is told, and only writes of people count."""

from __future__ import annotations

import re
import threading
from itertools import pairwise
from typing import Any

import pytest

from app.fabmongo.audit import VERSION, AuditEntry
from app.fabmongo.errors import Stale
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from tests.fabmongo.zoo import Animal

ANIMALS = MongoInterface(Animal)
FORM = {"name": "Tom", "chip": "111", "kind": "cat", "legs": "4", "keeper": "001", "zone": "A"}


def opened(visitor: Any, pk: Any) -> dict[str, str]:
    """The form as somebody opens it."""
    page = visitor.get(f"/animalview/edit/{pk}").text
    base = re.search(r'name="_base" value="([^"]+)"', page)
    assert base is not None
    return {**FORM, "_base": base[1]}


def test_a_stale_save_is_refused_with_both_values_and_keeps_what_was_typed(the_zoo: Any) -> None:
    first, second, pk = the_zoo.visitor(the_zoo.a), the_zoo.visitor(the_zoo.boss), the_zoo.cat.pk
    mine, theirs = opened(first, pk), opened(second, pk)
    assert second.post(f"/animalview/edit/{pk}", {**theirs, "name": "Felix", "legs": "3"}).status_code == 302
    page = first.post(f"/animalview/edit/{pk}", {**mine, "name": "Garfield", "note": "a long story"}).text
    assert "somebody else saved this record first" in page
    assert "boss" in page
    assert re.search(r"Garfield</td><td>Felix", page)
    assert "a long story" in page
    assert Animal.objects.get(pk=pk).name == "Felix"
    assert 'name="legs" type="text" value="3"' in page, "what I did not touch carries the stored value"
    again = re.search(r'name="_base" value="([^"]+)"', page)
    assert again is not None
    form = {**FORM, "name": "Garfield", "legs": "3", "note": "a long story", "_base": again[1]}
    assert first.post(f"/animalview/edit/{pk}", form).status_code == 302
    stored = Animal.objects.get(pk=pk)
    assert (stored.name, stored.legs, stored.note) == ("Garfield", 3, "a long story")


def test_a_background_write_raises_no_alarm_and_is_not_overwritten(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    form = opened(visitor, pk)
    Animal._get_collection().update_one({"_id": pk}, {"$set": {"legs": 1}})
    assert visitor.post(f"/animalview/edit/{pk}", {**form, "name": "Felix"}).status_code == 302
    stored = Animal.objects.get(pk=pk)
    assert (stored.name, stored.legs) == ("Felix", 1)


def test_a_base_of_another_record_or_a_forged_one_is_not_believed(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.boss), the_zoo.cat.pk
    other = opened(visitor, the_zoo.dog.pk)["_base"]
    for base in (other, "nonsense", "WyJ4IiwgIntcInhcIjogMX0iXQ.abc", ""):
        answer = visitor.post(f"/animalview/edit/{pk}", {**FORM, "name": "Felix", "_base": base})
        assert answer.status_code in (200, 302)
    assert Animal.objects.get(pk=pk).name == "Felix"


def test_a_save_on_top_of_an_older_reading_is_refused(as_boss: Any) -> None:
    one, two = ANIMALS.get(str(as_boss.cat.pk)), ANIMALS.get(str(as_boss.cat.pk))
    one.legs = 1
    ANIMALS.edit(one)
    two.legs = 2
    with pytest.raises(Stale):
        ANIMALS.edit(two)
    assert Animal.objects.get(pk=as_boss.cat.pk).legs == 1


def test_of_100_concurrent_saves_exactly_the_accepted_ones_are_in_the_history(the_zoo: Any) -> None:
    pk, accepted = the_zoo.cat.pk, []

    def save(number: int) -> None:
        with acting_as(the_zoo.boss):
            item = ANIMALS.get(str(pk))
            item.note = f"n{number}"
            try:
                ANIMALS.edit(item)
            except Stale:
                return
            accepted.append(f"n{number}")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = list(AuditEntry._get_collection().find({"of": "zoo_animals", "key": pk}).sort("version", 1))
    assert [entry["changes"]["note"][1] for entry in entries] and len(entries) == len(accepted)
    assert {entry["changes"]["note"][1] for entry in entries} == set(accepted)
    assert [entry["version"] for entry in entries] == list(range(1, len(accepted) + 1))
    stored = Animal._get_collection().find_one({"_id": pk})
    assert stored is not None and stored[VERSION] == len(accepted)
    for before, after in pairwise(entries):
        assert after["changes"]["note"][0] == before["changes"]["note"][1], "each built on the one before"


def test_an_entry_says_who_when_what_and_from_where(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    visitor.post(f"/animalview/edit/{pk}", {**opened(visitor, pk), "name": "Felix"})
    entry = AuditEntry._get_collection().find_one({"key": pk})
    assert entry is not None
    assert (entry["by"], entry["verb"], entry["origin"]) == ("a", "change", "127.0.0.1")
    assert entry["changes"] == {"name": ["Tom", "Felix"]}
