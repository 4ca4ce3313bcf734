"""A document with a column of every kind that a form can edit, and its view; it sails beside the zoo."""

from __future__ import annotations

import io
from typing import Any

import mongoengine as me

from app.fabmongo.api.model import MongoModelRestApi
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope
from app.fabmongo.views import MongoModelView
from tests.fabmongo.zoo import Keeper, Kind

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


class Meal(me.EmbeddedDocument):
    food = me.StringField(required=True, max_length=20)
    grams = me.IntField(min_value=1)


class Cabin(me.EmbeddedDocument):
    name = me.StringField(required=True, max_length=20, verbose_name=T("ชื่อห้อง", "Cabin"))
    beds = me.IntField(min_value=0, max_value=50, default=2)
    kind = me.EnumField(Kind)
    mail = me.EmailField()
    dry = me.BooleanField(default=False)
    pin = me.StringField(secret=True)
    keeper = me.ReferenceField(Keeper)
    meals = me.EmbeddedDocumentListField(Meal)
    hidden = me.ObjectIdField()


class Ark(me.Document):
    meta = {"collection": "zoo_arks", "strict": False, "allow_inheritance": True}
    scope = PathScope(zone="zone")
    search_fields = ("name",)

    name = me.StringField(required=True, max_length=30)
    zone = me.StringField(required=True)
    mail = me.EmailField()
    site = me.URLField()
    serial = me.UUIDField(binary=True)
    sails_at = me.DateTimeField()
    built = me.DateField()
    price = me.DecimalField(precision=2)
    exact = me.Decimal128Field()
    rating = me.FloatField()
    kind = me.EnumField(Kind)
    tags = me.ListField(me.StringField())
    depths = me.ListField(me.IntField())
    stops = me.ListField(me.DateTimeField())
    notes = me.DictField()
    prices = me.MapField(me.DecimalField(precision=2))
    spot = me.PointField()
    bridge = me.EmbeddedDocumentField(Cabin)
    cabins = me.EmbeddedDocumentListField(Cabin)
    keeper = me.ReferenceField(Keeper)
    plan = me.FileField(max_bytes=2000, verbose_name=T("แบบแปลน", "Plan"))
    photo = me.ImageField()

    def __str__(self) -> str:
        return str(self.name)


class Raft(Ark):
    singular = T("แพ", "Raft")
    logs = me.IntField(required=True, min_value=2)
    secret_place = me.StringField(secret=True)


class ArkView(MongoModelView):
    datamodel = MongoInterface(Ark)
    class_permission_name = "KeeperView"
    list_columns = ["name", "sails_at", "serial", "mail", "bridge", "cabins", "spot", "notes", "plan"]


COLUMNS = [
    "name", "zone", "mail", "site", "serial", "sails_at", "built", "price", "exact", "rating", "kind", "tags",
    "depths", "stops", "notes", "prices", "spot", "bridge", "cabins", "keeper",
]  # fmt: skip


class ArkApi(MongoModelRestApi):
    view = ArkView
    resource_name = "arks"
    show_columns = list_columns = [*COLUMNS, "id", "plan", "photo"]
    add_columns = edit_columns = [*COLUMNS, "plan", "photo"]


def upload(content: bytes = b"content", name: str = "plan.pdf") -> Any:
    """A file as the test client posts it."""
    return io.BytesIO(content), name
