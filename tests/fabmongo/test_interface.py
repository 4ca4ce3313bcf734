"""The data interface keeps Flask-AppBuilder's contract, inside the scope."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from bson import ObjectId
from flask_appbuilder.models.base import BaseInterface

from app.fabmongo.errors import OutOfScope, WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from tests.fabmongo.zoo import Animal, Colour, Keeper, Kind, Unscoped

ANIMALS = MongoInterface(Animal)
KEEPERS = MongoInterface(Keeper)

KINDS = {
    "is_string": {"name", "chip", "size", "note", "zone", "id", "created_by", "changed_by"},
    "is_text": {"note"},
    "is_integer": {"legs"},
    "is_float": {"weight"},
    "is_numeric": {"price"},
    "is_boolean": {"tame"},
    "is_date": {"born"},
    "is_datetime": {"fed_at", "created_on", "changed_on"},
    "is_enum": {"kind"},
    "is_relation": {"keeper", "friends"},
    "is_relation_many_to_one": {"keeper"},
    "is_relation_many_to_many": {"friends"},
    "is_fk": {"keeper"},
    "is_pk": {"id"},
    "is_unique": {"id", "chip"},
    "is_relation_one_to_one": set(),
    "is_relation_one_to_many": set(),
    "is_image": set(),
    "is_file": set(),
    "is_gridfs_file": set(),
    "is_gridfs_image": set(),
    "is_binary": set(),
    "is_json": set(),
}


@pytest.mark.parametrize("question", sorted(KINDS))
def test_each_question_is_answered_for_each_column(question: str) -> None:
    told = {name for name in ANIMALS.get_columns_list() if getattr(ANIMALS, question)(name)}
    assert told == KINDS[question]


def test_every_method_of_the_base_interface_has_an_answer_here() -> None:
    own = set()
    for cls in MongoInterface.__mro__[:-1]:
        if cls is not BaseInterface:
            own |= set(vars(cls))
    left_out = {n for n in vars(BaseInterface) if n.startswith(("is_", "get", "query", "add", "edit", "delete"))} - own
    # What the base class answers rightly for MongoDB: no composite keys, no SQL-only columns.
    assert left_out <= {
        "get_values_json", "is_pk_composite", "is_image", "is_file", "is_binary",
        "is_relation_one_to_one", "is_relation_one_to_many", "get_relation_fk",
    }


def test_columns_and_limits() -> None:
    assert ANIMALS.model_name == "Animal"
    assert ANIMALS.get_pk_name() == "id"
    assert KEEPERS.get_pk_name() == "code"
    assert not ANIMALS.is_pk_composite()
    assert ANIMALS.get_max_length("name") == 30
    assert ANIMALS.get_max_length("legs") == -1
    assert ANIMALS.get_min_length("name") == -1
    assert not ANIMALS.is_nullable("name")
    assert ANIMALS.is_nullable("born")
    assert ANIMALS.get_col_default("legs") == 4
    assert ANIMALS.get_col_default("tags") == []
    assert "created_by" not in ANIMALS.get_user_columns_list()
    assert "id" not in ANIMALS.get_user_columns_list()
    assert "keeper" in ANIMALS.get_search_columns_list()
    assert ANIMALS.get_order_columns_list(["name", "tags", "keeper"]) == ["name", "keeper"]


def test_relations() -> None:
    assert ANIMALS.get_related_model("keeper") is Keeper
    assert ANIMALS.get_related_model("friends") is Animal
    assert ANIMALS.get_related_interface("keeper").obj is Keeper
    assert ANIMALS.get_related_fk(Keeper) == "keeper"
    assert KEEPERS.get_related_fk(Animal) is None


def test_keys_are_text(as_boss: Any) -> None:
    assert ANIMALS.get_pk_value(as_boss.cat) == str(as_boss.cat.pk)
    assert ANIMALS.get_keys([as_boss.cat]) == [str(as_boss.cat.pk)]


@pytest.mark.parametrize("pk", ["", "nonsense", "0" * 24, "{'$gt': ''}", "\x00", "1" * 5000, None, 7])
def test_a_key_that_cannot_be_finds_nothing(as_boss: Any, pk: Any) -> None:
    assert ANIMALS.get(pk) is None
    assert ANIMALS.get_many([pk]) == []


def test_get_honours_filters(as_boss: Any) -> None:
    filters = ANIMALS.get_filters().add_filter("legs", ANIMALS.FilterEqual, "3")
    assert ANIMALS.get(str(as_boss.cat.pk), filters) is None
    assert ANIMALS.get(str(as_boss.dog.pk), filters) == as_boss.dog


def test_asc_is_ascending_and_desc_descending(as_boss: Any) -> None:
    names = [a.name for a in ANIMALS.query(order_column="name", order_direction="asc")[1]]
    assert names == ["Rex", "Tom"]
    names = [a.name for a in ANIMALS.query(order_column="name", order_direction="desc")[1]]
    assert names == ["Tom", "Rex"]


def test_pages_hold_each_row_once_though_the_order_has_ties(as_boss: Any) -> None:
    keeper = Keeper.objects.get(code="001")
    for number in range(23):
        Animal(name=f"n{number}", kind=Kind.CAT, legs=2, keeper=keeper, zone="A").save()
    seen = []
    for page in range(4):
        count, rows = ANIMALS.query(order_column="legs", order_direction="asc", page=page, page_size=7)
        assert count == 25
        seen += [row.pk for row in rows]
    assert len(seen) == len(set(seen)) == 25


def test_typed_text_is_converted_before_it_is_compared(as_boss: Any) -> None:
    as_boss.cat.update(born=datetime.date(2020, 2, 29), price=Decimal("9.50"), tame=True, weight=1.5)
    for column, name, text in (
        ("legs", "FilterEqual", "4"),
        ("legs", "FilterEqual", "๔"),
        ("legs", "FilterGreater", "3"),
        ("legs", "FilterBetween", "4..9"),
        ("weight", "FilterSmaller", "1.6"),
        ("price", "FilterEqual", "9.5"),
        ("tame", "FilterEqual", "1"),
        ("born", "FilterOnDay", "2020-02-29"),
        ("born", "FilterAfter", "2020-02-28"),
        ("kind", "FilterEqual", "cat"),
        ("name", "FilterStartsWith", "To"),
        ("name", "FilterContains", "oM"),
        ("name", "FilterIn", "Tom, Jerry"),
        ("fed_at", "FilterEmpty", ""),
        ("keeper", "FilterRelationOneToManyEqual", "001"),
        ("id", "FilterEqual", str(as_boss.cat.pk)),
    ):
        filters = ANIMALS.get_filters().add_filter(column, getattr(ANIMALS, name), text)
        found = sorted(a.name for a in ANIMALS.query(filters)[1])
        assert found == (["Rex", "Tom"] if column == "fed_at" else ["Tom"]), (column, name)


def test_base_filters_ask_their_function_at_the_time_of_the_query(as_boss: Any) -> None:
    wanted = ["Tom"]
    filters = ANIMALS.get_filters()
    filters.add_filter_list([["name", ANIMALS.FilterEqualFunction, lambda: wanted[0]]])
    assert [a.name for a in ANIMALS.query(filters)[1]] == ["Tom"]
    wanted[0] = "Rex"
    assert [a.name for a in ANIMALS.query(filters)[1]] == ["Rex"]
    filters = ANIMALS.get_filters()
    filters.add_filter_list([["name", ANIMALS.FilterInFunction, lambda: wanted]])
    assert [a.name for a in ANIMALS.query(filters)[1]] == ["Rex"]


def test_a_pattern_is_text_and_not_a_regular_expression(as_boss: Any) -> None:
    for text in (".*", "(", "^T", "T.m", "[A-Z]"):
        filters = ANIMALS.get_filters().add_filter("name", ANIMALS.FilterContains, text)
        assert ANIMALS.query(filters)[1] == []


def test_added_and_changed_traces_come_from_the_write_path(as_boss: Any) -> None:
    item = Animal(name="New", kind=Kind.DOG, keeper=Keeper.objects.get(code="001"), zone="A")
    assert item.created_by is None, "a default that reads the user would recurse"
    ANIMALS.add(item)
    stored = Animal.objects.get(pk=item.pk)
    assert (stored.created_by, stored.changed_by) == ("boss", None)
    loaded = ANIMALS.get(str(item.pk))
    loaded.legs = 2
    ANIMALS.edit(loaded)
    stored = Animal.objects.get(pk=item.pk)
    assert (stored.legs, stored.changed_by) == (2, "boss")


def test_adding_an_existing_key_is_refused_and_overwrites_nothing(as_boss: Any) -> None:
    with pytest.raises(WriteRefused) as refusal:
        KEEPERS.add(Keeper(code="001", name="Impostor", zone="A"))
    assert "code" in refusal.value.fields
    assert Keeper.objects.get(code="001").name == "Ann"


def test_a_compound_unique_error_stands_on_its_last_field(as_boss: Any) -> None:
    with pytest.raises(WriteRefused) as refusal:
        ANIMALS.add(Animal(name="Tom", kind=Kind.CAT, keeper=Keeper.objects.get(code="001"), zone="A"))
    assert list(refusal.value.fields) == ["name"]
    assert "E11000" not in str(refusal.value)


def test_what_is_referred_to_is_not_deleted(as_boss: Any) -> None:
    with pytest.raises(WriteRefused):
        KEEPERS.delete(KEEPERS.get("001"))
    assert Keeper.objects(code="001").count() == 1
    ANIMALS.delete(ANIMALS.get(str(as_boss.cat.pk)))
    KEEPERS.delete(KEEPERS.get("001"))
    assert Keeper.objects(code="001").count() == 0


def test_nobody_without_a_grant_reads_or_writes(the_zoo: Any) -> None:
    assert ANIMALS.query()[0] == 0
    assert ANIMALS.get(str(the_zoo.cat.pk)) is None
    with pytest.raises(OutOfScope):
        KEEPERS.add(Keeper(code="009", name="X", zone="A"))


def test_a_document_without_a_scope_is_reachable_by_nobody(as_boss: Any) -> None:
    Unscoped(name="x").save()
    assert MongoInterface(Unscoped).query()[0] == 0
    with pytest.raises(OutOfScope):
        MongoInterface(Unscoped).add(Unscoped(name="y"))


def test_rows_outside_the_area_do_not_exist(the_zoo: Any) -> None:
    with acting_as(the_zoo.a):
        assert [a.name for a in ANIMALS.query()[1]] == ["Tom"]
        assert ANIMALS.get(str(the_zoo.dog.pk)) is None
        assert ANIMALS.get_many([str(the_zoo.cat.pk), str(the_zoo.dog.pk)]) == [the_zoo.cat]


def test_a_row_cannot_be_written_into_another_area(the_zoo: Any) -> None:
    with acting_as(the_zoo.a):
        own = Keeper.objects.get(code="001")
        with pytest.raises(OutOfScope):
            ANIMALS.add(Animal(name="Spy", kind=Kind.CAT, keeper=own, zone="B"))
        loaded = ANIMALS.get(str(the_zoo.cat.pk))
        loaded.zone = "B"
        with pytest.raises(OutOfScope):
            ANIMALS.edit(loaded)
    assert Animal.objects.get(pk=the_zoo.cat.pk).zone == "A"


def test_a_forged_reference_is_refused_on_its_field(the_zoo: Any) -> None:
    with acting_as(the_zoo.a):
        foreign = Keeper.objects.get(code="002")
        with pytest.raises(WriteRefused) as refusal:
            ANIMALS.add(Animal(name="Spy", kind=Kind.CAT, keeper=foreign, zone="A"))
        assert list(refusal.value.fields) == ["keeper"]
        loaded = ANIMALS.get(str(the_zoo.cat.pk))
        loaded.friends = [the_zoo.dog]
        with pytest.raises(WriteRefused) as refusal:
            ANIMALS.edit(loaded)
        assert list(refusal.value.fields) == ["friends"]


def test_a_row_loaded_elsewhere_is_not_written_or_deleted(the_zoo: Any) -> None:
    with acting_as(the_zoo.boss):
        foreign = ANIMALS.get(str(the_zoo.dog.pk))
    with acting_as(the_zoo.a):
        foreign.legs = 1
        with pytest.raises(OutOfScope):
            ANIMALS.edit(foreign)
        with pytest.raises(OutOfScope):
            ANIMALS.delete(foreign)
    assert Animal.objects.get(pk=the_zoo.dog.pk).legs == 3


def test_shared_rows_are_read_by_all_and_written_by_the_top(the_zoo: Any) -> None:
    colours = MongoInterface(Colour)
    Colour(name="red").save()
    with acting_as(the_zoo.a):
        assert colours.query()[0] == 1
        with pytest.raises(OutOfScope):
            colours.add(Colour(name="blue"))
    with acting_as(the_zoo.boss):
        colours.add(Colour(name="blue"))
    assert Colour.objects.count() == 2


def test_an_unchanged_save_writes_nothing(as_boss: Any) -> None:
    loaded = ANIMALS.get(str(as_boss.cat.pk))
    ANIMALS.edit(loaded)
    assert Animal.objects.get(pk=as_boss.cat.pk).changed_on is None


def test_a_record_deleted_meanwhile_is_not_brought_back(as_boss: Any) -> None:
    loaded = ANIMALS.get(str(as_boss.cat.pk))
    Animal.objects(pk=as_boss.cat.pk).delete()
    loaded.legs = 1
    with pytest.raises(WriteRefused):
        ANIMALS.edit(loaded)
    assert Animal.objects(pk=as_boss.cat.pk).count() == 0


def test_a_malformed_object_id_does_not_reach_the_client(as_boss: Any) -> None:
    assert ANIMALS.get(str(ObjectId())) is None
