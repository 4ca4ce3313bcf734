"""Actions on all that match: what the person saw and nothing else, inside the person's scope, or nothing at all."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote

import pytest
from bson import ObjectId

from app.fabmongo.errors import WriteRefused
from tests.fabmongo.zoo import Animal, AnimalView, Keeper, make_user

LIST = "/animalview/list/"
POST = "/animalview/action_post"


@pytest.fixture
def many(the_zoo: Any) -> Any:
    """30 animals more in zone A, ten of them lame, and 30 in zone B."""
    AnimalView.seen.clear()
    Animal._get_collection().insert_many(
        {"_id": ObjectId(), "name": f"n{n:02}", "kind": "cat", "legs": 3 if n < 10 else 4, "zone": zone,
         "keeper": {"A": "001", "B": "002"}[zone]}
        for n in range(30) for zone in "AB"
    )  # fmt: skip
    return the_zoo


def offered(page: str) -> dict[str, str] | None:
    """What the page's form would post with "all" ticked; None where that is not offered."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    hidden = {name: html.unescape(value) for name, value in found}
    if 'name="all"' not in page:
        return None
    return {"all": "1", "action": "pat", "matching": hidden["matching"], "matched": hidden["matched"]}


def patted() -> list[Any]:
    return [item for items in AnimalView.seen for item in items]


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 31), ("_flt_0_legs=3", 10), ("_flt_0_legs=3&_flt_0_legs=4", 31), ("q=n1", 10), ("_flt_0_keeper=001", 31),
     ("_flt_0_kind=cat&_flt_1_legs=4&q=n0", 10), ("_flt_2_size=", 31), ("_flt_9_size=x", 31)],
)  # fmt: skip
def test_all_that_match_are_acted_on_and_nothing_else(many: Any, query: str, number: int) -> None:
    visitor = many.visitor(many.a)
    page = visitor.get(f"{LIST}?psize_AnimalView=5&page_AnimalView=1&{query}").text
    form = offered(page)
    assert form is not None and form["matched"] == str(number)
    assert visitor.post(POST, form).text == "patted"
    assert len({item.pk for item in patted()}) == len(patted()) == number
    assert {item.zone for item in patted()} == {"A"}
    assert AnimalView.seen == [patted()]  # one call with a list, as for ticked rows
    assert all(item._stored for item in patted())


def test_it_is_offered_only_where_the_page_does_not_show_all(many: Any) -> None:
    visitor = many.visitor(many.a)
    assert offered(visitor.get(f"{LIST}?psize_AnimalView=50").text) is None
    assert offered(visitor.get(f"{LIST}?psize_AnimalView=10&_flt_0_legs=3").text) is None
    assert offered(visitor.get(f"{LIST}?psize_AnimalView=5&_flt_0_legs=abc").text) is None
    assert "Select all 10 that match" in visitor.get(f"{LIST}?psize_AnimalView=9&_flt_0_legs=3").text


def test_a_related_list_offers_those_of_its_record(many: Any) -> None:
    Keeper(code="003", name="Cid", zone="A").save()
    Animal._get_collection().update_many({"zone": "A", "legs": 4}, {"$set": {"keeper": "003"}})
    visitor = many.visitor(many.a)
    form = offered(visitor.get("/keeperview/show/001?psize_AnimalView=4&_flt_0_legs=4").text)
    assert form == {"all": "1", "action": "pat", "matching": "_flt_0_keeper=001", "matched": "10"}
    assert visitor.post(POST, form).text == "patted"
    assert {item.keeper.pk for item in patted()} == {"001"}


def test_a_related_list_whose_parent_is_no_filter_offers_none(many: Any, monkeypatch: Any) -> None:
    view = next(view for view in many.builder.baseviews if type(view) is AnimalView)
    monkeypatch.setattr(view.__dict__["_filters_template"], "_search_filters", {})
    assert offered(many.visitor(many.a).get("/keeperview/show/001?psize_AnimalView=4").text) is None


