"""Generated views over HTTP: the traps of Flask-AppBuilder that fabmongo closes, and nothing typed is lost."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.fabmongo.zoo import Animal, AnimalView, Keeper, Kind


def animal_form(**changes: Any) -> dict[str, Any]:
    return {"name": "Kit", "kind": "cat", "legs": "4", "keeper": "001", "zone": "A", **changes}


def test_a_list_shows_one_area_only(the_zoo: Any) -> None:
    page = the_zoo.visitor(the_zoo.a).get("/animalview/list/").text
    assert "Tom" in page
    assert "Rex" not in page


def test_a_secret_is_masked_on_list_and_page_and_whole_on_the_form(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    pk = the_zoo.cat.pk
    assert ">111<" not in visitor.get("/animalview/list/").text
    assert ">111<" not in visitor.get(f"/animalview/show/{pk}").text
    assert 'value="111"' in visitor.get(f"/animalview/edit/{pk}").text


def test_an_enum_is_shown_by_its_label(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    assert "Feline" in visitor.get("/animalview/list/").text
    assert "Feline" in visitor.get(f"/animalview/show/{the_zoo.cat.pk}").text
    assert "แมว" in visitor.get(f"/animalview/show/{the_zoo.cat.pk}?_l_=th").text


def test_filters_of_concurrent_people_never_mix(the_zoo: Any) -> None:
    """Flask-AppBuilder keeps the active filters on the view: one object for all threads."""
    wrong: list[str] = []

    def look(user: Any, word: str, others: list[str]) -> None:
        visitor = the_zoo.visitor(user)
        for _ in range(25):
            page = visitor.get(f"/animalview/list/?_flt_0_name={word}").text
            if f"<strong>{word}</strong>" not in page:
                wrong.append(f"{word} is missing")
            wrong.extend(other for other in others if other in page)

    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]
    threads = [
        threading.Thread(
            target=look,
            args=([the_zoo.a, the_zoo.b][i % 2], word, [w for w in words if w != word]),
        )
        for i, word in enumerate(words)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("path", ["show/{}", "edit/{}"])
def test_a_foreign_record_does_not_exist(the_zoo: Any, path: str) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    assert visitor.get(f"/animalview/{path.format(the_zoo.cat.pk)}").status_code == 200
    assert visitor.get(f"/animalview/{path.format(the_zoo.dog.pk)}").status_code == 404
    assert visitor.get(f"/animalview/{path.format('nonsense')}").status_code == 404


def test_a_foreign_record_is_not_changed_deleted_or_acted_on(the_zoo: Any) -> None:
    visitor, foreign = the_zoo.visitor(the_zoo.a), the_zoo.dog.pk
    AnimalView.seen.clear()
    assert visitor.post(f"/animalview/edit/{foreign}", animal_form()).status_code == 404
    assert visitor.post(f"/animalview/delete/{foreign}").status_code == 404
    assert visitor.post(f"/animalview/action/pat/{foreign}").status_code == 404
    rows = {"action": "pat", "rowid": [str(the_zoo.cat.pk), str(foreign)]}
    assert visitor.post("/animalview/action_post", rows).status_code == 404
    assert AnimalView.seen == []
    assert Animal.objects.get(pk=foreign).name == "Rex"


def test_an_action_runs_on_what_is_in_reach(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    AnimalView.seen.clear()
    assert visitor.post(f"/animalview/action/pat/{the_zoo.cat.pk}").text == "patted"
    assert visitor.post("/animalview/action_post", {"action": "pat", "rowid": [str(the_zoo.cat.pk)]}).text == "patted"
    assert AnimalView.seen == [the_zoo.cat, [the_zoo.cat]]
    assert visitor.post(f"/animalview/action/nothing/{the_zoo.cat.pk}").status_code == 404


def test_master_detail_keeps_the_scope(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    page = visitor.get("/keepermasterview/list/001")
    assert page.status_code == 200
    assert "Tom" in page.text
    assert visitor.get("/keepermasterview/list/002").status_code == 404


def test_related_lists_and_selects_keep_the_scope(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    Keeper.objects(code="001").update(name="Annie")
    page = visitor.get("/keeperview/show/001").text
    assert "Tom" in page
    assert "Rex" not in page
    found = visitor.get("/animalview/select/keeper?q=").get_json()
    assert found == {"results": [{"id": "001", "text": "Annie · 001"}], "pagination": {"more": False}}
    assert visitor.get("/animalview/select/name").status_code == 404
    assert visitor.get("/animalview/select/nothing").status_code == 404


def test_a_select_brings_every_choice_once_over_its_pages(the_zoo: Any) -> None:
    for number in range(100, 145):
        Keeper(code=str(number), name=f"K{number}", zone="A").save()
    visitor = the_zoo.visitor(the_zoo.a)
    seen: list[str] = []
    for page in range(1, 10):
        answer = visitor.get(f"/animalview/select/keeper?page={page}").get_json()
        seen += [choice["id"] for choice in answer["results"]]
        if not answer["pagination"]["more"]:
            break
    assert len(seen) == len(set(seen)) == 46


def test_a_form_carries_a_searching_select_and_not_every_row(the_zoo: Any) -> None:
    Keeper(code="003", name="Cid", zone="A").save()
    page = the_zoo.visitor(the_zoo.a).get("/animalview/add").text
    assert 'data-url="/animalview/select/keeper"' in page
    assert "Ann" not in page


def test_the_only_choice_is_chosen_already(the_zoo: Any) -> None:
    assert 'selected value="001">Ann</option>' in the_zoo.visitor(the_zoo.a).get("/animalview/add").text


def test_a_get_never_deletes_and_a_post_needs_the_token(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    assert visitor.get(f"/animalview/delete/{pk}").status_code == 405
    assert visitor.get(f"/animalview/action/pat/{pk}").status_code == 405
    assert visitor.client.post(f"/animalview/delete/{pk}").status_code == 400
    assert Animal.objects(pk=pk).count() == 1
    assert visitor.post(f"/animalview/delete/{pk}").status_code == 302
    assert Animal.objects(pk=pk).count() == 0


def test_add_and_edit_through_the_forms(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    answer = visitor.post("/animalview/add", animal_form(legs="๓", tags="a\nb", skills=["cat", "dog"], tame="y"))
    assert answer.status_code == 302
    made = Animal.objects.get(name="Kit")
    assert (made.legs, made.tags, made.tame, made.created_by) == (3, ["a", "b"], True, "a")
    assert made.skills == [Kind.CAT, Kind.DOG]
    form = animal_form(name="Kitty", born="2020-01-31", tags="", friends=[str(the_zoo.cat.pk)])
    assert visitor.post(f"/animalview/edit/{made.pk}", form).status_code == 302
    made.reload()
    assert (made.name, str(made.born), made.friends, made.tags) == ("Kitty", "2020-01-31", [the_zoo.cat], [])


def test_a_refused_form_keeps_what_was_typed_and_says_why(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    page = visitor.post("/animalview/add", animal_form(legs="many", note="a long story"))
    assert page.status_code == 200
    assert "not a usable number" in page.text
    assert 'value="many"' in page.text
    assert "a long story" in page.text
    page = visitor.post("/animalview/add", animal_form(name="Tom", note="a long story"))
    assert "exists already" in page.text
    assert "a long story" in page.text
    assert Animal.objects(zone="A").count() == 1


def test_a_forged_reference_in_a_form_is_refused_on_the_field(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    page = visitor.post("/animalview/add", animal_form(keeper="002"))
    assert "not in your area" in page.text
    page = visitor.post("/animalview/add", animal_form(friends=[str(the_zoo.dog.pk)]))
    assert "not in your area" in page.text
    page = visitor.post("/animalview/add", animal_form(zone="B"))
    assert "outside your area" in page.text
    assert Animal.objects.count() == 2


def test_the_own_key_is_not_editable(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    assert 'name="code"' not in visitor.get("/keeperview/edit/001").text
    visitor.post("/keeperview/edit/001", {"code": "777", "name": "Anna", "zone": "A"})
    assert Keeper.objects.get(code="001").name == "Anna"
    assert Keeper.objects(code="777").count() == 0


@pytest.mark.parametrize(
    "query",
    [
        "page_AnimalView=x&psize_AnimalView=999999",
        "page_AnimalView=-4",
        "psize_AnimalView=0",
        "_oc_AnimalView=$where&_od_AnimalView=asc",
        "_oc_AnimalView=name&_od_AnimalView=sideways",
        "_flt_9_name=x",
        "_flt_0_password=x",
        "_flt_0_legs=abc",
        "_flt_0_born=yesterday",
        "_flt_0_kind=bird",
        "_flt_0_keeper[$ne]=1",
        "_flt_0_name={'$gt':''}",
        "_flt_4_legs=..",
        "q=(((((",
        "q=%00",
        "_flt_0_id=zzz",
    ],
)
def test_no_address_breaks_a_list(the_zoo: Any, query: str) -> None:
    answer = the_zoo.visitor(the_zoo.a).get(f"/animalview/list/?{query}")
    assert answer.status_code == 200
    assert "Rex" not in answer.text


def test_a_filter_that_cannot_be_met_is_told_and_matches_nothing(the_zoo: Any) -> None:
    page = the_zoo.visitor(the_zoo.a).get("/animalview/list/?_flt_0_legs=abc").text
    assert "not a usable number" in page
    assert "Tom" not in page


def test_several_values_of_one_filter_mean_any_of_them(the_zoo: Any) -> None:
    page = the_zoo.visitor(the_zoo.boss).get("/animalview/list/?_flt_0_kind=cat&_flt_0_kind=dog").text
    assert "Tom" in page
    assert "Rex" in page


@pytest.mark.parametrize("path", ["list/", "show/{}", "edit/{}", "add"])
def test_a_page_costs_at_most_five_commands(the_zoo: Any, commands: Any, path: str) -> None:
    keeper = Keeper.objects.get(code="001")
    for number in range(30):
        Animal(name=f"n{number}", kind=Kind.CAT, keeper=keeper, zone="A", friends=[the_zoo.cat]).save()
    visitor = the_zoo.visitor(the_zoo.a)
    with commands.counting() as sent:
        assert visitor.get(f"/animalview/{path.format(the_zoo.cat.pk)}").status_code == 200
    assert len(sent) <= 5, sent


def test_a_stranger_is_sent_to_sign_in(the_zoo: Any) -> None:
    answer = the_zoo.app.test_client().get("/animalview/list/")
    assert answer.status_code == 302
    assert "/login" in answer.location
