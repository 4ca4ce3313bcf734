"""The pages of security: signing in and out, one's own password, one's own name."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, request, session
from flask_appbuilder.baseviews import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView, ResetMyPasswordView, UserInfoEditView
from flask_login import login_user, logout_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.fabmongo.labels import T
from app.fabmongo.security.forms import MyInfoForm, MyPasswordForm

KEPT = ("locale",)
"""What of a session outlives signing in and out."""


def local_path(url: str) -> str | None:
    """The path and query of `url` if it is a page of this site that can be opened; else None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = parts.path
    if parts.scheme not in ("", "http", "https") or parts.netloc not in ("", request.host):
        return None
    bad = "\\" in url or any(unicodedata.category(c)[0] == "C" for c in url)
    if bad or not path.startswith("/") or path.startswith("//"):
        return None
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _ = adapter.match(path, method="GET") if adapter else ("", None)
    except RequestRedirect:
        pass
    except HTTPException:
        return None
    else:
        if endpoint.endswith((".login", ".logout")):
            return None
    return f"{path}?{parts.query}" if parts.query else path


def renew_session() -> None:
    """Throw away the session's content, its CSRF token too, but for the language."""
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept)


class SignInView(AuthDBView):
    """Signing in by a form, and out by a button."""

    title = T("เข้าสู่ระบบ", "Sign in")
    invalid_login_message = T(
        "เข้าสู่ระบบไม่สำเร็จ โปรดตรวจชื่อผู้ใช้และรหัสผ่าน "
        "หากลองหลายครั้งแล้วไม่ได้ โปรดรอสักครู่หรือติดต่อผู้ดูแลระบบ",
        "You were not signed in. Check the user name and the password. "
        "If it fails several times, wait a while or ask the administrator.",
    )

    def _next_page(self) -> str:
        home: str = self.appbuilder.get_url_for_index
        return local_path(request.args.get("next") or home) or home

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        """The form; after a right POST the page that was asked for."""
        if g.user is not None and g.user.is_authenticated:
            return redirect(self._next_page())
        form = LoginForm_db()
        if form.validate_on_submit():
            user = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
            if user:
                renew_session()
                login_user(user, remember=False)
                return redirect(self._next_page())
            flash(str(self.invalid_login_message), "warning")
        return self.render_template(
            self.login_template, title=self.title, form=form, appbuilder=self.appbuilder
        )

    @expose("/logout/", methods=["GET", "POST"])
    @no_cache
    def logout(self) -> Any:
        """End the session on a POST with its token; a GET, as from a foreign page, does nothing."""
        if DynamicForm().validate_on_submit():
            user = self.appbuilder.sm.current_user
            logout_user()
            renew_session()
            if user is not None:
                self.appbuilder.sm.on_user_logout(user)
            return redirect(self.appbuilder.get_url_for_login)
        return redirect(self.appbuilder.get_url_for_index)


class MyPasswordView(ResetMyPasswordView):
    """A new password for oneself."""

    form = MyPasswordForm
    form_title = T("เปลี่ยนรหัสผ่านของท่าน", "Change your password")
    message = T(
        "เปลี่ยนรหัสผ่านแล้ว เครื่องอื่นที่เข้าใช้ค้างไว้ต้องเข้าสู่ระบบใหม่",
        "The password is changed. Other devices have to sign in again.",
    )

    def form_post(self, form: MyPasswordForm) -> Any:
        sm = self.appbuilder.sm
        key = sm.current_user.pk
        sm.reset_password(key, form.password.data)
        renew_session()
        login_user(sm.get_user_by_id(key))
        flash(str(self.message), "info")
        return redirect(self.appbuilder.get_url_for_index)


class MyInfoView(UserInfoEditView):
    """One's own name."""

    route_base = "/myinfo"
    form = MyInfoForm
    form_title = T("แก้ไขชื่อของท่าน", "Edit your name")
    message = T("บันทึกชื่อแล้ว", "Your name is saved.")

    def form_get(self, form: MyInfoForm) -> None:
        user = self.appbuilder.sm.current_user
        form.first_name.data, form.last_name.data = user.first_name, user.last_name

    def form_post(self, form: MyInfoForm) -> None:
        user = self.appbuilder.sm.current_user
        user.first_name = form.first_name.data.strip()
        user.last_name = form.last_name.data.strip()
        user.changed_by = str(user.username)
        self.appbuilder.sm.update_user(user)
        flash(str(self.message), "info")
