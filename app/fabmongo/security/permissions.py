"""Permissions, views and menus in MongoDB, and how they follow what the application registers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_appbuilder.security.manager import BaseSecurityManager
from mongoengine import Document
from pymongo import DeleteMany, UpdateOne

from app.fabmongo.security.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    permission_key,
    split_key,
)

MENU_ACCESS = "menu_access"


def _ensure(document: type[Document], name: str) -> Any:
    document._get_collection().update_one(
        {"_id": name}, {"$setOnInsert": {"_id": name}}, upsert=True
    )
    return document(name=name)


def _converge(document: type[Document], wanted: dict[str, dict[str, str]]) -> tuple[int, set[str]]:
    """Make a collection hold exactly `wanted`, by one bulk write of the differences.

    Returns how many rows are new and the keys of the rows that went.
    """
    rows = document._get_collection()
    stored = set(rows.distinct("_id"))
    new, gone = wanted.keys() - stored, stored - wanted.keys()
    writes: list[Any] = [
        UpdateOne({"_id": key}, {"$setOnInsert": wanted[key] or {"_id": key}}, upsert=True)
        for key in sorted(new)
    ]
    if gone:
        writes.append(DeleteMany({"_id": {"$in": sorted(gone)}}))
    if writes:
        rows.bulk_write(writes, ordered=False)
    return len(new), gone


class PermissionStore(BaseSecurityManager):
    """What Flask-AppBuilder's security manager must do with permissions, views and menus."""

    permission_model = Permission
    viewmenu_model = ViewMenu
    permissionview_model = PermissionView

    def find_permission(self, name: str) -> Permission | None:
        found: Permission | None = Permission.objects(name=name).first()
        return found

    def add_permission(self, name: str) -> Permission:
        made: Permission = _ensure(Permission, name)
        return made

    def del_permission(self, name: str) -> bool:
        """Delete a permission no view uses; False when there is none or it is in use."""
        if PermissionView.objects(permission_name=name).first() is not None:
            return False
        return bool(Permission.objects(name=name).delete())

    def find_view_menu(self, name: str) -> ViewMenu | None:
        found: ViewMenu | None = ViewMenu.objects(name=name).first()
        return found

    def get_all_view_menu(self) -> list[ViewMenu]:
        return list(ViewMenu.objects)

    def add_view_menu(self, name: str) -> ViewMenu:
        made: ViewMenu = _ensure(ViewMenu, name)
        return made

    def del_view_menu(self, name: str) -> bool:
        """Delete a view without permissions; False when there is none or it has some."""
        if PermissionView.objects(view_name=name).first() is not None:
            return False
        return bool(ViewMenu.objects(name=name).delete())

    def find_permission_view_menu(
        self, permission_name: str, view_menu_name: str
    ) -> PermissionView | None:
        found: PermissionView | None = PermissionView.objects(
            key=permission_key(permission_name, view_menu_name)
        ).first()
        return found

    def find_permissions_view_menu(self, view_menu: ViewMenu) -> list[PermissionView]:
        return list(PermissionView.objects(view_name=view_menu.name))

    def add_permission_view_menu(
        self, permission_name: str, view_menu_name: str
    ) -> PermissionView | None:
        """Register a permission on a view, with both names; None where a name is missing."""
        if not (permission_name and view_menu_name):
            return None
        self.add_permission(permission_name)
        self.add_view_menu(view_menu_name)
        made = PermissionView.of(permission_name, view_menu_name)
        made.save()
        return made

    def del_permission_view_menu(
        self, permission_name: str, view_menu_name: str, cascade: bool = True
    ) -> None:
        """Forget a permission on a view that no role holds; `cascade`: an unused name too."""
        key = permission_key(permission_name, view_menu_name)
        if Role.objects(permissions=key).first() is not None:
            return
        PermissionView.objects(key=key).delete()
        if cascade:
            self.del_permission(permission_name)

    def exist_permission_on_views(self, lst: Iterable[PermissionView], item: str) -> bool:
        return any(row.permission_name == item for row in lst)

    def exist_permission_on_view(
        self, lst: Iterable[PermissionView], permission: str, view_menu: str
    ) -> bool:
        return any(row.key == permission_key(permission, view_menu) for row in lst)

    def add_permissions_view(self, base_permissions: Iterable[str], view_menu: str) -> None:
        """Make the permissions of one view exactly these; the administrators' role gets the new.

        FAB calls it for every view where FAB_UPDATE_PERMS is on; `sync_permissions` does them all.
        """
        wanted = set(base_permissions)
        held = {row.permission_name for row in PermissionView.objects(view_name=view_menu)}
        self.add_view_menu(view_menu)
        for name in sorted(wanted - held):
            self.add_permission_view_menu(name, view_menu)
        self._forget({permission_key(name, view_menu) for name in held - wanted})
        PermissionView.objects(view_name=view_menu, permission_name__nin=sorted(wanted)).delete()
        Role.objects(name=self.auth_role_admin).update_one(
            add_to_set__permissions=[permission_key(name, view_menu) for name in sorted(wanted)]
        )

    def add_permissions_menu(self, view_menu_name: str) -> None:
        """Register access to a menu entry; the administrators' role gets it."""
        self.add_permission_view_menu(MENU_ACCESS, view_menu_name)
        Role.objects(name=self.auth_role_admin).update_one(
            add_to_set__permissions=permission_key(MENU_ACCESS, view_menu_name)
        )

    def registered_permissions(self) -> set[str]:
        """The permission texts of every view and menu entry the application has registered."""
        keys = {
            permission_key(permission, view.class_permission_name)
            for view in self.appbuilder.baseviews
            for permission in view.base_permissions or ()
        }
        menu = self.appbuilder.menu
        names = menu.get_flat_name_list() if menu is not None and menu.get_list() else ()
        return keys | {permission_key(MENU_ACCESS, name) for name in names if name != "-"}

    def sync_permissions(self) -> dict[str, int]:
        """Make the stored permissions exactly the registered ones; call it after all views exist.

        One bulk write a collection, none where nothing changed. What vanished is taken from every
        role. Returns how many permissions are {"added", "removed"}.
        """
        pairs = {key: split_key(key) for key in self.registered_permissions()}
        rows = {key: {"permission": p, "view": v} for key, (p, v) in pairs.items()}
        added, gone = _converge(PermissionView, rows)
        _converge(Permission, {p: {} for p, _ in pairs.values()})
        _converge(ViewMenu, {v: {} for _, v in pairs.values()})
        self._forget(gone)
        return {"added": added, "removed": len(gone)}

    def _forget(self, keys: set[str]) -> None:
        if keys:
            gone = {"$in": sorted(keys)}
            Role._get_collection().update_many(
                {"permissions": gone},
                {"$pull": {"permissions": gone, "baseline.permissions": gone}},
            )

    def security_cleanup(self, baseviews: Any, menus: Any) -> None:
        """Forget every permission that no registered view or menu has."""
        self.security_converge(baseviews, menus)
        self.sync_permissions()

    def security_converge(self, baseviews: Any, menus: Any, dry: bool = False) -> dict[str, Any]:
        """Move roles from renamed permissions to their new names, as the views declare them."""
        moves: dict[str, Any] = self.create_state_transitions(baseviews, menus)
        if dry:
            return moves
        for role in Role.objects:
            held = {split_key(key)[::-1] for key in role.permissions}
            new = {pair for old in held for pair in moves["add"].get(old, ())}
            kept = (held | new) - (moves["del_role_pvm"] & held - new)
            for view, permission in new:
                self.add_permission_view_menu(permission, view)
            role.permissions = sorted(permission_key(p, v) for v, p in kept)
            role.save()
        for view, permission in moves["del_role_pvm"]:
            self.del_permission_view_menu(permission, view, cascade=False)
        for view in moves["del_views"]:
            self.del_view_menu(view)
        for permission in moves["del_perms"]:
            self.del_permission(permission)
        return moves
