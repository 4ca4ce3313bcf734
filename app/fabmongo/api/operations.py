"""The paths of the OpenAPI document: what each operation takes, and every answer it may give."""

from __future__ import annotations

from typing import Any

from app.fabmongo.api.answers import STATUS_TEXTS
from app.fabmongo.api.listing import MAX_PAGE_SIZE, PAGE_SIZE
from app.fabmongo.reasons import HEADER, LONGEST

ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Mark of this state, for If-Match"}}
IF_MATCH = {
    "name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
    "description": "The ETag of the state you have read",
}  # fmt: skip
REASON = {
    "name": HEADER, "in": "header", "required": False, "schema": {"type": "string", "maxLength": 3 * 3 * LONGEST},
    "description": "Why, where the rules ask for a reason: UTF-8, percent-encoded; or _reason in the body",
}  # fmt: skip
FILE_REASON = {**REASON, "description": "Why, where the rules ask for a reason: UTF-8, percent-encoded"}
PK = {"name": "pk", "in": "path", "required": True, "schema": {"type": "string"}, "description": "The key"}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(name: str) -> dict[str, Any]:
    """JSON of a named schema."""
    return {"application/json": {"schema": ref(name)}}


def errors(*statuses: int) -> dict[str, Any]:
    """The refusals an operation may answer with; 429 and 503 may come anywhere."""
    found = {}
    for status in (*statuses, 429, 503):
        found[str(status)] = {"description": str(STATUS_TEXTS[status]), "content": body("Error")}
    return found


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _post(summary: str, operation: str, schema: str | None, security: list[Any], *refused: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "summary": summary, "operationId": operation, "tags": ["security"], "security": security,
        "responses": {"200": {"description": "Tokens", "content": body("Tokens")}, **errors(*refused)},
    }  # fmt: skip
    if schema is not None:
        made["requestBody"] = {"required": True, "content": body(schema)}
    return {"post": made}


LOGIN_PATHS: dict[str, Any] = {
    "/api/v1/security/login": _post(
        "Tokens for a user name and a password", "login", "SignIn", [], 400, 401, 403, 413, 415
    ),
    "/api/v1/security/refresh": _post(
        "A new access token", "refresh", None, [{"jwt_refresh": []}], 401, 403
    ),
}


def resource_paths(api: Any) -> dict[str, Any]:
    """The paths of one resource, those that are registered."""
    base = f"/api/v1/{api.resource_name}"
    operations = {
        ("/", "get", "get_list"): _list(api),
        ("/", "post", "post"): _write(api, "post", "A new record"),
        ("/_info", "get", "info"): _read(api, "info", "Columns, filters and permissions", [], ref("Info"), 401, 403),
        ("/related/{column}", "get", "related"): _related(api),
        ("/{pk}", "get", "get"): _one(api),
        ("/{pk}", "put", "put"): _write(api, "put", "The whole record anew; what is left out becomes its default"),
        ("/{pk}", "patch", "patch"): _write(api, "patch", "Some columns of a record"),
        ("/{pk}", "delete", "delete"): _delete(api),
        **_files(api),
    }
    paths: dict[str, Any] = {}
    for (path, method, route), operation in operations.items():
        if route not in api.exclude_route_methods:
            paths.setdefault(base + path, {})[method] = operation
    for path, own in api.own_paths().items():
        paths.setdefault(base + path, {}).update(own)
    return paths


def _operation(api: Any, name: str, summary: str, parameters: list[Any], responses: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary, "operationId": f"{api.resource_name}_{name}", "tags": [api.resource_name],
        "parameters": parameters, "responses": responses,
    }  # fmt: skip


def _read(
    api: Any, name: str, summary: str, parameters: list[Any], schema: dict[str, Any], *refused: int
) -> dict[str, Any]:
    good = {"description": "Found", "content": _content(schema)}
    return _operation(api, name, summary, parameters, {"200": good, **errors(*refused)})


def _record(api: Any) -> dict[str, Any]:
    return {
        "type": "object", "required": ["id", "result"],
        "properties": {"id": {"type": "string"}, "result": ref(api.resource_name)},
    }  # fmt: skip


