"""A tiny application on the real MongoDB, with FAB's own templates, for the tests of security."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import mongoengine
import pymongo.monitoring
import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_appbuilder import AppBuilder, BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from pymongo.monitoring import CommandListener

from app.fabmongo.security.manager import SecurityManager
from app.fabmongo.security.models import Role, User
from app.fabmongo.security.signin import ATTEMPTS

PASSWORD = "two words and a river"
WRITTEN = ("users", "roles", "permissions", "view_menus", "permission_views", ATTEMPTS)


class Commands(CommandListener):
    """Remembers the (command, collection) pairs that went to MongoDB."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def started(self, event: Any) -> None:
        self.seen.append((event.command_name, str(event.command.get(event.command_name))))

    def succeeded(self, event: Any) -> None:
        """Nothing to do: the start was counted."""

    def failed(self, event: Any) -> None:
        """Nothing to do: the start was counted."""


COMMANDS = Commands()
pymongo.monitoring.register(COMMANDS)  # for every client that is opened from now on


@pytest.fixture
def commands() -> Commands:
    """The commands sent to MongoDB since `commands.seen.clear()`."""
    return COMMANDS


@pytest.fixture(scope="module")
def _empty(_connected: None) -> Iterator[None]:
    """Puts back what `flask init` had stored when the tests of a module are over."""
    database = mongoengine.get_db()
    kept = {name: list(database[name].find()) for name in WRITTEN}
    yield
    for name, rows in kept.items():
        database[name].delete_many({})
        if rows:
            database[name].insert_many(rows)


class PlainView(BaseView):
    """A view with a page that checks 25 permissions, as a list page of FAB does."""

    route_base = "/plain"
    default_view = "page"

    @expose("/page")
    @has_access
    def page(self) -> str:
        checks = [self.appbuilder.sm.has_access(f"can_{n}", "PlainView") for n in range(25)]
        menu = [item["name"] for item in self.appbuilder.menu.get_data()]
        return render_template_string("{{ checks|length }} {{ menu }}", checks=checks, menu=menu)

    @expose("/secret")
    @has_access
    @permission_name("secret")
    def secret(self) -> str:
        return "secret"


class OtherView(BaseView):
    """A view that only some may open."""

    route_base = "/other"
    default_view = "page"

    @expose("/page")
    @has_access
    def page(self) -> str:
        return "other"


def make_app(**config: Any) -> Flask:
    """A small application with the security manager under test."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for tests only", AUTH_RATE_LIMITED=False, FAB_UPDATE_PERMS=False)
    app.config.update(LANGUAGES={"th": {"name": "th"}, "en": {"name": "en"}}, BABEL_DEFAULT_LOCALE="th")
    app.config.update(config)
    with app.app_context():
        builder = AppBuilder(app, None, security_manager_class=SecurityManager)
        builder.add_view(PlainView, "Plain", category="Work")
        builder.add_view(OtherView, "Other", category="Work")
    return app


@pytest.fixture(scope="session")
def app(_connected: None) -> Flask:
    return make_app()


@pytest.fixture(autouse=True)
def clean(_empty: None) -> None:
    """Every test begins with empty collections that have their indexes."""
    database = mongoengine.get_db()
    for name in WRITTEN:
        database[name].delete_many({})
    User.ensure_indexes()


@pytest.fixture
def sm(app: Flask) -> Iterator[SecurityManager]:
    """The security manager, inside an application context; not for tests with a browser."""
    with app.app_context():
        yield app.appbuilder.sm


@pytest.fixture
def role(app: Flask) -> Role:
    """A role that may open PlainView and its menu entry."""
    grants = [("PlainView", "can_page"), ("Plain|Work", ".*")]
    with app.app_context():
        app.appbuilder.sm.sync_permissions()
        return app.appbuilder.sm.set_role("clerk", ("เจ้าหน้าที่", "Clerk"), grants)


@pytest.fixture
def user(app: Flask, role: Role) -> User:
    with app.app_context():
        return app.appbuilder.sm.add_user("Somsri", "First", "Last", "S@Example.org", role, PASSWORD)


class Browser:
    """A person's browser: keeps cookies and sends a form's token back."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.get = self.client.get

    def token(self, path: str = "/login/") -> str:
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path).text).group(1)

    def post(self, path: str, form_path: str | None = None, **fields: str) -> Any:
        """Post `fields` to `path` with the token of the form at `form_path`."""
        fields["csrf_token"] = self.token(form_path or path)
        return self.client.post(path, data=fields)

    def sign_in(self, username: str, password: str = PASSWORD, query: str = "") -> Any:
        return self.post(f"/login/{query}", "/login/", username=username, password=password)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture(scope="session")
def new_browser() -> Callable[[Flask], Browser]:
    """A further browser, on any application."""
    return Browser


@pytest.fixture(scope="session")
def new_app(_connected: None) -> Callable[..., Flask]:
    """A further application; keyword arguments are its settings."""
    return make_app


@pytest.fixture(scope="session")
def password() -> str:
    """The password of `user`."""
    return PASSWORD
