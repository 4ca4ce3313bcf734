"""What the API answers: JSON bodies, and every refusal as {"message", "fields"} with its status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response
from pymongo.errors import DuplicateKeyError

from app.fabmongo.errors import OutOfScope, WriteRefused
from app.fabmongo.labels import T

JSON_TYPE = "application/json"
STATUS_OF_KIND = {"forbidden": 403, "not_found": 404, "conflict": 409}
"""An application's own refusal may say its kind; every other one is 422."""


class ApiError(Exception):
    """A refusal: an HTTP status, a text, texts by column, and what else the answer shall hold."""

    def __init__(
        self,
        status: int,
        message: Any,
        fields: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(status)
        self.status = status
        self.message = message
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})
        self.more = more

    def answer(self) -> Response:
        """The response, in the language of the request."""
        fields = {name: str(text) for name, text in self.fields.items()}
        body = {"message": str(self.message), "fields": fields, **self.more}
        return reply(self.status, body, self.headers)


def reply(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Response:
    """A response with a JSON body, or an empty one."""
    text = "" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status=status, mimetype=JSON_TYPE)
    response.headers.update(dict(headers or {}))
    return response


def refusal_of(refused: WriteRefused, deleting: bool = False) -> ApiError:
    """The status of what the write path refused: 403, 409 or 422."""
    cause = refused.__cause__
    status = STATUS_OF_KIND.get(str(getattr(cause, "kind", "")), 409 if deleting else 422)
    if isinstance(refused, OutOfScope):
        status = 403
    elif isinstance(cause, DuplicateKeyError):
        status = 409
    return ApiError(status, refused.message, refused.fields)


STATUS_TEXTS: dict[int, Any] = {
    400: T("คำขอไม่ถูกต้อง", "The request is not well formed."),
    401: T(
        "ต้องส่ง token ที่ยังใช้ได้มากับคำขอ โปรดเข้าสู่ระบบที่ /api/v1/security/login",
        "A valid token must come with the request: Authorization: Bearer … from /api/v1/security/login.",
    ),
    403: T("ท่านไม่มีสิทธิ์ทำสิ่งนี้", "You may not do this."),
    404: T("ไม่พบรายการนี้ในพื้นที่ของท่าน", "There is no such record in your area."),
    405: T("ที่อยู่นี้ไม่รับคำสั่งแบบนี้", "This address does not take this method."),
    406: T("ตอบเป็น JSON เท่านั้น", "Only JSON is given here."),
    409: T("ขัดกับข้อมูลที่มีอยู่", "In conflict with what is stored."),
    412: T(
        "รายการนี้เปลี่ยนไปแล้วหลังจากที่ท่านอ่าน จึงยังไม่ได้บันทึก ค่าปัจจุบันอยู่ใน current",
        "The record has changed since you read it, so nothing was saved. Its values are in “current”.",
    ),
    413: T("เนื้อหาใหญ่เกินไป", "The body is too large."),
    415: T("เนื้อหาต้องเป็น application/json", "The body must be application/json."),
    422: T("ข้อมูลไม่ผ่านการตรวจสอบ", "The values do not pass the checks."),
    428: T(
        "ต้องส่ง If-Match พร้อม ETag ที่ได้จากการอ่านรายการนี้",
        "If-Match is needed, with the ETag that came when the record was read.",
    ),
    429: T("คำขอถี่เกินไป โปรดรอสักครู่", "Too many requests. Wait a while."),
    503: T("ฐานข้อมูลไม่ตอบสนอง โปรดลองใหม่", "The database did not answer. Try again."),
}


def plain_error(status: int) -> ApiError:
    """The refusal whose status says it all."""
    unknown = T("เกิดข้อผิดพลาดในระบบ", "Something went wrong here.")
    return ApiError(status, STATUS_TEXTS.get(status, unknown))
