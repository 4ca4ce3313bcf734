"""What the OpenAPI document says of roster imports: their paths beyond those of every resource, and their schemas."""

from __future__ import annotations

from typing import Any

from app.documents.imports import ImportRun
from app.enums import Grade, ImportDeed, ImportRowState, ImportState
from app.fabmongo.api.listing import MAX_PAGE_SIZE, PAGE_SIZE
from app.fabmongo.api.operations import PK, body, errors, ref
from app.fabmongo.api.schemas import column_schema
from app.rules.imports.terms import FIELDS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NULL_TEXT: Schema = {"type": "string", "nullable": True}
HALTED: Schema = {**NULL_TEXT, "description": "Number of the mistake of the program that holds the import up."}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES: Schema = {"type": "boolean"}
ANY: Schema = {"type": "object", "additionalProperties": True}
TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 300}}
REASON: Schema = {"type": "string", "maxLength": 500, "nullable": True}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def paths() -> dict[str, dict[str, Any]]:
    """Operations by what follows /api/v1/imports."""
    return {
        "/": {"post": _upload()},
        "/{pk}/schools": {"get": _read("schools", "Schools with counts before and after", [PK], "imports.school")},
        "/{pk}/rows": {"get": _rows()},
        "/{pk}/rows/{row}": {"post": _row()},
        "/{pk}/columns": {"post": _deed("columns", "Say what the columns of the file are", "imports.columns")},
        "/{pk}/answers": {"post": _deed("answers", "Answer questions about the whole file", "imports.answers")},
        "/{pk}/apply": {"post": _deed("apply", "Write what the preview shows", "imports.reason", needed=False)},
        "/{pk}/cancel": {"post": _deed("cancel", "End an import, or stop its writing", None)},
        "/{pk}/undo": {"post": _deed("undo", "Put back what an import changed", None)},
        "/{pk}/files/{kind}": {"get": _file()},
    }


def schemas() -> dict[str, Any]:
    """The schemas that `paths` refers to."""
    from app.views.imports_api import RosterImportApi

    columns = {name: column_schema(ImportRun._fields[name]) for name in RosterImportApi.show_columns}
    columns["state"] = {"type": "string", "enum": [state.value for state in ImportState]}
    columns |= {"questions": _list(_question()), "error": NULL_TEXT, "halted": HALTED}
    return {
        "imports": _object(columns),
        "imports.page": _object({"next": {"type": "integer", "nullable": True}, "result": _list(ref("imports.row"))}),
        "imports.one_row": _object({"id": TEXT, "result": ref("imports.row")}),
        "imports.row": _object(_row_columns()),
        "imports.school": _object({"result": _list(_object(_school_columns()))}),
        "imports.fix": _closed({"typed": TEXTS, "left_out": YES, "overrule": YES}),
        "imports.answers": _closed({"answers": TEXTS, "_reason": REASON}, "answers"),
        "imports.reason": _closed({"_reason": REASON}),
        "imports.columns": _columns(),
    }


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _closed(properties: Schema, *required: str) -> Schema:
    more = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _question() -> Schema:
    option = _object({"value": TEXT, "label": TEXT})
    return _object(
        {
            "key": TEXT, "field": NULL_TEXT, "label": TEXT, "text": TEXT, "rows": COUNT, "samples": _list(TEXT),
            "options": _list(option), "suggested": NULL_TEXT, "answer": NULL_TEXT,
        }
    )  # fmt: skip


def _row_columns() -> Schema:
    repair = _object({"field": TEXT, "kind": TEXT, "label": TEXT, "before": {}, "after": {}})
    trouble = _object({"field": NULL_TEXT, "value": NULL_TEXT, "message": TEXT})
    return {
        "id": TEXT, "n": COUNT, "sheet": {**COUNT, "nullable": True}, "row": {**COUNT, "nullable": True},
        "deed": {"type": "string", "enum": [deed.value for deed in ImportDeed]},
        "state": {"type": "string", "enum": [state.value for state in ImportRowState]},
        "school": NULL_TEXT, "from_school": NULL_TEXT, "student": NULL_TEXT, "student_name": NULL_TEXT,
        "grade": {"type": "string", "nullable": True, "enum": [*(grade.value for grade in Grade), None]},
        "left_out": YES, "overrule": YES, "typed": TEXTS, "values": ANY, "changes": ANY, "by_hand": _list(TEXT),
        "repairs": _list(repair), "troubles": _list(trouble), "questions": _list(TEXT),
    }  # fmt: skip


