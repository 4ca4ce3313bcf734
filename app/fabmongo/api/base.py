"""The frame around every API method: who asks by token, may they, and each refusal as JSON."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, request, session
from flask_appbuilder.api import BaseApi
from flask_babel import force_locale
from flask_jwt_extended import current_user as token_user
from flask_jwt_extended import verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError
from pymongo.errors import PyMongoError
from werkzeug.exceptions import HTTPException

from app.fabmongo.api.answers import ApiError, plain_error, refusal_of
from app.fabmongo.errors import BadValue, WriteRefused
from app.fabmongo.labels import T

log = logging.getLogger(__name__)

BEARER = {"WWW-Authenticate": "Bearer"}
OWN_PASSWORD_FIRST = T(
    "โปรดเข้าสู่ระบบในเบราว์เซอร์และตั้งรหัสผ่านของท่านเองก่อน",
    "Sign in with a browser and choose a password of your own first.",
)


def asked_language() -> str:
    """The language of the answer: `_l_`, else Accept-Language, else the application's own."""
    known = list(current_app.config["LANGUAGES"])
    default = str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if request.args.get("_l_") in known:
        return str(request.args["_l_"])
    return request.accept_languages.best_match(known, default) or default


def admit_token(refresh: bool = False) -> Any:
    """Let the person of this request's token, and nobody else, act in it; raises ApiError 401 or 403.

    A session cookie that comes along counts for nothing.
    """
    try:
        verify_jwt_in_request(refresh=refresh)
    except (JWTExtendedException, PyJWTError):
        refused = plain_error(401)
        raise ApiError(401, refused.message, headers=BEARER) from None
    user = token_user._get_current_object()
    current_app.login_manager._update_request_context_with_user(user)  # type: ignore[attr-defined]
    if user.must_change_password:
        raise ApiError(403, OWN_PASSWORD_FIRST)
    return user


def answered(work: Callable[[], Response]) -> Response:
    """What `work` answers, or its refusal; what nobody expected is left to the application."""
    with force_locale(asked_language()):
        try:
            return work()
        except ApiError as refused:
            return refused.answer()
        except WriteRefused as refused:
            return refusal_of(refused, deleting=request.method == "DELETE").answer()
        except BadValue as error:
            return ApiError(400, error.text).answer()
        except HTTPException as error:
            return plain_error(error.code or 500).answer()
        except PyMongoError as error:
            # The class alone: the message may quote a document, and with it an ID number.
            log.error("%s %s failed: %s", request.method, request.endpoint, type(error).__name__)
            return plain_error(503).answer()
        finally:
            # The choice of a language is not kept for programs: an answer sets no cookie.
            session.modified = False


def endpoint(permission: str) -> Callable[..., Any]:
    """Marks an API method as asking for `can_<permission>` of the class's permission name."""

    def decorate(handler: Callable[..., Response]) -> Callable[..., Response]:
        @functools.wraps(handler)
        def run(self: TokenApi, *args: Any, **kwargs: Any) -> Response:
            def work() -> Response:
                admit_token()
                if not self.may(permission):
                    raise plain_error(403)
                return handler(self, *args, **kwargs)

            return answered(work)

        run._permission_name = permission  # type: ignore[attr-defined]
        return run

    return decorate


class TokenApi(BaseApi):
    """An API for programs: a bearer token and nothing else opens it, so it needs no CSRF token."""

    allow_browser_login = False
    csrf_exempt = True

    def may(self, what: str) -> bool:
        """Whether the person of this request may "list", "show", "add", "edit" or "delete" here."""
        permission = f"can_{what}"
        return permission in (self.base_permissions or ()) and bool(
            self.appbuilder.sm.has_access(permission, self.class_permission_name)
        )
