"""Document inheritance: the class is chosen when adding, and forms and pages have its own columns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fabmongo.ark import Ark, Raft
from tests.fabmongo.ark_pages import inputs, posted
from tests.fabmongo.zoo import Visitor

RAFT = "/arkview/add?_class=Raft"


@pytest.fixture
def a(the_ark: Any) -> Visitor:
    return the_ark.visitor(the_ark.a)


def raft(a: Visitor) -> Any:
    answer = a.post(RAFT, {"name": "Kon", "zone": "A", "logs": "9", "secret_place": "cave"})
    assert answer.status_code == 302, answer.text
    return Raft.objects.get(name="Kon")


def test_the_class_is_chosen_first(a: Visitor) -> None:
    page = a.get("/arkview/add?_flt_0_keeper=001").text
    assert "_class=Raft" in page and "_class=Ark" in page and "_flt_0_keeper=001" in page
    assert 'name="logs"' in a.get(RAFT).text
    assert 'name="logs"' not in a.get("/arkview/add?_class=Ark").text
    for wrong in ("Animal", "Cabin", "", "Ark.Raft"):
        assert a.get(f"/arkview/add?_class={wrong}").status_code == 404


def test_a_subclass_is_added_shown_changed_and_listed_with_the_others(a: Visitor) -> None:
    made = raft(a)
    Ark(name="Noah", zone="A").save()
    listed = a.get("/arkview/list/").text
    assert "Kon" in listed and "Noah" in listed
    page = a.get(f"/arkview/show/{made.pk}").text
    assert "Logs" in page and "cave" not in page
    address = f"/arkview/edit/{made.pk}"
    form = a.get(address).text
    assert (inputs(form)["logs"], inputs(form)["secret_place"]) == (["9"], ["cave"])
    assert a.post(address, posted(form, logs="11")).status_code == 302
    assert (Raft.objects.get(pk=made.pk).logs, Raft._get_collection().find_one()["_cls"]) == (11, "Ark.Raft")


def test_a_fault_in_a_column_of_the_subclass_stands_on_it(a: Visitor) -> None:
    page = a.post(RAFT, {"name": "Kon", "zone": "A", "logs": "1"}).text
    assert 'id="logs-error"' in page
    assert Ark.objects.count() == 0


def test_the_history_of_a_subclass_masks_its_secrets(a: Visitor) -> None:
    made = raft(a)
    address = f"/arkview/edit/{made.pk}"
    assert a.post(address, posted(a.get(address).text, secret_place="grotto", logs="12")).status_code == 302
    page = a.get(f"/arkview/history/{made.pk}").text
    assert "12" in page and "grotto" not in page and "cave" not in page


def test_two_people_at_one_subclass(a: Visitor) -> None:
    address = f"/arkview/edit/{raft(a).pk}"
    form = a.get(address).text
    assert a.post(address, posted(form, logs="11")).status_code == 302
    answer = a.post(address, posted(form, logs="12"))
    assert answer.status_code == 200
    assert Raft.objects.get(name="Kon").logs == 11
