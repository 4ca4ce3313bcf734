"""The menu by job and the header's "who am I", as the base template asks for them."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user

from app.fabmongo.labels import T, language

MENUS = 64
"""Menus kept in memory, one for each set of grants that people hold."""


def init_menu(app: Flask, appbuilder: Any) -> None:
    """Give the templates `menu_sections`, `whoami` and `current_lang`."""

    def sections() -> list[dict[str, Any]]:
        if "menu_sections" not in g:
            g.menu_sections = _sections(appbuilder)
        found: list[dict[str, Any]] = g.menu_sections
        return found

    app.jinja_env.globals.update(menu_sections=sections, whoami=_whoami)

    @app.context_processor
    def current_language() -> dict[str, str]:
        return {"current_lang": language()}


def _sections(appbuilder: Any) -> list[dict[str, Any]]:
    """The sections with at least one entry that the person may open, the open one marked."""
    kept = current_app.extensions.setdefault("lec_menus", {})
    # Labels are lazy texts: the same menu serves both languages. Another set of grants has another menu.
    key = (appbuilder.sm.granted(), appbuilder.sm.current_user is None, request.script_root)
    menu = kept.get(key)
    if menu is None:
        if len(kept) >= MENUS:
            kept.clear()
        menu = kept[key] = _menu(appbuilder)
    return [
        {**section, "items": [{**item, "active": request.blueprint == item["blueprint"]} for item in section["items"]]}
        for section in menu
    ]


def _menu(appbuilder: Any) -> list[dict[str, Any]]:
    found = []
    for category in appbuilder.menu.get_list():
        items = [_entry(item) for item in category.childs if _may_open(appbuilder, item.baseview)]
        if items:
            found.append({"label": category.label, "icon": category.icon, "items": items})
    return found


def _may_open(appbuilder: Any, view: Any) -> bool:
    return view is not None and appbuilder.sm.has_access("can_list", view.class_permission_name)


def _entry(item: Any) -> dict[str, Any]:
    return {
        "label": item.label,
        "icon": item.icon,
        "url": url_for(f"{item.baseview.endpoint}.{item.baseview.default_view}"),
        "blueprint": item.baseview.endpoint,
    }


def _whoami() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {"name": "", "role": "", "area": ""}
    return {
        "name": current_user.get_full_name(),
        "role": ", ".join(_roles()),
        "area": current_user.area_name or str(T("ทั้งประเทศ", "Whole country")),
        "profile_url": url_for("MyInfoView.this_form_get"),
        "password_url": url_for("MyPasswordView.this_form_get"),
    }


def _roles() -> list[str]:
    names: list[str] = current_app.extensions["appbuilder"].sm.role_labels()
    return names
