"""Flask-AppBuilder's security manager on MongoDB, put together from its parts."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_appbuilder.const import AUTH_DB
from flask_appbuilder.exceptions import FABException

from app.fabmongo.labels import T
from app.fabmongo.security.access import Access
from app.fabmongo.security.models import Permission, PermissionView, Role, User, ViewMenu
from app.fabmongo.security.passwords import check_password, hash_password, random_password
from app.fabmongo.security.permissions import PermissionStore
from app.fabmongo.security.roles import RoleStore
from app.fabmongo.security.signin import SignIn
from app.fabmongo.security.unused import Unused
from app.fabmongo.security.users import UserStore
from app.fabmongo.security.views import MyInfoView, MyPasswordView, SignInView

DEFAULTS: dict[str, Any] = {
    "FABMONGO_LOCKOUT_AFTER": 10,
    "FABMONGO_LOCKOUT_MINUTES": 15,
    "AUTH_RATE_LIMITED": True,
    "AUTH_RATE_LIMIT": "10 per 20 second",
    "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
    "FAB_PASSWORD_COMPLEXITY_VALIDATOR": check_password,
}
"""Settings the application may change; the lockout counts failures of one account."""


class SecurityManager(SignIn, Access, UserStore, RoleStore, PermissionStore, Unused):
    """Users, roles and permissions in MongoDB; pass it to AppBuilder as security_manager_class.

    A subclass may set `userview` and `roleview` to the administration's views of people and roles.
    """

    authdbview = SignInView
    resetmypasswordview = MyPasswordView
    userinfoeditview = MyInfoView
    userview: type[Any] | None = None
    roleview: type[Any] | None = None
    personal_views = (MyPasswordView.__name__, MyInfoView.__name__)

    def __init__(self, appbuilder: Any) -> None:
        config = current_app.config
        for name, value in DEFAULTS.items():
            config.setdefault(name, value)
        if config.get("FAB_ROLES"):
            raise FABException("FAB_ROLES is not read here: give the grants to set_role instead.")
        if config.get("AUTH_TYPE", AUTH_DB) != AUTH_DB:
            raise FABException("Only AUTH_TYPE = AUTH_DB works with users in MongoDB.")
        # An unknown name must cost the same hash as a known one.
        config.setdefault("AUTH_DB_FAKE_PASSWORD_HASH_CHECK", hash_password(random_password()))
        super().__init__(appbuilder)
        self.lm.login_view = f"{self.authdbview.__name__}.login"
        self.lm.login_message = T("โปรดเข้าสู่ระบบก่อน", "Please sign in first.")

    def register_views(self) -> None:
        """Register the sign-in page, the personal pages and, where set, the administration."""
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        if self.is_auth_limited:
            self.limit_sign_in(f"{self.auth_view.endpoint}.login")
        self.appbuilder.add_view_no_menu(self.resetmypasswordview())
        self.appbuilder.add_view_no_menu(self.userinfoeditview())
        for view, name, th, en, icon in (
            (self.userview, "Users", "ผู้ใช้", "Users", "fa-user"),
            (self.roleview, "Roles", "บทบาทและสิทธิ์", "Roles", "fa-user-gear"),
        ):
            if view is not None:
                made = self.appbuilder.add_view(
                    view,
                    name,
                    icon=icon,
                    label=T(th, en),
                    category="Administration",
                    category_icon="fa-cogs",
                    category_label=T("ผู้ดูแลระบบ", "Administration"),
                )
                if view is self.userview:
                    self.user_view = made

    def create_db(self) -> None:
        """Make the indexes, the administrators' and the public role; repeating it is harmless."""
        for document in (User, Role, Permission, ViewMenu, PermissionView):
            document.ensure_indexes()
        self.add_role(self.auth_role_admin)
        self.add_role(self.auth_role_public)
