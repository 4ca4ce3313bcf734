"""A role's permissions as a table for people: the pages of the menu, and what may be done on each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.fabmongo.labels import T
from app.fabmongo.security.models import split_key

USUAL: tuple[tuple[str, Any], ...] = (
    ("can_list", T("ดู", "See")),
    ("can_add", T("เพิ่ม", "Add")),
    ("can_edit", T("แก้ไข", "Edit")),
    ("can_delete", T("ลบ", "Delete")),
)
"""The columns of the table: a permission and its heading."""

SPECIAL: dict[str, Any] = {
    "can_send": T("ส่งหนังสือ", "Send notices"),
    "can_check": T("ตรวจสอบข้อมูล", "Check the data"),
    "can_explain": T("ชี้แจง", "Explain"),
    "issue_password": T("ออกรหัสผ่าน", "Issue passwords"),
}
"""What only some pages have."""


def grants_of(appbuilder: Any, permissions: Iterable[str]) -> dict[str, Any]:
    """{"heads": [text], "rows": [{"label", "cells": [bool], "also": [text]}]}: the pages in the menu, in its order."""
    held: dict[str, set[str]] = {}
    for key in permissions:
        permission, view = split_key(key)
        held.setdefault(view, set()).add(permission)
    rows = [
        _row(item.label, held.get(item.baseview.class_permission_name, set()))
        for category in appbuilder.menu.get_list()
        for item in category.childs
        if item.baseview is not None
    ]
    return {"heads": [label for _, label in USUAL], "rows": rows}


def _row(label: Any, held: set[str]) -> dict[str, Any]:
    return {
        "label": label,
        "cells": [permission in held for permission, _ in USUAL],
        "also": [text for permission, text in SPECIAL.items() if permission in held],
    }
