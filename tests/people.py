"""A cast for the tests: one person of each role, each in one area, signed in by one call."""

from __future__ import annotations

from typing import Any

from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from pymongo.database import Database

from app.fabmongo.scope import Area
from app.fabmongo.security.models import Role, User
from tests.factories.places import Places, make_places

PASSWORD = "correct-horse-battery-1"
HASH = (
    "pbkdf2:sha256:1000$KJ0X4LW1nGfVvUTx$"
    "31d8bd41e0ea59ad1e0d2c8eb6f7e19ff0a5d9a3a2b7d0f9f7f76bd0ae0b5f1c"
)
"""No password has this hash: the cast is signed in without one, but for `with_password`."""


class Browser:
    """A signed-in test client that carries the CSRF token on every post."""

    def __init__(self, app: Flask, user: User) -> None:
        self.user = user
        self.client: FlaskClient = app.test_client()
        with app.test_request_context():
            self.token = generate_csrf()
            raw = session["csrf_token"]
        with self.client.session_transaction() as own:
            own["_user_id"] = user.get_id()
            own["_fresh"] = True
            own["csrf_token"] = raw
            own["locale"] = "th"

    def get(self, url: str, **kwargs: Any) -> Any:
        return self.client.get(url, **kwargs)

    def post(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        return self.client.post(url, data={"csrf_token": self.token, **(data or {})}, **kwargs)


class People:
    """dla, province (30), district (3014), lao and school (in ทต.ตะขบ), neighbour (อบต.ตะขบ), far (31)."""

    def __init__(self, app: Flask, db: Database[dict[str, Any]]) -> None:
        self.app = app
        self.places: Places = make_places(db)
        home = self.places.takhop_tambon
        areas = {
            "dla": ("dla", Area("country")),
            "province": ("province", home.area("province")),
            "district": ("district", home.area("district")),
            "lao": ("lao", home.area()),
            "school": ("school", home.area("school")),
            "neighbour": ("lao", self.places.takhop_sao.area()),
            "far": ("lao", self.places.buriram_sao.area()),
        }
        self.users = {name: make_person(name, role, area) for name, (role, area) in areas.items()}

    def __getitem__(self, name: str) -> User:
        return self.users[name]

    def browser(self, name: str) -> Browser:
        """A browser in which the person is signed in."""
        return Browser(self.app, self.users[name])

    def with_password(self, name: str) -> str:
        """Give the person a password to type, and return it."""
        sm = self.app.extensions["appbuilder"].sm
        with self.app.app_context():
            sm.reset_password(self.users[name].pk, PASSWORD)
        return PASSWORD


def make_person(name: str, role: str, area: Area) -> User:
    """Store a person of this role in this area; without a password nobody can sign in as this one."""
    user = User(
        username=name,
        first_name=name,
        last_name="ทดสอบ",
        email=f"{name}@lec.example",
        password=HASH,
        active=True,
        area_level=area.level,
        area_codes=dict(area.codes),
    )
    user.roles = [Role.objects.get(name=role)]
    user.save()
    return user


