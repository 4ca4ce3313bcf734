"""Roles in MongoDB: made by hand, by a table of the application, or from a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from flask_appbuilder.exceptions import FABException
from flask_appbuilder.security.manager import BaseSecurityManager

from app.fabmongo.labels import T
from app.fabmongo.security.models import PermissionView, Role, User, keys_of, split_key
from app.fabmongo.security.users import utc_now

Grants = Sequence[tuple[str, str]]
"""(regular expression for views and menus, regular expression for permissions), matched whole."""


def expand(grants: Grants, registered: Iterable[str]) -> list[str]:
    """The registered permission texts that a table of grants names, sorted."""
    table = [(re.compile(view), re.compile(permission)) for view, permission in grants]
    return sorted(
        key
        for key in registered
        for permission, view in [split_key(key)]
        if any(v.fullmatch(view) and p.fullmatch(permission) for v, p in table)
    )


def merge(base: Iterable[str], now: Iterable[str], new: Iterable[str]) -> list[str]:
    """`new` with what was added to and taken from `base` by hand, as seen in `now`."""
    base, now, new = set(base), set(now), set(new)
    return sorted((new - (base - now)) | (now - base))


class RoleStore(BaseSecurityManager):
    """What Flask-AppBuilder's security manager must do with roles."""

    role_model: type[Role] = Role

    def find_role(self, name: str) -> Role | None:
        found: Role | None = self.role_model.objects(name=name).first()
        return found

    def get_all_roles(self) -> list[Role]:
        return list(self.role_model.objects)

    def get_public_role(self) -> Role | None:
        """The role of people who have not signed in; it never holds a permission."""
        return self.find_role(self.auth_role_public)

    def get_public_permissions(self) -> list[PermissionView]:
        """Always none: whoever has not signed in may do nothing."""
        return []

    def add_role(
        self, name: str, permissions: Iterable[PermissionView | str] | None = None
    ) -> Role:
        """Create a role, or return the one of that name as it is."""
        keys = keys_of(permissions or ())
        self._refuse_public(name, keys)
        self.role_model.objects(name=name).update_one(
            upsert=True, set_on_insert__permissions=keys, set_on_insert__created_on=utc_now()
        )
        role: Role = self.role_model.objects.get(name=name)
        return role

    def update_role(self, pk: Any, name: str) -> Role | None:
        """Rename a role; the people who have it keep it. None when there is no role `pk`."""
        role = self.find_role(pk)
        if role is None or name == role.name:
            return role
        if self.find_role(name) is not None:
            raise FABException(f"Role {name} exists already; {pk} was not renamed.")
        self._refuse_public(name, role.permissions)
        # A key cannot be changed: copy first, move the people, delete last, so that a crash
        # in between leaves a role too many and nobody without one.
        self.role_model._get_collection().insert_one(role.to_mongo().to_dict() | {"_id": name})
        User._get_collection().update_many(
            {"roles": pk}, {"$set": {"roles.$[one]": name}}, array_filters=[{"one": pk}]
        )
        self.role_model._get_collection().delete_one({"_id": pk})
        return self.find_role(name)

    def add_permission_role(self, role: Role, perm_view: PermissionView | None) -> None:
        """Add a permission to a role; nothing happens where it holds it already."""
        if perm_view is None:
            return
        self._refuse_public(role.name, [perm_view.key])
        self.role_model.objects(name=role.name).update_one(add_to_set__permissions=perm_view.key)
        role.reload("permissions")

    def del_permission_role(self, role: Role, perm_view: PermissionView | None) -> None:
        """Take a permission from a role; nothing happens where it does not hold it."""
        if perm_view is None:
            return
        self.role_model.objects(name=role.name).update_one(pull__permissions=perm_view.key)
        role.reload("permissions")

    def _refuse_public(self, name: str, permissions: Iterable[str]) -> None:
        if name == self.auth_role_public and list(permissions):
            raise FABException(
                str(
                    T(
                        "บทบาทของผู้ที่ยังไม่เข้าสู่ระบบต้องไม่มีสิทธิ์ใด ๆ",
                        "The role of people who have not signed in never holds a permission.",
                    )
                )
            )

    def set_role(self, name: str, labels: tuple[str, str], grants: Grants) -> Role:
        """Make or refresh a role from the application's table; repeating it changes nothing.

        `labels` are the Thai and the English name. `grants` is expanded against the registered
        permissions (see `sync_permissions`). What an administrator added to or took from the role
        by hand since the last time stays so.
        """
        registered = PermissionView._get_collection().distinct("_id")
        table = {
            "permissions": expand(grants, registered),
            "label_th": labels[0],
            "label_en": labels[1],
        }
        self._refuse_public(name, table["permissions"])
        role = self.find_role(name)
        wanted: dict[str, Any] = dict(table)
        if role is not None:
            base = role.baseline or {}
            for side in ("label_th", "label_en"):
                if getattr(role, side) not in (None, base.get(side)):
                    wanted[side] = getattr(role, side)
            wanted["permissions"] = merge(
                base.get("permissions", ()), role.permissions, table["permissions"]
            )
        self._store(name, wanted | {"baseline": table})
        return self.role_model.objects.get(name=name)

    def _store(self, name: str, values: dict[str, Any]) -> None:
        """Write a role only where it differs, so that a repeated run leaves no trace."""
        roles = self.role_model._get_collection()
        stored = roles.find_one({"_id": name}) or {}
        if any(stored.get(key) != value for key, value in values.items()):
            now = utc_now()
            change = {"$set": values | {"changed_on": now}, "$setOnInsert": {"created_on": now}}
            roles.update_one({"_id": name}, change, upsert=True)

    def export_roles(self, path: str | None = None, indent: int | str | None = None) -> None:
        """Write all roles to a JSON file in FAB's own form."""
        name = path or f"roles_export_{utc_now():%Y%m%dT%H%M%S}.json"
        roles = []
        for role in self.get_all_roles():
            pairs = [split_key(key) for key in role.permissions]
            permissions = [{"permission": {"name": p}, "view_menu": {"name": v}} for p, v in pairs]
            roles.append({"name": role.name, "permissions": permissions})
        text = json.dumps(roles, indent=indent, ensure_ascii=False)
        Path(name).write_text(text, encoding="utf-8")

    def import_roles(self, path: str) -> None:
        """Read roles from a JSON file in FAB's own form; permissions are added, never taken."""
        for entry in json.loads(Path(path).read_text(encoding="utf-8")):
            role = self.add_role(entry["name"])
            for pair in entry["permissions"]:
                view = self.add_permission_view_menu(
                    pair["permission"]["name"], pair["view_menu"]["name"]
                )
                self.add_permission_role(role, view)
