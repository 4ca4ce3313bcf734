"""People who sign in, and their roles."""

from __future__ import annotations

from typing import Any

from flask import flash
from flask_appbuilder.actions import action
from wtforms.validators import DataRequired

from app.enums import Level
from app.fabmongo.converter import REQUIRED
from app.fabmongo.display import enum_label
from app.fabmongo.fields import ChoiceField
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.security.models import Role, User
from app.services.accounts import AccountRules
from app.views.base import LecView


class UserView(LecView):
    """Accounts; each has one area, and a password that is only ever issued, never shown again."""

    datamodel = MongoInterface(User, AccountRules())
    route_base = "/users"
    menu_label = T("ผู้ใช้งาน", "Users")
    add_label = T("เพิ่มผู้ใช้งาน", "Add a user")
    list_columns = ["username", "first_name", "last_name", "roles", "area_name_th", "active"]
    search_columns = ["username", "first_name", "last_name", "email", "area_level", "active"]
    show_columns = [
        "username", "first_name", "last_name", "email", "roles", "area_level", "area_name_th",
        "active", "last_login", "login_count", "fail_login_count", "locked_until",
    ]
    add_columns = edit_columns = [
        "username", "first_name", "last_name", "email", "roles", "area_level", "area_code", "active",
    ]

    add_form_extra_fields = edit_form_extra_fields = {
        "area_level": ChoiceField(
            T("ระดับพื้นที่", "Level of area"),
            choices=[("", ""), *((level.value, enum_label(level)) for level in Level)],
            validators=[DataRequired(REQUIRED)],
        )
    }

    @action(
        "issue_password",
        T("ออกรหัสผ่านใหม่", "Issue a new password"),
        T("ออกรหัสผ่านใหม่ให้ผู้ใช้นี้หรือไม่ รหัสเดิมจะใช้ไม่ได้ทันที",
          "Issue a new password? The old one stops working at once."),
        multiple=False,
    )
    def issue_password(self, user: Any) -> Any:
        """Set a random password and show it once to the administrator."""
        password = self.appbuilder.sm.issue_password(user)
        flash(
            str(
                T(
                    "รหัสผ่านใหม่ของ {name} คือ {password} จดไว้เดี๋ยวนี้ ระบบจะไม่แสดงอีก",
                    "The new password of {name} is {password}. Note it now; it is not shown again.",
                    name=user.username,
                    password=password,
                )
            ),
            "warning",
        )
        return self._after_save(user)


class RoleView(LecView):
    """What each kind of person may do."""

    datamodel = MongoInterface(Role)
    route_base = "/roles"
    menu_label = T("บทบาทและสิทธิ", "Roles")
    base_permissions = ["can_list", "can_show"]
    list_columns = ["label_th", "name"]
    show_columns = ["name", "label_th", "label_en", "permissions"]
    search_columns = ["name", "label_th"]