def _school_columns() -> Schema:
    return {
        "school": TEXT, "name": NULL_TEXT, "state": NULL_TEXT, "numbers": ANY, "before": ANY, "after": ANY,
        "error": NULL_TEXT,
    }  # fmt: skip


def _columns() -> Schema:
    places = {"type": "object", "additionalProperties": {"type": "string", "enum": list(FIELDS)}}
    sheet = _closed({"index": COUNT, "header": COUNT, "columns": places}, "index", "header", "columns")
    return _closed({"sheets": _list(sheet), "save_as": {**NULL_TEXT, "maxLength": 80}}, "sheets")


# -- operations ----------------------------------------------------------------------------


def _operation(name: str, summary: str, parameters: list[Any], responses: Schema) -> Schema:
    return {
        "summary": summary, "operationId": f"imports_{name}", "tags": ["imports"], "parameters": parameters,
        "responses": responses,
    }  # fmt: skip


def _read(name: str, summary: str, parameters: list[Any], schema: str) -> Schema:
    good = {"200": {"description": "Found", "content": body(schema)}}
    return _operation(name, summary, parameters, {**good, **errors(400, 401, 403, 404)})


def _taken() -> Schema:
    """202 with the run as it is now."""
    answer = _object({"id": TEXT, "result": ref("imports")})
    where = {"Location": {"schema": TEXT, "description": "Poll this address until `state` is one that waits for you"}}
    return {
        "202": {"description": "Taken", "headers": where, "content": {"application/json": {"schema": answer}}}
    }  # fmt: skip


def _upload() -> Schema:
    parts = {
        "file": {"type": "string", "format": "binary"}, "school": TEXT, "lao": TEXT, "layout": TEXT,
        "reason": {"type": "string", "maxLength": 500},
    }  # fmt: skip
    summary = "Send a file (xlsx, xls, ods, csv, OneRoster zip); without school and lao it is for your own area"
    operation = _operation("post", summary, [], {**_taken(), **errors(400, 401, 403, 404, 409, 413, 415, 422)})
    form = {**_object(parts), "required": ["file"]}
    return operation | {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}


def _deed(name: str, summary: str, schema: str | None, needed: bool = True) -> Schema:
    refused = errors(400, 401, 403, 404, 409, 413, 415, 422)
    operation = _operation(name, summary, [PK], {**_taken(), **refused})
    if schema is not None:
        operation["requestBody"] = {"required": needed, "content": body(schema)}
    return operation


def _query(name: str, schema: Schema, text: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _rows() -> Schema:
    parameters = [
        PK,
        _query("deed", {"type": "string", "enum": [deed.value for deed in ImportDeed]}, "What the import would do"),
        _query("school", TEXT, "Code of a school"),
        _query("search", {"type": "string", "maxLength": 200}, "Words of a name"),
        _query("repaired", {"type": "string", "enum": ["0", "1"]}, "1: only rows in which something was put right"),
        _query("after", {"type": "integer", "minimum": 0, "maximum": 10**9}, "`next` of the page before"),
        _query("page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}, ""),
    ]
    return _read("rows", "Rows in the order of the file", parameters, "imports.page")


def _row() -> Schema:
    place = {"name": "row", "in": "path", "required": True, "schema": TEXT, "description": "`id` of a row"}
    refused = errors(400, 401, 403, 404, 409, 413, 415, 422)
    good = {"200": {"description": "The row as it is now", "content": body("imports.one_row")}}
    operation = _operation("row", "Put a row right, leave it out, let it overrule", [PK, place], {**good, **refused})
    return operation | {"requestBody": {"required": True, "content": body("imports.fix")}}


def _file() -> Schema:
    kinds = {"type": "string", "enum": ["accepted", "refused"]}
    place = {"name": "kind", "in": "path", "required": True, "schema": kinds}
    good = {"description": "The workbook", "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
    return _operation("file", "A file of results", [PK, place], {"200": good, **errors(401, 403, 404, 409, 422)})
