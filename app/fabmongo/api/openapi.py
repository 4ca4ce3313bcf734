"""The OpenAPI 3 document of every registered resource, made from the documents themselves."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from flask_appbuilder.api import expose

from app.fabmongo.api.answers import reply
from app.fabmongo.api.base import TokenApi, admit_token, answered
from app.fabmongo.api.classes import class_schema
from app.fabmongo.api.model import MongoModelRestApi
from app.fabmongo.api.operations import LOGIN_PATHS, resource_paths
from app.fabmongo.api.schemas import column_schema, record_schema

ERROR = {
    "type": "object",
    "required": ["message", "fields"],
    "properties": {
        "message": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
TOKENS = {
    "type": "object",
    "required": ["access_token"],
    "properties": {"access_token": {"type": "string"}, "refresh_token": {"type": "string"}},
}
SIGN_IN = {
    "type": "object",
    "required": ["username", "password"],
    "additionalProperties": False,
    "properties": {"username": {"type": "string"}, "password": {"type": "string", "format": "password"}},
}
INFO = {
    "type": "object",
    "required": ["resource", "label", "key", "permissions", "columns"],
    "properties": {
        "resource": {"type": "string"},
        "key": {"type": "string"},
        "label": {"type": "object", "additionalProperties": {"type": "string"}},
        "permissions": {"type": "array", "items": {"type": "string"}},
        "max_page_size": {"type": "integer"},
        "columns": {"type": "array", "items": {"type": "object"}},
    },
}
CHOICES = {
    "type": "object",
    "required": ["result", "more"],
    "properties": {
        "more": {"type": "boolean"},
        "result": {
            "type": "array",
            "items": {"type": "object", "properties": {"id": {"type": "string"}, "text": {"type": "string"}}},
        },
    },
}


def openapi_document(apis: list[Any]) -> dict[str, Any]:
    """The whole document for these resources."""
    paths: dict[str, Any] = dict(LOGIN_PATHS)
    schemas: dict[str, Any] = {
        "Error": ERROR, "Tokens": TOKENS, "SignIn": SIGN_IN, "Info": INFO, "Choices": CHOICES,
    }  # fmt: skip
    for api in apis:
        paths |= resource_paths(api)
        schemas |= resource_schemas(api) | api.own_schemas()
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "openapi": "3.0.3",
        "info": {"title": f"{current_app.config.get('APP_NAME', 'API')} API", "version": "v1"},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"jwt": bearer, "jwt_refresh": bearer}},
        "security": [{"jwt": []}],
    }


def resource_schemas(api: Any) -> dict[str, Any]:
    """The schemas that `operations.resource_paths` refers to."""
    document, name, model = api.datamodel.obj, api.resource_name, api.datamodel
    reads = record_schema(document, api.show_columns, writing=False)
    writes = {
        "post": record_schema(document, api.add_columns, writing=True, required=True),
        "put": record_schema(document, api.edit_columns, writing=True, required=True),
        "patch": record_schema(document, api.edit_columns, writing=True),
    }
    return {
        name: class_schema(model, reads, column_schema),
        f"{name}.list": class_schema(model, record_schema(document, api.list_columns, writing=False)),
        **{
            f"{name}.{method}": class_schema(model, schema, lambda field: column_schema(field, True))
            for method, schema in writes.items()
        },
    }


class OpenApi(TokenApi):
    """The document is for whoever has signed in, with a token or, to look at it, in the browser."""

    route_base = "/api/v1"
    openapi_spec_tag = "openapi"

    @expose("/_openapi", methods=["GET"])
    def document(self) -> Response:
        """The OpenAPI document."""
        return answered(self._document)

    def _document(self) -> Response:
        sm = self.appbuilder.sm
        if sm.current_user is None:
            admit_token()
        apis = [api for api in self.appbuilder.baseviews if isinstance(api, MongoModelRestApi)]
        return reply(200, openapi_document(apis))
