"""The forms about oneself: a new password and one's own name."""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
from flask_appbuilder.forms import DynamicForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, ValidationError

from app.fabmongo.labels import T
from app.fabmongo.security.passwords import SHORTEST, password_fault


def _password(label: Any, autocomplete: str, *validators: Any, description: Any = "") -> Any:
    return PasswordField(
        label,
        description=description,
        validators=[InputRequired(), *validators],
        widget=BS3PasswordFieldWidget(),
        render_kw={"autocomplete": autocomplete},
    )


def good_password(form: Any, field: Any) -> None:
    """Refuse a password that breaks the rules for the person signed in."""
    fault = password_fault(field.data or "", g.user.username)
    if fault is not None:
        raise ValidationError(str(fault))


def own_password(form: Any, field: Any) -> None:
    """Refuse anything but the present password of the person signed in."""
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
    if not sm.is_own_password(sm.current_user, field.data or ""):
        raise ValidationError(
            str(T("รหัสผ่านปัจจุบันไม่ถูกต้อง", "The present password is not right."))
        )


def different(form: Any, field: Any) -> None:
    """Refuse the present password as the new one."""
    if field.data == form.current_password.data:
        raise ValidationError(
            str(
                T(
                    "รหัสผ่านใหม่ต้องไม่เหมือนรหัสผ่านปัจจุบัน",
                    "The new password must differ from the present one.",
                )
            )
        )


class MyPasswordForm(DynamicForm):
    """A new password, with the present one as proof."""

    current_password = _password(
        T("รหัสผ่านปัจจุบัน", "Present password"), "current-password", own_password
    )
    password = _password(
        T("รหัสผ่านใหม่", "New password"),
        "new-password",
        good_password,
        different,
        description=T(
            "อย่างน้อย {n} ตัวอักษร ใช้คำหลายคำต่อกันได้ ไม่เหมือนชื่อผู้ใช้",
            "At least {n} characters. Several words in a row are fine. Not the user name.",
            n=SHORTEST,
        ),
    )
    conf_password = _password(
        T("รหัสผ่านใหม่อีกครั้ง", "New password again"),
        "new-password",
        EqualTo("password", message=T("รหัสผ่านใหม่ทั้งสองช่องไม่ตรงกัน", "The two new passwords differ.")),
    )


class MyInfoForm(DynamicForm):
    """One's own name, as it is shown and recorded."""

    first_name = StringField(
        T("ชื่อ", "First name"),
        validators=[DataRequired(), Length(max=64)],
        widget=BS3TextFieldWidget(),
        render_kw={"autocomplete": "given-name"},
    )
    last_name = StringField(
        T("นามสกุล", "Last name"),
        validators=[DataRequired(), Length(max=64)],
        widget=BS3TextFieldWidget(),
        render_kw={"autocomplete": "family-name"},
    )
