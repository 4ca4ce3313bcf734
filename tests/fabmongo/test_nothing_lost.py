"""What a form does not know stays stored, and what is no longer there breaks no page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.fabmongo.test_views import animal_form
from tests.fabmongo.zoo import Animal, Keeper


def stored(the_zoo: Any) -> dict[str, Any]:
    found: dict[str, Any] = Animal._get_collection().find_one({"_id": the_zoo.cat.pk})
    return found


def test_a_stored_field_that_the_document_does_not_declare_survives_an_edit(the_zoo: Any) -> None:
    """It may be a newer version's, or an older one's that has not been moved yet."""
    key = {"_id": the_zoo.cat.pk}
    Animal._get_collection().update_one(key, {"$set": {"legacy": {"kept": 1}}})
    visitor = the_zoo.visitor(the_zoo.a)
    answer = visitor.post(f"/animalview/edit/{the_zoo.cat.pk}", animal_form(name="Tommy"))
    assert answer.status_code == 302
    assert (stored(the_zoo)["name"], stored(the_zoo)["legacy"]) == ("Tommy", {"kept": 1})


def test_an_emptied_field_is_gone_and_zero_and_no_are_kept(the_zoo: Any) -> None:
    visitor, address = the_zoo.visitor(the_zoo.a), f"/animalview/edit/{the_zoo.cat.pk}"
    full = animal_form(legs="0", tame="y", note="old", born="2020-01-02", tags="a\nb", skills=["cat"])
    assert visitor.post(address, full).status_code == 302
    assert (stored(the_zoo)["legs"], stored(the_zoo)["tame"], stored(the_zoo)["tags"]) == (0, True, ["a", "b"])
    assert visitor.post(address, animal_form(legs="0", note="", born="", tags="", weight="0")).status_code == 302
    raw = stored(the_zoo)
    assert (raw["legs"], raw["tame"], raw["weight"]) == (0, False, 0)
    assert not {"note", "born"} & raw.keys()
    assert not raw.get("tags") and not raw.get("skills")


@pytest.mark.parametrize("path", ["list/", "show/{}", "edit/{}", "list/?_flt_0_keeper=001"])
def test_a_reference_whose_target_is_gone_breaks_no_page(the_zoo: Any, path: str) -> None:
    Keeper._get_collection().delete_one({"_id": "001"})
    answer = the_zoo.visitor(the_zoo.a).get("/animalview/" + path.format(the_zoo.cat.pk))
    assert answer.status_code == 200
    assert "001" in answer.text


def test_a_record_whose_reference_is_gone_can_be_mended(the_zoo: Any) -> None:
    Keeper._get_collection().delete_one({"_id": "001"})
    Keeper(code="003", name="Cleo", zone="A").save()
    visitor, address = the_zoo.visitor(the_zoo.a), f"/animalview/edit/{the_zoo.cat.pk}"
    assert visitor.post(address, animal_form(keeper="")).status_code == 200
    assert visitor.post(address, animal_form(keeper="003")).status_code == 302
    assert stored(the_zoo)["keeper"] == "003"


def test_what_cannot_be_read_in_a_required_field_is_told_as_such(the_zoo: Any) -> None:
    page = the_zoo.visitor(the_zoo.a).post("/animalview/add", animal_form(legs="many", born="someday")).text
    assert "is not a usable number" in page
    assert "Must be between" not in page
    assert "is not a valid date" in page


def names(the_zoo: Any, query: str) -> set[str]:
    page = the_zoo.visitor(the_zoo.boss).get(f"/animalview/list/?{query}").text
    return {name for name in ("Tom", "Rex") if f">{name}<" in page}


def index_of(name: str, label: str) -> int:
    from tests.fabmongo.zoo import AnimalView

    offered = AnimalView.datamodel.get_filters([name]).get_search_filters()[name]
    return next(i for i, flt in enumerate(offered) if type(flt).__name__ == label)


@pytest.mark.parametrize(
    ("label", "value", "wanted"),
    [
        ("FilterOnDay", "2024-06-10", {"Tom"}),
        ("FilterAfter", "2024-06-10", {"Rex"}),
        ("FilterAfter", "2024-06-09", {"Tom", "Rex"}),
        ("FilterBefore", "2024-06-10", set()),
        ("FilterBetweenDays", "2024-06-09..2024-06-10", {"Tom"}),
        ("FilterBetweenDays", "2024-06-10..2024-06-11", {"Tom", "Rex"}),
        ("FilterBetweenDays", "2024-06-11..2024-06-11", {"Rex"}),
    ],
)
def test_a_day_is_the_whole_day_for_moments_too(the_zoo: Any, label: str, value: str, wanted: set[str]) -> None:
    rows = Animal._get_collection()
    rows.update_one({"name": "Tom"}, {"$set": {"fed_at": datetime(2024, 6, 10, 9)}})
    rows.update_one({"name": "Rex"}, {"$set": {"fed_at": datetime(2024, 6, 11)}})
    assert names(the_zoo, f"_flt_{index_of('fed_at', label)}_fed_at={value}") == wanted


def test_a_page_beyond_the_end_is_no_error_and_leads_back(the_zoo: Any) -> None:
    answer = the_zoo.visitor(the_zoo.boss).get("/animalview/list/?page_AnimalView=99&psize_AnimalView=1")
    assert answer.status_code == 200
    assert "page_AnimalView=0" in answer.text or "page_AnimalView=1" in answer.text


def test_missing_is_empty_and_is_not_another_value(the_zoo: Any) -> None:
    Animal._get_collection().update_one({"name": "Tom"}, {"$set": {"size": "s"}, "$unset": {"legs": ""}})
    assert names(the_zoo, f"_flt_{index_of('size', 'FilterNotEqual')}_size=s") == {"Rex"}
    assert names(the_zoo, f"_flt_{index_of('legs', 'FilterEmpty')}_legs=1") == {"Tom"}
    assert names(the_zoo, f"_flt_{index_of('legs', 'FilterNotEmpty')}_legs=1") == {"Rex"}
