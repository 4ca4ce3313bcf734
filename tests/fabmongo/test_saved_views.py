"""Views that people keep of a list: their own alone, arguments alone, and never what is masked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fabmongo.audit import AuditEntry
from app.fabmongo.interface import MongoInterface
from app.fabmongo.saved_views import LONGEST_NAME, MOST, clean_name
from app.fabmongo.scope import acting_as
from app.fabmongo.security.models import User

LIST, SAVE = "/animalview/list/", "/animalview/my_views"
KEPT = "_flt_0_kind=cat&_cols_AnimalView=name,legs&_oc_AnimalView=legs&_od_AnimalView=desc&psize_AnimalView=50"


def save(visitor: Any, name: str, query: str = KEPT, path: str = SAVE) -> Any:
    return visitor.post(f"{path}?{query}", {"save": name})


def stored(user: Any) -> list[tuple[str, str, str, bool]]:
    rows = User._get_collection().find_one({"_id": user.pk}).get("saved_views", [])
    return [(row["of"], row["name"], row["query"], row["first"]) for row in rows]


def told(visitor: Any) -> str:
    with visitor.client.session_transaction() as session:
        return " ".join(text for _, text in session.pop("_flashes", ()))


def test_a_view_is_kept_and_listed_with_its_whole_address(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    answer = save(visitor, "  Cats  by\tlegs ")
    assert answer.headers["Location"] == f"{LIST}?{KEPT}"
    assert stored(the_zoo.a) == [("AnimalView", "Cats by legs", KEPT, False)]
    assert "Cats by legs" in told(visitor)
    page = visitor.get(LIST).text
    assert f'<a href="{LIST}?{KEPT.replace("&", "&amp;")}">Cats by legs</a>' in page
    assert 'aria-current="true">Cats by legs' in visitor.get(f"{LIST}?{KEPT}&page_AnimalView=0").text


def test_quick_words_are_kept_where_they_search_nothing_masked(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    save(visitor, "an", "q=An", "/keeperview/my_views")
    assert stored(the_zoo.a) == [("KeeperView", "an", "q=An", False)]
    assert "Cats" not in visitor.get("/keeperview/list/?q=An").text


@pytest.mark.parametrize("query", ["q=111", "_flt_0_chip=111", "_flt_0_kind=cat&q=1", "_flt_0_chip=%20111%20"])
def test_what_finds_a_masked_value_is_never_kept(the_zoo: Any, query: str) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    save(visitor, "secret", query)
    assert stored(the_zoo.a) == []
    assert "masked" in told(visitor)
    save(visitor, "no secret", "_flt_1_chip=&q=&_flt_0_kind=cat")
    assert stored(the_zoo.a) == [("AnimalView", "no secret", "_flt_1_chip=&_flt_0_kind=cat", False)]


def test_only_arguments_of_the_list_are_kept(the_zoo: Any) -> None:
    strange = (
        "next=//evil.example&_flt_0_nothing=1&_flt_99_kind=cat&_flt_0_kind=cat&page_AnimalView=7&plain=1&_l_=th"
        "&_oc_AnimalView=chip&_cols_AnimalView=nothing&psize_AnimalView=5000&_cols_KeeperView=name&psize_KeeperView=5"
    )
    visitor = the_zoo.visitor(the_zoo.a)
    answer = save(visitor, "cats", strange)
    assert stored(the_zoo.a) == [("AnimalView", "cats", "_flt_0_kind=cat", False)]
    assert answer.headers["Location"] == f"{LIST}?_flt_0_kind=cat"
    assert save(visitor, "long", f"_flt_0_kind=cat&psize_AnimalView=0001{'9' * 5000}").status_code == 302
    assert stored(the_zoo.a)[-1] == ("AnimalView", "long", "_flt_0_kind=cat", False)
    assert save(visitor, "", "next=//evil.example").headers["Location"].startswith(f"{LIST}?")


def test_stored_arguments_that_no_longer_fit_are_left_out(the_zoo: Any) -> None:
    row = {"of": "AnimalView", "name": "old", "first": True, "newer": 1,
           "query": "_flt_0_gone=1&_cols_AnimalView=gone,name&_oc_AnimalView=gone&x=%0d%0aSet-Cookie:a&q="}  # fmt: skip
    User._get_collection().update_one({"_id": the_zoo.a.pk}, {"$set": {"saved_views": [row]}})
    visitor = the_zoo.visitor(the_zoo.a)
    assert visitor.get(LIST).headers["Location"] == f"{LIST}?_cols_AnimalView=name"
    User._get_collection().update_one({"_id": the_zoo.a.pk}, {"$set": {"saved_views.0.query": "//evil.example/?a=b"}})
    page = visitor.get(LIST)
    assert page.status_code == 200
    assert "evil" not in page.text


def test_a_name_is_replaced_and_told_so(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    save(visitor, "cats")
    visitor.post(SAVE, {"first": "cats"})
    told(visitor)
    save(visitor, "cats", "_flt_0_kind=cat")
    assert "in place of" in told(visitor)
    assert stored(the_zoo.a) == [("AnimalView", "cats", "_flt_0_kind=cat", True)]


@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        ("", KEPT, "name"), (" \t\u200b\0", KEPT, "name"), ("x" * (LONGEST_NAME + 1), KEPT, "name"),
        ("x", "", "nothing"), ("x", "_flt_0_name=" + "ก" * 300, "too long"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why(the_zoo: Any, name: str, query: str, why: str) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    assert save(visitor, name, query).status_code == 302
    assert stored(the_zoo.a) == []
    assert why in told(visitor)


def test_there_is_room_for_so_many_and_no_more(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    for number in range(MOST + 1):
        save(visitor, f"v{number}")
    assert len(stored(the_zoo.a)) == MOST
    assert f"{MOST} views" in told(visitor)
    save(visitor, "v0", "_flt_0_kind=dog")
    assert stored(the_zoo.a)[0] == ("AnimalView", "v0", "_flt_0_kind=dog", False)


def test_the_list_opens_with_one_and_there_is_a_way_out(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    save(visitor, "cats")
    save(visitor, "dogs", "_flt_0_kind=dog")
    assert visitor.get(LIST).status_code == 200
    visitor.post(SAVE, {"first": "cats"})
    visitor.post(SAVE, {"first": "dogs"})
    assert [row[1] for row in stored(the_zoo.a) if row[3]] == ["dogs"]
    answer = visitor.get(LIST)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?_flt_0_kind=dog")
    page = visitor.get(f"{LIST}?_flt_0_kind=dog").text
    # Taking the last filter off, or all of them, does not bring it back.
    assert len(re.findall(rf'href="{re.escape(LIST)}\?plain=1"', page)) == 4
    assert f'class="chips__reset" href="{LIST}?plain=1"' in page
    plain = visitor.get(f"{LIST}?plain=1")
    assert (plain.status_code, "Tom" in plain.text) == (200, True)
    assert '<input type="hidden" name="plain" value="1">' in plain.text
    assert visitor.get("/keeperview/list/").status_code == 200
    visitor.post(f"{SAVE}?plain=1", {"plain": "dogs"})
    assert visitor.get(LIST).status_code == 200
    assert "plain=1" not in visitor.get(LIST).text


def test_a_record_below_its_list_stays_open(the_zoo: Any) -> None:
    visitor, path = the_zoo.visitor(the_zoo.a), "/keepermasterview"
    save(visitor, "an", "q=An", f"{path}/my_views")
    visitor.post(f"{path}/my_views", {"first": "an"})
    assert visitor.get(f"{path}/list/").status_code == 302
    assert visitor.get(f"{path}/list/001").status_code == 200


def test_a_deleted_view_is_gone(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    save(visitor, "cats")
    save(visitor, "dogs", "_flt_0_kind=dog")
    visitor.post(SAVE, {"delete": "cats"})
    assert [row[1] for row in stored(the_zoo.a)] == ["dogs"]


# -- whose they are ------------------------------------------------------------------------


def test_views_of_another_person_are_out_of_reach(the_zoo: Any) -> None:
    one, other = the_zoo.visitor(the_zoo.a), the_zoo.visitor(the_zoo.b)
    save(one, "mine-alone")
    assert "mine-alone" not in other.get(LIST).text
    assert other.post(SAVE, {"first": "mine-alone"}).status_code == 404
    other.post(SAVE, {"delete": "mine-alone"})
    other.post(SAVE, {"plain": "mine-alone"})
    save(other, "mine-alone", "_flt_0_kind=dog")
    assert stored(the_zoo.a) == [("AnimalView", "mine-alone", KEPT, False)]


def test_a_view_of_one_list_is_none_of_another(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    save(visitor, "cats")
    told(visitor)
    assert "cats" not in visitor.get("/keeperview/list/").text
    assert visitor.post("/keeperview/my_views", {"first": "cats"}).status_code == 404
    visitor.post("/keeperview/my_views", {"delete": "cats"})
    assert len(stored(the_zoo.a)) == 1
    save(visitor, "cats", "_flt_0_name=x", "/keeperview/my_views")
    assert [row[:2] for row in stored(the_zoo.a)] == [("AnimalView", "cats"), ("KeeperView", "cats")]


def test_saving_needs_a_token_a_person_and_the_list(the_zoo: Any) -> None:
    from tests.fabmongo import zoo

    visitor = the_zoo.visitor(the_zoo.a)
    assert visitor.client.post(f"{SAVE}?{KEPT}", data={"save": "x"}).status_code == 400
    assert visitor.get(SAVE).status_code == 405
    assert visitor.post(SAVE, {}).status_code == 400
    with the_zoo.app.app_context():
        the_zoo.builder.sm.set_role("nobody", ("ไม่มี", "Nobody"), [("KeeperView", "can_list")])
    stranger = zoo.make_user("stranger", "zone", {"zone": "A"}, role="nobody")
    save(the_zoo.visitor(stranger), "x")
    assert stored(stranger) == []
    assert stored(the_zoo.a) == []


def test_a_name_is_text_wherever_it_stands(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    save(visitor, '<script>"{name}$where')
    page = visitor.get(LIST).text
    assert "<script>&#34;" not in page
    assert "&lt;script&gt;&#34;{name}$where" in page
    visitor.post(SAVE, {"delete": '<script>"{name}$where'})
    assert stored(the_zoo.a) == []


# -- no part of the account ----------------------------------------------------------------


def test_no_column_form_filter_or_api_has_them(the_zoo: Any) -> None:
    interface = MongoInterface(User)
    for names in (
        interface.get_columns_list(), interface.get_user_columns_list(), interface.get_search_columns_list(),
        interface.get_order_columns_list(),
    ):
        assert "username" in names
        assert "saved_views" not in names


def test_an_account_is_changed_without_them(the_zoo: Any) -> None:
    """What was saved while a form was open stays, and nothing of it is in the history."""
    visitor, interface = the_zoo.visitor(the_zoo.a), MongoInterface(User)
    save(visitor, "before")
    # As a newer version of the application may have stored it.
    User._get_collection().update_one({"_id": the_zoo.a.pk}, {"$set": {"saved_views.0.newer": 1}})
    with acting_as(the_zoo.boss):
        item = interface.get(str(the_zoo.a.pk))
        save(visitor, "meanwhile")
        item.first_name = "New"
        interface.edit(item)
        assert [row[1] for row in stored(the_zoo.a)] == ["before", "meanwhile"]
        entries = list(AuditEntry._get_collection().find({"of": "users"}))
        assert [list(entry["changes"]) for entry in entries] == [["first_name"]]
        interface.delete(interface.get(str(the_zoo.a.pk)))
    gone = AuditEntry._get_collection().find_one({"of": "users", "verb": "delete"})
    assert gone["stored"]["first_name"] == "New"
    assert "saved_views" not in gone["stored"]


def test_saving_leaves_the_version_and_the_traces_of_the_account(the_zoo: Any) -> None:
    before = User._get_collection().find_one({"_id": the_zoo.a.pk})
    before.pop("saved_views")
    visitor = the_zoo.visitor(the_zoo.a)
    save(visitor, "cats")
    visitor.post(SAVE, {"first": "cats"})
    after = User._get_collection().find_one({"_id": the_zoo.a.pk})
    assert {name: value for name, value in after.items() if name != "saved_views"} == before
    assert AuditEntry._get_collection().count_documents({"of": "users"}) == 0


def test_they_cost_a_list_no_command(the_zoo: Any, commands: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    with commands.counting() as sent:
        visitor.get(LIST)
    without = len(sent)
    for number in range(5):
        save(visitor, f"v{number}")
    with commands.counting() as sent:
        visitor.get(LIST)
    assert len(sent) == without


@given(st.text(max_size=200))
def test_a_clean_name_stays_as_it_is(text: str) -> None:
    name = clean_name(text)
    assert clean_name(name) == name
    assert not re.search(r"[\x00-\x1f]|^ | \Z|  ", name)
