"""Who may do what in this request: permissions are read once and then looked up in a set."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from flask import flash, g, redirect, request, url_for
from flask_appbuilder.security.manager import BaseSecurityManager
from flask_jwt_extended import current_user as token_user
from flask_login import current_user as session_user

from app.fabmongo.labels import T, language
from app.fabmongo.security.models import PermissionView, Role, User, permission_key, split_key

MENU_ACCESS = "menu_access"


@dataclass(frozen=True)
class Granted:
    """What one read of a person's roles told."""

    person: str
    keys: frozenset[str]
    labels: tuple[tuple[str, str], ...]
    """(Thai, English) of each role, by the roles' names."""


def _read_roles(names: Iterable[str]) -> list[dict[str, Any]]:
    wanted = {"permissions": 1, "label_th": 1, "label_en": 1}
    return list(Role._get_collection().find({"_id": {"$in": list(names)}}, wanted))


ROLES = "_role_rows"
"""Where a person who was read for this request carries the stored roles, until the grants are made of them."""


def _read_person(user_model: type[User], key: Any) -> User | None:
    """The user of a key with the stored roles, by one command."""
    roles = {"from": Role._get_collection_name(), "localField": "roles", "foreignField": "_id", "as": ROLES}
    stages = [{"$match": {"_id": key}}, {"$lookup": roles}, {"$project": {f"{ROLES}.baseline": 0}}]
    raw = next(iter(user_model._get_collection().aggregate(stages)), None)
    if raw is None:
        return None
    rows = raw.pop(ROLES)
    user: User = user_model._from_son(raw)
    setattr(user, ROLES, rows)
    return user


def _keys_of(rows: Iterable[dict[str, Any]]) -> frozenset[str]:
    return frozenset(key for row in rows for key in row.get("permissions") or ())


def _keys_of_roles(names: Iterable[str]) -> frozenset[str]:
    return _keys_of(_read_roles(names))


class Access(BaseSecurityManager):
    """Flask-AppBuilder's permission checks, at one command a request however many there are."""

    user_model: type[User]
    personal_views: tuple[str, ...] = ()
    """Views about oneself, such as one's own password: open to everybody who has signed in."""

    @property
    def current_user(self) -> User | None:
        """The person of this request's session or token; None is nobody."""
        for proxy in (session_user, token_user):
            if proxy and proxy.is_authenticated and proxy.is_active:
                user: User = proxy._get_current_object()
                return user
        return None

    def load_user(self, pk: str) -> User | None:
        """The active person of `User.get_id()`; None once the password has changed since."""
        try:
            user = _read_person(self.user_model, ObjectId(str(pk).partition(".")[0]))
        except InvalidId:
            return None
        if user is None or not user.is_active:
            return None
        return user if hmac.compare_digest(user.get_id(), str(pk)) else None

    def _granted(self) -> Granted | None:
        user = self.current_user
        if user is None:
            return None
        # The id holds the password's mark, so a sign-in in mid-request starts afresh.
        person = user.get_id()
        kept: Granted | None = g.get("_fabmongo_granted")
        if kept is None or kept.person != person:
            # Used once: whoever asks again in this request means the roles as they are then.
            rows = user.__dict__.pop(ROLES, None)
            rows = sorted(_read_roles(user.role_names) if rows is None else rows, key=lambda row: str(row["_id"]))
            labels = tuple(
                (str(row.get("label_th") or row["_id"]), str(row.get("label_en") or row["_id"])) for row in rows
            )
            kept = g._fabmongo_granted = Granted(person, _keys_of(rows), labels)
        return kept

    def granted(self) -> frozenset[str]:
        """The permission texts of the person of this request; kept until the request ends."""
        kept = self._granted()
        return kept.keys if kept is not None else frozenset()

    def role_labels(self) -> list[str]:
        """The names of the roles of the person of this request, in its language, by the same read."""
        kept = self._granted()
        which = 0 if language() == "th" else 1
        return [pair[which] for pair in kept.labels] if kept is not None else []

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the person of this request may do this on this view or menu entry."""
        if view_name in self.personal_views:
            return self.current_user is not None
        return permission_key(permission_name, view_name) in self.granted()

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Always False: whoever has not signed in may do nothing."""
        return False

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """The menu entries the person of this request may see; of `menu_names` where given."""
        keys = self.granted()
        pairs = (split_key(key) for key in keys)
        names = {view for permission, view in pairs if permission == MENU_ACCESS}
        return names if menu_names is None else names & set(menu_names)

    def get_user_roles(self, user: Any) -> list[Role]:
        """The roles of a person; those of nobody are the public role, where it exists."""
        if user is None or not user.is_authenticated:
            public = self.get_public_role()
            return [public] if public is not None else []
        return list(Role.objects(name__in=user.role_names))

    def get_user_roles_permissions(self, user: User) -> dict[str, list[tuple[str, str]]]:
        """{role: [(permission, view), ...]} of a person, by one command."""
        return {
            role.name: [split_key(key) for key in role.permissions]
            for role in self.get_user_roles(user)
        }

    def get_db_role_permissions(self, role_id: str) -> list[PermissionView]:
        """The permissions a role holds; none where there is no such role."""
        return [PermissionView.of(*split_key(key)) for key in sorted(_keys_of_roles([role_id]))]

    def find_roles_permission_view_menus(
        self, permission_name: str, role_ids: list[str]
    ) -> list[PermissionView]:
        """Where roles hold this permission, such as menu_access."""
        pairs = (split_key(key) for key in sorted(_keys_of_roles(role_ids)))
        return [PermissionView.of(p, view) for p, view in pairs if p == permission_name]

    def exist_permission_on_roles(
        self, view_name: str, permission_name: str, role_ids: list[str]
    ) -> bool:
        key = permission_key(permission_name, view_name)
        return Role.objects(name__in=list(role_ids), permissions=key).first() is not None

    def before_request(self) -> Any:
        """Tell FAB who is here; lead a person with an issued password to choose an own one."""
        g.user = session_user
        endpoint = request.endpoint or ""
        if endpoint.endswith("static"):
            return None
        user = self.current_user
        free = {self.resetmypasswordview.__name__, type(self.auth_view).__name__, "LocaleView"}
        if user is None or not user.must_change_password or endpoint.split(".")[0] in free:
            return None
        flash(
            str(
                T(
                    "โปรดตั้งรหัสผ่านใหม่ของท่านก่อนเริ่มใช้งาน",
                    "Choose a password of your own before you begin.",
                )
            ),
            "info",
        )
        return redirect(url_for(f"{self.resetmypasswordview.__name__}.this_form_get"))
