"""The documents of security: people, their roles, and the permissions the views have registered."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from typing import Any

from mongoengine import (
    DENY,
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    MapField,
    ReferenceField,
    StringField,
)

from app.fabmongo.labels import T, language
from app.fabmongo.scope import Area, PathScope

BETWEEN = " on "


def permission_key(permission: str, view: str) -> str:
    """The one text for a permission on a view or menu: `can_list on SchoolView`."""
    return f"{permission}{BETWEEN}{view}"


def split_key(key: str) -> tuple[str, str]:
    """(permission, view) of a permission's text; a permission's name holds no space."""
    permission, _, view = key.partition(BETWEEN)
    return permission, view


class SignInName(StringField):
    """A name to sign in with, in one spelling, so that case and width never make two of it."""

    @staticmethod
    def fold(value: Any) -> str | None:
        """The stored spelling; blank is None, which a sparse unique index leaves out."""
        if value is None:
            return None
        return unicodedata.normalize("NFKC", str(value)).strip().casefold() or None

    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, self.fold(value))

    def prepare_query_value(self, op: str, value: Any) -> Any:
        folded = self.fold(value) if isinstance(value, str) else value
        return super().prepare_query_value(op, folded)


class SecurityDocument(Document):
    """A security document; the writer's traces are set by the write path, never by a default."""

    meta: dict[str, Any] = {"auto_create_index": False, "abstract": True}
    scope = PathScope()

    created_on = DateTimeField(verbose_name=T("สร้างเมื่อ", "Created on"), audit=True)
    created_by = StringField(verbose_name=T("ผู้สร้าง", "Created by"), audit=True)
    changed_on = DateTimeField(verbose_name=T("แก้ไขเมื่อ", "Changed on"), audit=True)
    changed_by = StringField(verbose_name=T("ผู้แก้ไขล่าสุด", "Changed by"), audit=True)


class Role(SecurityDocument):
    """What a kind of person may do: permission texts such as `can_list on SchoolView`."""

    meta = {"collection": "roles", "ordering": ["name"]}

    name = StringField(primary_key=True, max_length=64, verbose_name=T("รหัสบทบาท", "Role"))
    label_th = StringField(max_length=150, verbose_name=T("ชื่อบทบาท (ไทย)", "Label (Thai)"))
    label_en = StringField(max_length=150, verbose_name=T("ชื่อบทบาท (อังกฤษ)", "Label (English)"))
    permissions = ListField(StringField(), verbose_name=T("สิทธิ์", "Permissions"))
    baseline = DictField(verbose_name=T("ค่าที่ระบบกำหนด", "As set by the system"))
    """What the application's table gave last; the difference to it is an administrator's work."""

    @property
    def id(self) -> str:
        return str(self.name)

    @property
    def managed(self) -> bool:
        """Whether the role still is exactly what the application's table gave it."""
        base = self.baseline or {}
        return bool(base) and (
            (self.label_th, self.label_en) == (base.get("label_th"), base.get("label_en"))
            and set(self.permissions) == set(base.get("permissions", ()))
        )

    def __str__(self) -> str:
        label = self.label_th if language() == "th" else self.label_en
        return str(label or self.name)


class SavedView(EmbeddedDocument):
    """What somebody wants to see of a list again: arguments of its address, never an address."""

    meta = {"strict": False}

    name = StringField(required=True, max_length=80)
    of = StringField(required=True)
    """The class name of the list's view."""
    query = StringField(required=True, max_length=2000)
    first = BooleanField(default=False)
    """Whether the list opens with it."""


