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
from app.views.grants import grants_of


def _level_label(value: Any) -> str:
    level = Level.from_text(str(value or ""))
    return str(enum_label(level)) if level else ""


class UserView(LecView):
    """Accounts; each has one area, and a password that is only ever issued, never shown again."""

    datamodel = MongoInterface(User, AccountRules())
    route_base = "/users"
    menu_label = T("ผู้ใช้งาน", "Users")
    add_label = T("เพิ่มผู้ใช้งาน", "Add a user")
    lead = T(
        "บัญชีของผู้ใช้แต่ละคนมีหนึ่งบทบาทและหนึ่งพื้นที่ และเห็นเฉพาะข้อมูลของพื้นที่นั้น",
        "Each account has a role and one area, and sees the data of that area only.",
    )
    show_title = T("ผู้ใช้งาน", "User")
    edit_title = T("แก้ไขผู้ใช้งาน", "Edit a user")
    label_columns = {"area_name": T("พื้นที่", "Area")}
    description_columns = {
        "area_code": T(
            "จังหวัด 2 หลัก อำเภอ 4 หลัก อปท. 7 หลัก หรือรหัสสถานศึกษา เว้นว่างไว้สำหรับทั้งประเทศ",
            "2 digits for a province, 4 for a district, 7 for an LAO, or a school's code. Empty for the whole country.",
        )
    }
    formatters_columns = {"area_level": _level_label}
    joined_columns = ("last_name",)
    list_columns = ["first_name", "last_name", "username", "roles", "area_name", "active"]
    search_columns = ["username", "first_name", "last_name", "email", "area_level", "active"]
    show_fieldsets = [
        (T("บุคคล", "Person"), {"fields": ["username", "first_name", "last_name", "email"]}),
        (T("บทบาทและพื้นที่", "Role and area"), {"fields": ["roles", "area_level", "area_name", "active"]}),
        (
            T("การเข้าใช้", "Signing in"),
            {"fields": ["last_login", "login_count", "fail_login_count", "locked_until", "must_change_password"]},
        ),
    ]
    add_fieldsets = edit_fieldsets = [
        (
            T("บุคคล", "Person"),
            {"fields": ["username", "email", "first_name", "last_name"], "two_columns": True},
        ),
        (
            T("บทบาทและพื้นที่", "Role and area"),
            {"fields": ["roles", "area_level", "area_code", "active"],
             "description": T(
                 "ระดับพื้นที่ต้องตรงกับบทบาท เมื่อบันทึกแล้ว กด “ออกรหัสผ่านใหม่” เพื่อรับรหัสผ่านไปมอบให้ผู้ใช้",
                 "The level must fit the role. After saving, press “Issue a new password” "
                 "and hand the password to the user.",
             )},
        ),
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
    lead = T("บทบาทแต่ละอย่างทำอะไรได้บ้าง ส่วนทำได้ที่ใดเป็นไปตามพื้นที่ของผู้ใช้",
             "What each role may do. Where it may do it is the area of each user.")
    show_title = T("บทบาท", "Role")
    show_template = "roles/show.html"
    base_permissions = ["can_list", "can_show"]
    list_columns = ["label_th", "label_en"]
    show_columns = ["label_th", "label_en"]
    search_columns = ["name", "label_th", "label_en"]

    def _get_show_widget(self, pk: Any, item: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        widgets: dict[str, Any] = super()._get_show_widget(pk, item, *args, **kwargs)
        widgets["show"].template_args["grants"] = grants_of(self.appbuilder, item.permissions)
        return widgets
