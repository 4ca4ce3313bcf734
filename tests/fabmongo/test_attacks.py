"""What an attacker would try on generated views: finding out masked values, objects for texts, forged actions."""

from __future__ import annotations

from typing import Any

import pytest

LIST = "/animalview/list/"


def found(the_zoo: Any, query: str) -> bool:
    return "Tom" in the_zoo.visitor(the_zoo.a).get(f"{LIST}?{query}").text


def test_a_whole_secret_finds_its_row(the_zoo: Any) -> None:
    assert found(the_zoo, "q=111")
    assert found(the_zoo, "_flt_0_chip=111")


@pytest.mark.parametrize("query", ["q=11", *(f"_flt_{index}_chip=11" for index in (0, 3, 4, 5))])
def test_the_beginning_of_a_secret_finds_nothing_or_everything(the_zoo: Any, query: str) -> None:
    assert found(the_zoo, query) == found(the_zoo, query.replace("11", "99"))


def test_the_filters_of_a_secret_take_whole_values_only(the_zoo: Any) -> None:
    view = next(view for view in the_zoo.builder.baseviews if type(view).__name__ == "AnimalView")
    kinds = {type(flt).__name__ for flt in view._filters.get_search_filters()["chip"]}
    assert kinds == {"FilterEqual", "FilterEmpty", "FilterNotEmpty"}


def test_a_list_is_not_ordered_by_a_secret(the_zoo: Any) -> None:
    view = next(view for view in the_zoo.builder.baseviews if type(view).__name__ == "AnimalView")
    assert "name" in view.order_columns
    assert "chip" not in view.order_columns


@pytest.mark.parametrize(
    ("query", "kept"), [("q=111", False), ("_flt_0_chip=111", False), ("_flt_0_name=Tom", True), ("", True)]
)
def test_a_secret_searched_for_is_not_kept_in_the_cookie(the_zoo: Any, query: str, kept: bool) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    visitor.get(f"{LIST}?{query}")
    with visitor.client.session_transaction() as session:
        assert session["page_history"] == [f"{LIST}?{query}".rstrip("?") if kept else LIST]


@pytest.mark.parametrize("body", [{"name": {"$gt": ""}}, {"name": 5}, [], "text"])
def test_a_form_is_not_filled_from_json(the_zoo: Any, body: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    answer = visitor.client.post("/animalview/add", json=body, headers={"X-CSRFToken": visitor.token})
    assert answer.status_code == 415


def test_an_action_for_one_row_is_not_done_to_many(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), str(the_zoo.cat.pk)
    assert "Tom was weighed" in visitor.post(f"/animalview/action/weigh/{pk}").text
    assert visitor.post("/animalview/action_post", {"action": "weigh", "rowid": pk}).status_code == 404