@pytest.mark.parametrize("more", [True, False])
def test_another_number_than_was_seen_does_nothing_and_tells_both(many: Any, more: bool) -> None:
    visitor = many.visitor(many.a)
    form = offered(visitor.get(f"{LIST}?psize_AnimalView=5&_flt_0_legs=3").text)
    if more:
        Animal._get_collection().update_one({"name": "n20", "zone": "A"}, {"$set": {"legs": 3}})
    else:
        Animal._get_collection().delete_one({"name": "n01", "zone": "A"})
    answer = visitor.post(POST, form)
    assert answer.status_code == 302
    page = visitor.get(answer.location).text
    assert f"10 records matched when you chose them and {11 if more else 9} match now" in page
    assert 'value="3"' in page or "<strong>3</strong>" in page  # the filter is still there
    assert AnimalView.seen == []


def test_more_than_the_limit_is_refused_whatever_is_posted(many: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(AnimalView, "bulk_limit", 30)
    visitor = many.visitor(many.a)
    page = visitor.get(f"{LIST}?psize_AnimalView=5").text
    assert offered(page) is None
    assert "narrow the filters to at most 30 records" in page
    answer = visitor.post(POST, {"all": "1", "action": "pat", "matching": "", "matched": "31"})
    assert "31 records match, but at most 30 can be dealt with at once" in visitor.get(answer.location).text
    assert AnimalView.seen == []
    monkeypatch.setattr(AnimalView, "bulk_limit", 31)
    assert offered(visitor.get(f"{LIST}?psize_AnimalView=5").text) is not None


def test_more_than_can_be_counted_cannot_be_chosen(many: Any, monkeypatch: Any) -> None:
    for module in ("app.fabmongo.interface", "app.fabmongo.bulk", "app.fabmongo.views"):
        monkeypatch.setattr(f"{module}.EXACT_COUNT_BOUND", 20)
    monkeypatch.setattr(AnimalView, "bulk_limit", 1000)
    visitor = many.visitor(many.a)
    assert offered(visitor.get(f"{LIST}?psize_AnimalView=5").text) is None
    answer = visitor.post(POST, {"all": "1", "action": "pat", "matching": "", "matched": "21"})
    assert "More than 20 records match" in visitor.get(answer.location).text
    assert AnimalView.seen == []


@pytest.mark.parametrize(
    "matching",
    ["_flt_0_legs=abc", "_flt_9_name=x", "_flt_0_password=x", "_flt_0_zone.x=B", "_flt_0_keeper[$ne]=1",
     "_flt_x_name=n", "_flt_0_born=yesterday", "_flt_4_legs=..", "_flt_0_chip[$gt]=", "_flt_0_born=%0d%0aX-Y: 1",
     "_flt_0_born=a\r\nX-Y: 1", "&".join(["_flt_0_name=n"] * 500)],
)  # fmt: skip
def test_a_filter_that_cannot_be_used_refuses(many: Any, matching: str) -> None:
    """In a list's address an unknown filter is passed over; here it would leave more rows than the person saw."""
    visitor = many.visitor(many.a)
    for matched in ("31", "10", "0"):
        answer = visitor.post(POST, {"all": "1", "action": "pat", "matching": matching, "matched": matched})
        assert answer.status_code == 302
        page = visitor.get(answer.location).text
        assert "nothing was done" in page
        assert page.count("not a usable number") == ("_legs=" in matching)
    assert AnimalView.seen == []


@pytest.mark.parametrize(
    ("matching", "number"),
    [("", 62), ("_flt_0_zone=B", 31), ("_flt_0_keeper=002", 31), ("q=Rex", 1), ("_flt_0_name=Rex", 1),
     ("zone=B", 62), ("$or=1", 62), ("_flt_1_zone=A", 31)],
)  # fmt: skip
def test_no_argument_widens_the_scope(many: Any, matching: str, number: int) -> None:
    """The numbers are those of somebody who sees both zones."""
    visitor = many.visitor(many.a)
    visitor.post(POST, {"all": "1", "action": "pat", "matching": matching, "matched": str(number)})
    assert {item.zone for item in patted()} <= {"A"}
    visitor.post(f"{POST}?{matching}", {"all": "1", "action": "pat", "matching": "", "matched": str(number)})
    assert {item.zone for item in patted()} <= {"A"}
    rex = {"all": "1", "action": "pat", "matching": matching, "matched": "0", "rowid": str(many.dog.pk)}
    visitor.post(POST, rex)
    assert {item.zone for item in patted()} <= {"A"}


def test_base_filters_hold(many: Any, monkeypatch: Any) -> None:
    view = next(view for view in many.builder.baseviews if type(view) is AnimalView)
    base = view.datamodel.get_filters()
    base.add_filter("legs", view.datamodel.FilterEqual, 3)
    monkeypatch.setattr(view, "_base_filters", base)
    visitor = many.visitor(many.a)
    form = offered(visitor.get(f"{LIST}?psize_AnimalView=5").text)
    assert form is not None and form["matched"] == "10"
    visitor.post(POST, {**form, "matched": "31"})
    assert AnimalView.seen == []
    visitor.post(POST, form)
    assert {item.legs for item in patted()} == {3}


def test_who_may_list_only_may_not_act(many: Any) -> None:
    with many.app.app_context():
        many.builder.sm.set_role("looker", ("ผู้ดู", "Looker"), [("AnimalView", "can_list")])
    visitor = many.visitor(make_user("looker", "zone", {"zone": "A"}, role="looker"))
    assert offered(visitor.get(f"{LIST}?psize_AnimalView=5").text) is None
    form = {"all": "1", "action": "pat", "matching": "", "matched": "31"}
    assert visitor.post(POST, form).status_code == 403
    keeper = many.visitor(many.a)
    assert keeper.get(f"{POST}?{'&'.join(f'{k}={quote(v)}' for k, v in form.items())}").status_code == 405
    assert keeper.post(POST, {**form, "action": "nothing"}).status_code == 404
    assert keeper.post(POST, {**form, "action": "weigh"}).status_code == 404
    assert keeper.client.post(POST, data=form).status_code == 400  # no token
    for number in ("", "-1", "1e3", "٣", "9" * 12, "31 "):
        assert keeper.post(POST, {**form, "matched": number}).status_code == 400
    assert AnimalView.seen == []


def test_each_row_passes_the_write_path(many: Any, monkeypatch: Any) -> None:
    """Read here and not written to: the zone of the rows moves away between reading and writing."""
    view = next(view for view in many.builder.baseviews if type(view) is AnimalView)
    refused: list[str] = []

    def rename(items: list[Any]) -> str:
        Animal._get_collection().update_many({"name": "n05"}, {"$set": {"zone": "B", "_v": 7}})
        for item in items:
            item.note = "seen"
            try:
                view.datamodel.edit(item)
            except WriteRefused:
                refused.append(item.name)
        return "done"

    monkeypatch.setattr(view.actions["pat"], "func", rename)
    visitor = many.visitor(many.a)
    form = offered(visitor.get(f"{LIST}?psize_AnimalView=5&_flt_0_legs=3").text)
    assert visitor.post(POST, form).text == "done"
    assert refused == ["n05"]
    assert Animal.objects(note="seen").count() == 9


def test_ticked_rows_are_as_before(many: Any) -> None:
    visitor = many.visitor(many.a)
    form = offered(visitor.get(f"{LIST}?psize_AnimalView=5").text)
    del form["all"]
    assert visitor.post(POST, {**form, "rowid": [str(many.cat.pk)]}).text == "patted"
    assert patted() == [many.cat]
