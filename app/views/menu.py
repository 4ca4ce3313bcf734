"""The menu by job and the header's "who am I", as the base template asks for them."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, url_for
from flask_login import current_user

from app.fabmongo.labels import T, language


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
    """The sections with at least one entry that the person may open."""
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
        "active": request.blueprint == item.baseview.endpoint,
    }


def _whoami() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {"name": "", "role": "", "area": ""}
    return {
        "name": current_user.get_full_name(),
        "role": ", ".join(str(role) for role in _roles()),
        "area": current_user.area_name or str(T("ทั้งประเทศ", "Whole country")),
        "profile_url": url_for("MyInfoView.this_form_get"),
        "password_url": url_for("MyPasswordView.this_form_get"),
    }


def _roles() -> list[Any]:
    from flask import current_app

    sm = current_app.extensions["appbuilder"].sm
    return list(sm.get_user_roles(current_user))
