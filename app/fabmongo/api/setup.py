"""Joins the API to an application: sign-in for tokens, resources, the document, its page, JSON errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, current_app, request
from flask_babel import force_locale

from app.fabmongo.api.answers import JSON_TYPE, plain_error
from app.fabmongo.api.base import TokenApi, asked_language
from app.fabmongo.api.docs import ApiDocsView, swagger_folder
from app.fabmongo.api.model import MongoModelRestApi
from app.fabmongo.api.openapi import OpenApi
from app.fabmongo.api.signin import SignInApi

PREFIX = "/api/v1/"
TAKES_JSON = "fabmongo_takes_json"
"""Extension key: the names of the blueprints whose bodies are JSON."""


def register_api(appbuilder: Any, resources: Iterable[type[MongoModelRestApi]]) -> None:
    """Add the API; call it after the views that the resources stand beside have been added."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    signin = appbuilder.add_api(SignInApi)
    if appbuilder.sm.is_auth_limited:
        appbuilder.sm.limit_sign_in(f"{signin.endpoint}.login")
    for resource in resources:
        appbuilder.add_api(resource)
    appbuilder.add_api(OpenApi)
    folder = swagger_folder()
    if folder is not None:
        appbuilder.add_view_no_menu(ApiDocsView, static_folder=str(folder))
    app.after_request(errors_as_json)
    # Forms are refused as JSON; these blueprints take nothing else.
    app.extensions[TAKES_JSON] = frozenset(api.endpoint for api in appbuilder.baseviews if isinstance(api, TokenApi))


def errors_as_json(response: Response) -> Response:
    """Errors that no API method has answered itself, such as an unknown address, as JSON too."""
    if response.status_code < 400 or not request.path.startswith(PREFIX) or response.mimetype == JSON_TYPE:
        return response
    with force_locale(asked_language()):
        response.set_data(plain_error(response.status_code).answer().get_data())
    response.mimetype = JSON_TYPE
    return response
