"""A small zoo to test fabmongo with: two documents, their views and an application, nothing of LEC."""

from __future__ import annotations

import enum
from typing import Any

from flask import Flask, session
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from flask_wtf.csrf import generate_csrf
from mongoengine import (
    DENY,
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    Document,
    EnumField,
    FloatField,
    IntField,
    ListField,
    ReferenceField,
    StringField,
)

from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.master_detail import MongoMasterDetailView
from app.fabmongo.scope import PathScope, SharedScope
from app.fabmongo.security.manager import SecurityManager
from app.fabmongo.security.models import Role, User
from app.fabmongo.setup import init_fabmongo, init_links
from app.fabmongo.views import MongoModelView


class Kind(enum.StrEnum):
    CAT = "cat"
    DOG = "dog"

    @property
    def th(self) -> str:
        return {"cat": "แมว", "dog": "สุนัข"}[self.value]

    @property
    def en(self) -> str:
        return {"cat": "Feline", "dog": "Canine"}[self.value]


class Keeper(Document):
    meta = {"collection": "zoo_keepers", "ordering": ["code"]}
    scope = PathScope(zone="zone")
    search_fields = ("name",)

    code = StringField(primary_key=True, regex=r"^\d{3}$", code=True, verbose_name=T("รหัส", "Code"))
    name = StringField(required=True, max_length=20)
    zone = StringField(required=True)

    def __str__(self) -> str:
        return str(self.name)


class Animal(Document):
    meta = {
        "collection": "zoo_animals",
        "strict": False,
        "indexes": [{"fields": ("keeper", "name"), "unique": True}, "chip"],
    }
    scope = PathScope(zone="zone")
    search_fields = ("name", "chip")

    name = StringField(required=True, max_length=30, verbose_name=T("ชื่อ", "Name"))
    chip = StringField(unique=True, sparse=True, code=True, secret=True)
    kind = EnumField(Kind, required=True)
    legs = IntField(min_value=0, max_value=8, default=4)
    weight = FloatField()
    price = DecimalField(precision=2)
    tame = BooleanField(default=False)
    born = DateField()
    fed_at = DateTimeField()
    size = StringField(choices=[("s", "Small"), ("l", "Large")])
    tags = ListField(StringField())
    skills = ListField(EnumField(Kind))
    note = StringField(long=True)
    keeper = ReferenceField(Keeper, required=True, reverse_delete_rule=DENY)
    friends = ListField(ReferenceField("self"))
    zone = StringField(required=True)
    created_by = StringField(audit=True)
    created_on = DateTimeField(audit=True)
    changed_by = StringField(audit=True)
    changed_on = DateTimeField(audit=True)

    def __str__(self) -> str:
        return str(self.name)


class Colour(Document):
    meta = {"collection": "zoo_colours"}
    scope = SharedScope()
    name = StringField(primary_key=True)


class Unscoped(Document):
    """A document whose author forgot to declare a scope."""

    meta = {"collection": "zoo_unscoped"}
    name = StringField()


class AnimalView(MongoModelView):
    datamodel = MongoInterface(Animal)
    list_columns = ["name", "chip", "kind", "legs", "born", "keeper"]
    seen: list[Any] = []

    @action("pat", "Pat", "", "fa-hand")
    def pat(self, items: Any) -> Any:
        type(self).seen.append(items)
        return "patted"

    @action("weigh", "Weigh", "", "fa-scale", multiple=False)
    def weigh(self, item: Any) -> Any:
        return f"{item.name} was weighed"


class KeeperView(MongoModelView):
    datamodel = MongoInterface(Keeper)
    related_views = [AnimalView]


class KeeperMasterView(MongoMasterDetailView):
    datamodel = MongoInterface(Keeper)
    related_views = [AnimalView]


def make_app(redis_url: str) -> tuple[Flask, Any]:
    """A Flask application with the zoo's views, CSRF on, roles not yet stored."""
    app = Flask("zoo")
    app.config.update(
        SECRET_KEY="zoo-secret-for-tests-only-0123456789",
        FAB_UPDATE_PERMS=False,
        RATELIMIT_ENABLED=False,
        AUTH_RATE_LIMITED=False,
        BABEL_DEFAULT_LOCALE="en",
        LANGUAGES={"en": {"flag": "gb", "name": "English"}, "th": {"flag": "th", "name": "ไทย"}},
    )
    init_fabmongo(app)
    with app.app_context():
        builder = AppBuilder(security_manager_class=SecurityManager)
        builder.init_app(app, None)
        for view in (AnimalView, KeeperView, KeeperMasterView):
            builder.add_view(view, view.__name__)
        init_links(app)
    app.jinja_env.globals.setdefault("csp_nonce", lambda: "")
    return app, builder


class Visitor:
    """A signed-in client whose posts carry the CSRF token."""

    def __init__(self, app: Flask, user: User) -> None:
        self.app, self.user = app, user
        self.client = app.test_client()
        with app.test_request_context():
            self.token = generate_csrf()
            raw = session["csrf_token"]
        with self.client.session_transaction() as own:
            own.update(_user_id=user.get_id(), _fresh=True, csrf_token=raw)

    def get(self, url: str, **kwargs: Any) -> Any:
        return self.client.get(url, **kwargs)

    def post(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        return self.client.post(url, data={"csrf_token": self.token, **(data or {})}, **kwargs)


def make_user(name: str, level: str, codes: dict[str, str], role: str = "keeper") -> User:
    user = User(username=name, first_name=name, last_name="-", password="!", active=True,
                area_level=level, area_codes=codes)
    user.roles = [Role.objects.get(name=role)]
    return user.save()