class User(SecurityDocument):
    """A person who signs in; sees and changes what lies in one area."""

    meta = {"collection": "users", "ordering": ["username"], "indexes": ["roles", "area_level"]}

    search_fields = ("username", "first_name", "last_name")

    username = SignInName(
        required=True, unique=True, max_length=128, verbose_name=T("ชื่อผู้ใช้", "User name")
    )
    password = StringField(secret=True, verbose_name=T("รหัสผ่าน", "Password"))
    first_name = StringField(
        required=True, min_length=1, max_length=64, verbose_name=T("ชื่อ", "First name")
    )
    last_name = StringField(
        required=True, min_length=1, max_length=64, verbose_name=T("นามสกุล", "Last name")
    )
    email = SignInName(unique=True, sparse=True, max_length=254, verbose_name=T("อีเมล", "E-mail"))
    active = BooleanField(default=True, verbose_name=T("เปิดใช้งาน", "Active"))
    roles = ListField(
        ReferenceField(Role, reverse_delete_rule=DENY), verbose_name=T("บทบาท", "Roles")
    )

    area_level = StringField(verbose_name=T("ระดับพื้นที่", "Level of area"))
    area_code = StringField(
        code=True,
        verbose_name=T("รหัสพื้นที่ของผู้ใช้", "Code of area"),
        help_text=T("เว้นว่างไว้สำหรับทั้งประเทศ", "Leave empty for the whole country"),
    )
    area_codes = MapField(StringField(), verbose_name=T("รหัสพื้นที่", "Codes of area"))
    area_name_th = StringField(verbose_name=T("ชื่อพื้นที่ (ไทย)", "Area (Thai)"))
    area_name_en = StringField(verbose_name=T("ชื่อพื้นที่ (อังกฤษ)", "Area (English)"))

    last_login = DateTimeField(verbose_name=T("เข้าใช้ล่าสุด", "Last sign-in"))
    login_count = IntField(default=0, verbose_name=T("จำนวนครั้งที่เข้าใช้", "Sign-ins"))
    fail_login_count = IntField(
        default=0, verbose_name=T("เข้าใช้ไม่สำเร็จ (ครั้ง)", "Failed sign-ins")
    )
    locked_until = DateTimeField(verbose_name=T("ระงับชั่วคราวถึง", "Locked until"))
    password_changed_on = DateTimeField(
        verbose_name=T("เปลี่ยนรหัสผ่านเมื่อ", "Password changed on")
    )
    session_epoch = IntField(default=0, derived=True)
    """Raised on signing out, so that a copy of the cookie, on whatever machine, is worth nothing."""
    must_change_password = BooleanField(
        default=False, verbose_name=T("ต้องเปลี่ยนรหัสผ่าน", "Must change password")
    )

    saved_views = EmbeddedDocumentListField(SavedView, derived=True, private=True)
    """Read with the person at each request anyway, so that a list pays nothing for them (fabmongo/saved_views.py)."""

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return bool(self.active)

    @property
    def area(self) -> Area | None:
        """The place this person works in; None is nowhere, so nothing is granted."""
        if not self.area_level:
            return None
        return Area(self.area_level, dict(self.area_codes or {}))

    @property
    def area_name(self) -> str:
        """The area's name in the language of this request."""
        name = self.area_name_th if language() == "th" else self.area_name_en
        return str(name or self.area_name_th or "")

    @property
    def role_names(self) -> list[str]:
        """The names of the roles, without reading them from the database."""
        return [str(ref.id) for ref in self._data.get("roles") or ()]

    def get_id(self) -> str:
        """What a session remembers: the id and a mark that a new password or signing out changes."""
        told = f"session:{self.session_epoch or 0}:{self.password}"
        mark = hashlib.sha256(told.encode()).hexdigest()[:20]
        return f"{self.pk}.{mark}"

    def get_full_name(self) -> str:
        return f"{self.first_name or ''} {self.last_name or ''}".strip()

    def __str__(self) -> str:
        return self.get_full_name() or str(self.username)

    def __repr__(self) -> str:
        return f"<User {self.pk}>"


class Permission(Document):
    """The name of something that can be done, such as `can_list`."""

    meta = {"auto_create_index": False, "collection": "permissions"}
    name = StringField(primary_key=True, max_length=100)

    @property
    def id(self) -> str:
        return str(self.name)

    def __str__(self) -> str:
        return str(self.name)


class ViewMenu(Document):
    """The name of a view or of a menu entry."""

    meta = {"auto_create_index": False, "collection": "view_menus"}
    name = StringField(primary_key=True, max_length=250)

    @property
    def id(self) -> str:
        return str(self.name)

    def __str__(self) -> str:
        return str(self.name)


class PermissionView(Document):
    """Something that can be done on a view; its key says it all, so nothing is dereferenced."""

    meta = {"auto_create_index": False, "collection": "permission_views", "indexes": ["view_name"]}
    key = StringField(primary_key=True)
    permission_name = StringField(db_field="permission", required=True)
    view_name = StringField(db_field="view", required=True)

    @classmethod
    def of(cls, permission: str, view: str) -> PermissionView:
        key = permission_key(permission, view)
        return cls(key=key, permission_name=permission, view_name=view)

    @property
    def id(self) -> str:
        return str(self.key)

    @property
    def permission(self) -> Permission:
        return Permission(name=self.permission_name)

    @property
    def view_menu(self) -> ViewMenu:
        return ViewMenu(name=self.view_name)

    def __str__(self) -> str:
        return str(self.key)


def keys_of(permissions: Iterable[PermissionView | str]) -> list[str]:
    """The texts of permissions given as documents or as texts, each once, sorted."""
    return sorted({p if isinstance(p, str) else str(p.key) for p in permissions})
