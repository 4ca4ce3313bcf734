"""Joins fabmongo to a Flask application: CSRF on every form post, templates, texts and formats."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, abort, current_app, request
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, PackageLoader, pass_context
from jinja2.runtime import Context

from app.fabmongo import arguments
from app.fabmongo.display import shown
from app.fabmongo.formats import Formats
from app.fabmongo.labels import T

csrf = CSRFProtect()


def init_fabmongo(app: Flask, formats: Formats | None = None) -> None:
    """Call before `AppBuilder.init_app`: without CSRF protection a link could delete a record."""
    csrf.init_app(app)
    app.before_request(_refuse_json)
    if formats is not None:
        app.extensions["fabmongo_formats"] = formats
    own = PackageLoader(__package__ or "app.fabmongo", "templates")
    app.jinja_loader = ChoiceLoader([loader for loader in (app.jinja_loader, own) if loader])
    app.jinja_env.globals["T"] = T
    app.jinja_env.filters["shown"] = shown


def _refuse_json() -> None:
    """Forms come as forms: Flask-WTF would fill one from JSON too, with objects where texts are expected."""
    takes_json = current_app.extensions.get("fabmongo_takes_json", ())
    if request.is_json and request.blueprint not in takes_json:
        abort(415)


def init_links(app: Flask) -> None:
    """Call after `AppBuilder.init_app`, whose own link filters drop repeated arguments."""
    app.jinja_env.filters["is_item_visible"] = _asked_each_time(app.jinja_env.filters["is_item_visible"])
    app.jinja_env.filters.update(
        link_page=arguments.link_page,
        link_page_size=arguments.link_page_size,
        link_order=arguments.link_order,
    )


def _asked_each_time(visible: Callable[[str, str], bool]) -> Callable[..., bool]:
    """A filter that Jinja does not work out when it compiles a template, with the rights of whoever came first."""

    @pass_context
    def ask(context: Context, permission: str, item: str) -> bool:
        return visible(permission, item)

    return ask
