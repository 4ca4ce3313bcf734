"""A document with a column of every kind, and programs that speak to the API with a token."""

from __future__ import annotations

from typing import Any

import mongoengine as me
from flask import Flask
from flask_jwt_extended import create_access_token

from app.fabmongo.api.model import MongoModelRestApi
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import PathScope
from app.fabmongo.views import MongoModelView
from tests.fabmongo.zoo import AnimalView, Keeper, KeeperView, Kind


class Room(me.EmbeddedDocument):
    name = me.StringField(required=True, max_length=20)
    beds = me.IntField(min_value=0, max_value=50)
    kind = me.EnumField(Kind)
    keeper = me.ReferenceField(Keeper)


class Shelter(me.Document):
    meta = {"collection": "zoo_shelters", "strict": False}
    scope = PathScope(zone="zone")
    search_fields = ("name",)

    name = me.StringField(required=True, max_length=30)
    zone = me.StringField(required=True)
    pin = me.StringField(secret=True)
    opened = me.DateField()
    checked_at = me.DateTimeField()
    budget = me.DecimalField(precision=2)
    exact = me.Decimal128Field()
    rating = me.FloatField()
    places = me.IntField(min_value=0)
    public = me.BooleanField(default=True)
    kind = me.EnumField(Kind)
    size = me.StringField(choices=[("s", "Small"), ("l", "Large")])
    serial = me.UUIDField(binary=True)
    tags = me.ListField(me.StringField())
    skills = me.ListField(me.EnumField(Kind))
    notes = me.DictField()
    prices = me.MapField(me.DecimalField(precision=2))
    spot = me.PointField()
    berth = me.GeoPointField()
    site = me.URLField()
    mail = me.EmailField()
    room = me.EmbeddedDocumentField(Room)
    rooms = me.EmbeddedDocumentListField(Room)
    keeper = me.ReferenceField(Keeper)
    keepers = me.ListField(me.ReferenceField(Keeper))
    total = me.IntField(derived=True)
    changed_by = me.StringField(audit=True)

    def __str__(self) -> str:
        return str(self.name)


COLUMNS = [
    "name", "zone", "pin", "opened", "checked_at", "budget", "exact", "rating", "places", "public", "kind", "size",
    "serial", "tags", "skills", "notes", "prices", "spot", "berth", "site", "mail", "room", "rooms", "keeper",
    "keepers",
]  # fmt: skip


class ShelterView(MongoModelView):
    datamodel = MongoInterface(Shelter)
    list_columns = ["name", "pin", "zone"]
    class_permission_name = "KeeperView"


class AnimalApi(MongoModelRestApi):
    view = AnimalView
    resource_name = "animals"
    order_columns = ["name", "kind", "legs", "weight", "size", "tame", "born", "keeper", "chip"]


class KeeperApi(MongoModelRestApi):
    view = KeeperView
    resource_name = "keepers"


class ShelterApi(MongoModelRestApi):
    view = ShelterView
    resource_name = "shelters"
    show_columns = list_columns = [*COLUMNS, "id", "total", "changed_by"]
    add_columns = edit_columns = COLUMNS


class Program:
    """A client with one person's token."""

    def __init__(self, app: Flask, user: Any) -> None:
        self.client = app.test_client(use_cookies=False)
        with app.test_request_context():
            token = create_access_token(identity=user.get_id())
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, address: str, body: Any = None, etag: str = "", **kwargs: Any) -> Any:
        headers = {**self.headers, **({"If-Match": etag} if etag else {}), **kwargs.pop("headers", {})}
        if body is not None:
            kwargs["json"] = body
        return self.client.open(f"/api/v1/{address}", method=method, headers=headers, **kwargs)

    def get(self, address: str, **kwargs: Any) -> Any:
        return self.send("GET", address, **kwargs)

    def etag(self, address: str) -> str:
        return str(self.get(address).headers["ETag"])
