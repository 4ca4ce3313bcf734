"""Errors as pages for people: what happened, why and what to do; JSON only where JSON was asked."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.errors import Problem
from app.fabmongo.labels import T
from app.monitoring.context import REQUEST_ID
from app.monitoring.counting import count_fault
from app.services.faults import is_transient
from app.typed_again import TypedForm, typed_form

log = logging.getLogger(__name__)
STATUS = {"invalid": 400, "forbidden": 403, "not_found": 404, "conflict": 409, "unavailable": 503}


def init_error_pages(app: Flask) -> None:
    """Register the handlers; unexpected exceptions are logged by Flask and shown as a 500 page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Exception, _unexpected)


def _page(
    code: int, what: object = None, why: object = None, todo: object = None, typed: TypedForm | None = None
) -> tuple[Any, int]:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(error=str(what or code), code=code, request_id=REQUEST_ID.get()), code
    if code >= 500 and "_login_user" not in g:
        g._login_user = AnonymousUserMixin()  # who is signed in is a question to the database, which may be what failed
    text = render_template(
        "errors/error.html", code=code, what=what, why=why, todo=todo, request_id=REQUEST_ID.get(), typed=typed,
        base_template="appbuilder/baselayout.html",
    )  # fmt: skip
    return text, code


def _away() -> ResponseReturnValue:
    """503, and what was typed is offered again: nothing that needs a server is asked for this page."""
    typed = typed_form(request)
    if typed is None:
        text, code = _page(503)
    else:
        text, code = _page(
            503,
            T("ยังไม่ได้บันทึก แต่สิ่งที่กรอกไว้อยู่ครบในหน้านี้", "Not saved yet, but what you typed is kept on this page"),
            T("ฐานข้อมูลหยุดทำงานชั่วครู่ขณะที่ท่านกดบันทึก", "The database was away for a moment."),
            T("รอประมาณครึ่งนาที แล้วกด “ส่งอีกครั้ง” อย่าปิดหน้านี้", "Keep this page, wait half a minute, and send again."),
            typed,
        )
    answer = make_response(text, code)
    answer.headers["Cache-Control"] = "no-store"
    return answer


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
    if is_transient(error):
        # The class alone: the message may quote a document, and the reason is a server's and not this line's.
        log.error("%s at %s: a server is away", type(error).__name__, request.endpoint)
        return _away()
    log.exception("unexpected %s at %s", type(error).__name__, request.endpoint)
    count_fault("request")
    return _page(500)
