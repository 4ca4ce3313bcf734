"""Errors as pages for people: what happened, why and what to do; JSON only where JSON was asked."""

from __future__ import annotations

import logging

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from app.errors import Problem
from app.fabmongo.labels import T
from app.monitoring.context import REQUEST_ID
from app.monitoring.counting import count_fault

log = logging.getLogger(__name__)
STATUS = {"invalid": 400, "forbidden": 403, "not_found": 404, "conflict": 409, "unavailable": 503}


def init_error_pages(app: Flask) -> None:
    """Register the handlers; unexpected exceptions are logged by Flask and shown as a 500 page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Exception, _unexpected)


def _page(code: int, what: object = None, why: object = None, todo: object = None) -> ResponseReturnValue:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(error=str(what or code), code=code, request_id=REQUEST_ID.get()), code
    text = render_template(
        "errors/error.html", code=code, what=what, why=why, todo=todo, request_id=REQUEST_ID.get(),
        base_template="appbuilder/baselayout.html",
    )  # fmt: skip
    return text, code


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    return _page(code)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        T("ยังไม่ได้บันทึก เพราะหน้านี้หมดอายุ", "Nothing was saved: this page has expired"),
        T("ท่านอาจออกจากระบบไปแล้วในอีกหน้าต่างหนึ่ง", "You may have signed out in another window."),
        T(
            "กดย้อนกลับ สิ่งที่กรอกไว้ยังอยู่ เข้าสู่ระบบในหน้าต่างใหม่ แล้วกดบันทึกอีกครั้ง",
            "Go back (what you typed is still there), sign in in a new window, then save again.",
        ),
    )


def _problem(error: Problem) -> ResponseReturnValue:
    return _page(STATUS[error.kind], T(error.th, error.en))


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.exception("unexpected %s at %s", type(error).__name__, request.endpoint)
    if type(error).__module__.startswith("pymongo") or type(error).__name__ == "ConnectionError":
        return _page(ServiceUnavailable.code or 503)
    count_fault("request")
    return _page(500)
