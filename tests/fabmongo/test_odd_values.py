"""Stored values that the application has no word for any more are shown as they are and break no page."""

from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any

import mongoengine as me
import pytest
from bson import Decimal128, ObjectId

from app.fabmongo.display import shown
from tests.fabmongo.api.shelter import Program
from tests.fabmongo.ark import Ark
from tests.fabmongo.zoo import Animal

ODD: list[Any] = ["bird", 7, 1.5, True, {"a": 1}, ["bird"], [["bird"]], [{"a": None}], datetime(2020, 1, 2), b"\xff",
                  ObjectId("0" * 24), Decimal128("1.5")]  # fmt: skip
COLUMNS = ("kind", "size", "skills", "tame", "legs", "price", "born", "fed_at", "note")


class Number(enum.Enum):
    ONE = 1

    @classmethod
    def _missing_(cls, value: object) -> Any:
        raise TypeError("nothing but numbers")


@pytest.mark.parametrize("value", ["bird", 7, ("a",), {"a": 1}, Decimal(1), b"\xff", frozenset()])
def test_a_value_that_is_no_member_is_its_own_text(value: Any) -> None:
    for field in (me.EnumField(Number), me.StringField(choices=[("s", "Small")])):
        assert isinstance(shown(value, field), (str, int))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("value", ODD, ids=str)
def test_every_page_of_a_row_with_an_odd_value_opens(the_ark: Any, column: str, value: Any) -> None:
    pk = the_ark.cat.pk
    Animal._get_collection().update_one({"_id": pk}, {"$set": {column: value}})
    visitor = the_ark.visitor(the_ark.a)
    pages = (f"show/{pk}", f"edit/{pk}", "list/", f"list/?_oc_AnimalView={column}", "export", "export?format=xlsx")
    for address in pages:
        assert visitor.get(f"/animalview/{address}").status_code == 200, address


@pytest.mark.parametrize("column", ["kind", "mail", "serial", "sails_at", "built", "price", "notes"])
@pytest.mark.parametrize("value", ODD, ids=str)
def test_rest_gives_odd_values_out(the_ark: Any, column: str, value: Any) -> None:
    pk = Ark._get_collection().insert_one({"name": "Old", "zone": "A", "_cls": "Ark", column: value}).inserted_id
    program = Program(the_ark.app, the_ark.a)
    assert program.get("arks/").status_code == 200
    assert program.get(f"arks/{pk}").status_code == 200


def test_a_choice_that_is_gone_is_shown_and_can_be_replaced(the_ark: Any) -> None:
    pk = the_ark.cat.pk
    Animal._get_collection().update_one({"_id": pk}, {"$set": {"kind": "bird"}})
    visitor = the_ark.visitor(the_ark.a)
    for address in ("list/", f"show/{pk}", "export"):
        assert "bird" in visitor.get(f"/animalview/{address}").text, address
    form = {"name": "Tom", "chip": "111", "kind": "cat", "legs": "4", "keeper": "001", "zone": "A"}
    assert visitor.post(f"/animalview/edit/{pk}", form).status_code == 302
    assert Animal.objects.get(pk=pk).kind == "cat"