def _query(name: str, schema: dict[str, Any], text: str = "") -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _list(api: Any) -> dict[str, Any]:
    text = {"type": "string"}
    orders = [sign + name for name in api.order_columns for sign in ("", "-")]
    parameters = [
        _query("search", text, "Words that must all stand in the columns searched by default"),
        _query("order", {"type": "string", "enum": orders}, "A column; with - before it downwards"),
        _query("page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}),
        _query("cursor", text, "`next` of the page before"),
        _query("columns", text, "Names of the columns wanted, with commas between"),
        _query("q", text, "Flask-AppBuilder's rison: filters, order_column, order_direction, page_size, columns"),
    ]
    for column, offered in api.offered.items():
        for flt in offered:
            hint = "Any value" if not flt.takes_value else str(flt.name)
            parameters.append(_query(f"filter[{column}][{flt.arg_name}]", text, hint))
    row = {"type": "array", "items": ref(f"{api.resource_name}.list")}
    page = {
        "type": "object",
        "required": ["count", "more", "next", "ids", "result"],
        "properties": {
            "count": {"type": "integer"},
            "more": {"type": "boolean", "description": "There are more than `count`"},
            "next": {"type": "string", "nullable": True, "description": "Cursor of the next page"},
            "ids": {"type": "array", "items": text},
            "result": row,
        },
    }
    return _read(api, "list", "A page of records", parameters, page, 400, 401, 403)


def _related(api: Any) -> dict[str, Any]:
    columns = {*api.add_columns, *api.edit_columns, *api.search_columns}
    names = sorted(name for name in columns if api.datamodel.is_relation(name))
    place = {"name": "column", "in": "path", "required": True, "schema": {"type": "string", "enum": names or ["-"]}}
    page = _query("page", {"type": "integer", "minimum": 1, "maximum": 9999, "default": 1})
    words = _query("q", {"type": "string", "maxLength": 200}, "Words of the name, or the beginning of the key")
    return _read(api, "related", "Choices for a reference", [place, words, page], ref("Choices"), 400, 401, 403, 404)


def _one(api: Any) -> dict[str, Any]:
    found = _read(api, "get", "One record", [PK], _record(api), 401, 403, 404)
    found["responses"]["200"]["headers"] = ETAG
    return found


def _write(api: Any, name: str, summary: str) -> dict[str, Any]:
    created = name == "post"
    refused = (400, 401, 403, 409, 413, 415, 422) if created else (400, 401, 403, 404, 409, 412, 413, 415, 422, 428)
    good = {"description": "Saved", "content": _content(_record(api)), "headers": ETAG}
    parameters = [REASON] if created else [PK, IF_MATCH, REASON]
    operation = _operation(
        api, name, summary, parameters, {"201" if created else "200": good, **errors(*refused)}
    )
    operation["requestBody"] = {"required": True, "content": body(f"{api.resource_name}.{name}")}
    return operation


def _files(api: Any) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The operations on files; none where a resource has no file column."""
    path = "/{pk}/files/{column}"

    def column(names: list[str]) -> dict[str, Any]:
        return {"name": "column", "in": "path", "required": True, "schema": {"type": "string", "enum": names}}

    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    if api.shown_files:
        binary = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        responses = {"200": {"description": "The file", "content": binary}, **errors(401, 403, 404)}
        parameters = [PK, column(api.shown_files)]
        found[path, "get", "get_file"] = _operation(api, "get_file", "A file of a record", parameters, responses)
    if api.edited_files:
        parameters = [PK, column(api.edited_files), IF_MATCH, FILE_REASON]
        refused = (400, 401, 403, 404, 409, 412, 422, 428)
        good = {"200": {"description": "Saved", "content": _content(_record(api)), "headers": ETAG}}
        part = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
        put = _operation(
            api, "put_file", "Store or replace a file", parameters, {**good, **errors(413, 415, *refused)}
        )
        put["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": part}}}
        found[path, "put", "put_file"] = put
        text = "Take a file out of a record"
        found[path, "delete", "delete_file"] = _operation(
            api, "delete_file", text, parameters, {**good, **errors(*refused)}
        )
    return found


def _delete(api: Any) -> dict[str, Any]:
    responses = {"204": {"description": "Deleted"}, **errors(400, 401, 403, 404, 409, 412, 428)}
    return _operation(api, "delete", "Delete a record to which nothing refers", [PK, IF_MATCH, REASON], responses)
