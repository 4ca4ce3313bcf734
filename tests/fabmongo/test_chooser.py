"""Columns named in the address: those the person may see, in that order, on lists, below records and in files."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.fabmongo.ark import Ark
from tests.fabmongo.test_export import PATH, csv_table, xlsx_table
from tests.fabmongo.zoo import Animal, AnimalView, Keeper

LIST = "/animalview/list/"
HEAD = re.compile(r"<th scope=\"col\"([^>]*)>(?:<a[^>]*>)?([^<]*)")
OWN = ["Name", "Chip", "Kind", "Legs", "Born", "Keeper"]
READ = 5


def heads(page: str) -> list[str]:
    """The heads of a page's tables, one after another."""
    return [text for _, text in HEAD.findall(page)]


def shown(visitor: Any, columns: str, path: str = LIST, view: str = "AnimalView") -> list[str]:
    return heads(visitor.get(f"{path}?_cols_{view}={columns}").text)


def test_columns_and_their_order_are_those_asked_for(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    assert shown(visitor, "") == OWN
    assert shown(visitor, "legs,name,note") == ["Legs", "Name", "Note"]
    assert shown(visitor, "legs&_cols_AnimalView=name&_cols_AnimalView=legs") == ["Legs", "Name"]


@pytest.mark.parametrize("columns", ["nothing", "_id,pk,__class__", "created_by", ",,", "$where", "%00", "keeper.name"])
def test_unknown_and_forbidden_names_are_ignored(the_zoo: Any, columns: str) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    assert shown(visitor, columns) == OWN
    assert shown(visitor, f"{columns},name") == ["Name"]


def test_a_hidden_column_is_not_offered(the_zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    view = next(one for one in the_zoo.builder.baseviews if type(one) is AnimalView)
    monkeypatch.setattr(view, "show_columns", ["name", "weight"])
    visitor = the_zoo.visitor(the_zoo.a)
    assert shown(visitor, "note,weight,price") == ["Weight"]
    assert 'value="note"' not in visitor.get(LIST).text


def test_who_may_not_open_the_page_chooses_among_the_lists_own(the_zoo: Any) -> None:
    with the_zoo.app.app_context():
        the_zoo.builder.sm.set_role("looker", ("ผู้ดู", "Looker"), [("AnimalView", "can_list")])
    from tests.fabmongo import zoo

    visitor = the_zoo.visitor(zoo.make_user("looker", "zone", {"zone": "A"}, role="looker"))
    assert shown(visitor, "note,legs") == ["Legs"]
    assert csv_table(visitor.get(f"{PATH}?_cols_AnimalView=note,legs"))[0] == ["Legs"]


def test_a_page_that_a_view_draws_itself_lends_no_columns(the_zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AnimalView, "show", lambda self, pk: "own", raising=False)
    assert shown(the_zoo.visitor(the_zoo.a), "note,legs") == ["Legs"]


def test_a_secret_stays_masked_and_no_file_is_offered(the_zoo: Any, the_ark: Any) -> None:
    page = the_zoo.visitor(the_zoo.a).get(f"{LIST}?_cols_AnimalView=chip,name").text
    assert "111" not in page
    Ark(name="Noah's", zone="A").save()
    ark = the_ark.visitor(the_ark.a)
    assert shown(ark, "photo,name", "/arkview/list/", "ArkView") == ["Name"]


def test_the_first_column_is_the_link_and_numbers_stay_numbers(the_zoo: Any) -> None:
    page = the_zoo.visitor(the_zoo.a).get(f"{LIST}?_cols_AnimalView=note,weight,legs").text
    assert f'<a href="/animalview/show/{the_zoo.cat.pk}">Open</a>' in page
    assert [name for marks, name in HEAD.findall(page) if 'class="num"' in marks] == ["Weight", "Legs"]


def test_a_list_is_ordered_by_what_can_be_chosen_but_not_by_a_secret(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.boss)
    Animal.objects(name="Tom").update(weight=1.0)
    Animal.objects(name="Rex").update(weight=2.0)
    for direction, first in (("asc", "Tom"), ("desc", "Rex")):
        page = visitor.get(f"{LIST}?_cols_AnimalView=name,weight&_oc_AnimalView=weight&_od_AnimalView={direction}").text
        assert page.index(f">{first}<") < page.index(f">{({'Tom', 'Rex'} - {first}).pop()}<")
    page = visitor.get(f"{LIST}?_cols_AnimalView=name,chip").text
    assert "_oc_AnimalView=weight" not in page
    assert "_oc_AnimalView=chip" not in page


def test_an_order_declared_by_the_view_is_all_there_is(the_zoo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    view = next(one for one in the_zoo.builder.baseviews if type(one) is AnimalView)
    monkeypatch.setattr(AnimalView, "order_columns", ["name"])
    monkeypatch.setattr(view, "order_columns", ["name"])
    page = the_zoo.visitor(the_zoo.boss).get(f"{LIST}?_cols_AnimalView=name,weight").text
    assert "_oc_AnimalView=name" in page
    assert "_oc_AnimalView=weight" not in page


def test_the_choice_stays_while_one_pages_orders_and_filters(the_zoo: Any) -> None:
    Animal._get_collection().insert_many(
        {"name": f"M{number}", "kind": "cat", "keeper": "001", "zone": "A"} for number in range(40)
    )
    page = the_zoo.visitor(the_zoo.a).get(f"{LIST}?_cols_AnimalView=name,note&_flt_0_kind=cat&_oc_AnimalView=name").text
    links = re.findall(r'href="(/animalview/list/\?[^"]*)"', page)
    reset = "_flt_0_kind=cat&amp;_oc_AnimalView=name"
    assert f"{LIST}?{reset}" in links
    assert len(links) > 6
    assert all("_cols_AnimalView=name,note" in link for link in links if link != f"{LIST}?{reset}")
    assert '<input type="hidden" name="_cols_AnimalView" value="name,note">' in page
    form = page[page.index('<form id="columns-AnimalView"'):]
    assert '<input type="hidden" name="_flt_0_kind" value="cat">' in form[: form.index("</form>")]
    assert "_cols_AnimalView" not in re.findall(r'name="([^"]*)"', form[: form.index("</form>")])


def test_clearing_the_search_leaves_columns_and_order(the_zoo: Any) -> None:
    kept = "_cols_AnimalView=name,note&_oc_AnimalView=name&_od_AnimalView=asc"
    page = the_zoo.visitor(the_zoo.a).get(f"{LIST}?{kept}&_flt_0_kind=dog&q=x&page_AnimalView=1").text
    assert page.count(f'href="{LIST}?{kept.replace("&", "&amp;")}"') == 2


def test_the_chooser_shows_the_chosen_first_and_ticked(the_zoo: Any) -> None:
    page = the_zoo.visitor(the_zoo.a).get(f"{LIST}?_cols_AnimalView=note,name").text
    boxes = re.findall(r'name="_cols_AnimalView" value="(\w+)"( checked)?', page)
    assert boxes[:3] == [("note", " checked"), ("name", " checked"), ("chip", "")]
    assert "created_by" not in dict(boxes)


def test_a_related_list_has_columns_of_its_own(the_zoo: Any) -> None:
    visitor, path = the_zoo.visitor(the_zoo.a), "/keeperview/show/001"
    assert shown(visitor, "legs,name", path) == ["Legs", "Name"]
    assert shown(visitor, "legs,name", path, "KeeperView") == [name for name in OWN if name != "Keeper"]
    # A list of nothing but the record above it would be empty.
    assert shown(visitor, "keeper", path) == [name for name in OWN if name != "Keeper"]
    both = visitor.get("/keepermasterview/list/001?_cols_KeeperMasterView=zone&_cols_AnimalView=note")
    assert heads(both.text) == ["Zone", "Note"]


def test_the_file_holds_the_chosen_columns_in_their_order(the_zoo: Any) -> None:
    visitor = the_zoo.visitor(the_zoo.a)
    for read, suffix in ((csv_table, "csv"), (xlsx_table, "xlsx")):
        table = read(visitor.get(f"{PATH}?format={suffix}&_cols_AnimalView=keeper,chip,name"))
        assert table[0] == ["Keeper", "Chip", "Name"]
        assert table[1][0::2] == ["Ann", "Tom"]
        assert "111" not in table[1]
    page = visitor.get(f"{LIST}?_cols_AnimalView=keeper,name").text
    assert "/animalview/export?_cols_AnimalView=keeper%2Cname&amp;format=csv" in page


@pytest.mark.parametrize("columns", ["", "friends,keeper,tags", "note,name", "skills"])
@pytest.mark.parametrize("query", ["", "&_flt_0_keeper=001", "&psize_AnimalView=1"])
def test_any_columns_cost_no_more_commands(the_zoo: Any, commands: Any, columns: str, query: str) -> None:
    Animal(name="Kit", kind="cat", keeper=Keeper.objects.get(code="001"), friends=[the_zoo.cat], zone="A").save()
    visitor = the_zoo.visitor(the_zoo.a)
    with commands.counting() as sent:
        assert visitor.get(f"{LIST}?_cols_AnimalView={columns}{query}").status_code == 200
    assert len(sent) <= READ, sent


@pytest.mark.parametrize("columns", ["bridge,cabins,name", "keeper,notes,prices,spot", "name"])
def test_nor_do_columns_of_embedded_documents(the_ark: Any, commands: Any, columns: str) -> None:
    ann = Keeper.objects.get(code="001")
    for number in range(3):
        Ark(name=f"ark {number}", zone="A", keeper=ann, cabins=[{"name": "c", "keeper": ann}]).save()
    visitor = the_ark.visitor(the_ark.a)
    path = f"/arkview/list/?_cols_ArkView={columns}&_flt_0_keeper=001&psize_ArkView=2"
    with commands.counting() as sent:
        page = visitor.get(path)
    assert "<strong>Ann</strong>" in page.text
    assert len(sent) <= READ, sent


def test_the_name_of_a_filter_is_told_without_its_column(the_zoo: Any, commands: Any) -> None:
    page = the_zoo.visitor(the_zoo.a).get(f"{LIST}?_cols_AnimalView=name&_flt_0_keeper=001").text
    assert heads(page) == ["Name"]
    assert "<strong>Ann</strong>" in page


def test_a_long_argument_is_cut(the_zoo: Any) -> None:
    assert shown(the_zoo.visitor(the_zoo.a), "x" * 3000 + ",name") == OWN
    assert shown(the_zoo.visitor(the_zoo.a), ",".join(["name"] * 300)) == ["Name"]
