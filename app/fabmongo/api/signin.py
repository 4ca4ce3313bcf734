"""Tokens for programs: the same password check, pause and rate limit as the sign-in form."""

from __future__ import annotations

from flask import Response
from flask_appbuilder.api import expose
from flask_jwt_extended import create_access_token, create_refresh_token

from app.fabmongo.api.answers import ApiError, reply
from app.fabmongo.api.base import BEARER, OWN_PASSWORD_FIRST, TokenApi, admit_token, answered
from app.fabmongo.api.bodies import read_body, refuse_strange
from app.fabmongo.labels import T

FIELDS = ("username", "password")
REFUSED = T(
    "เข้าสู่ระบบไม่สำเร็จ โปรดตรวจชื่อผู้ใช้และรหัสผ่าน หรือรอสักครู่",
    "Not signed in. Check the user name and the password, or wait a while.",
)
TEXT = T("ต้องเป็นข้อความ", "Must be text.")


class SignInApi(TokenApi):
    """A token names the person and the state of the password: it dies when the password changes."""

    resource_name = "security"
    openapi_spec_tag = "security"

    @expose("/login", methods=["POST"])
    def login(self) -> Response:
        """Tokens for a user name and a password."""
        return answered(self._login)

    def _login(self) -> Response:
        body = read_body()
        refuse_strange(body, FIELDS, FIELDS)
        wrong = {name: TEXT for name in FIELDS if not isinstance(body.get(name), str)}
        if wrong:
            raise ApiError(400, TEXT, wrong)
        user = self.appbuilder.sm.auth_user_db(body["username"], body["password"])
        if user is None:
            raise ApiError(401, REFUSED, headers=BEARER)
        if user.must_change_password:
            raise ApiError(403, OWN_PASSWORD_FIRST)
        who = user.get_id()
        tokens = {
            "access_token": create_access_token(identity=who, fresh=True),
            "refresh_token": create_refresh_token(identity=who),
        }
        return reply(200, tokens, {"Cache-Control": "no-store"})

    @expose("/refresh", methods=["POST"])
    def refresh(self) -> Response:
        """A new access token for a refresh token."""
        return answered(self._refresh)

    def _refresh(self) -> Response:
        user = admit_token(refresh=True)
        token = create_access_token(identity=user.get_id(), fresh=False)
        return reply(200, {"access_token": token}, {"Cache-Control": "no-store"})
