"""MongoEngine's and MongoDB's errors as texts for people, on the fields they are about."""

from __future__ import annotations

from typing import Any

from mongoengine.errors import ValidationError
from pymongo.errors import DuplicateKeyError

from app.fabmongo.columns import label_of
from app.fabmongo.errors import WriteRefused
from app.fabmongo.labels import T

CHECK = T(
    "ยังไม่ได้บันทึก โปรดแก้ไขช่องที่มีข้อความสีแดง",
    "Not saved yet. Please correct the fields marked in red.",
)


def invalid(document_class: Any, error: ValidationError) -> WriteRefused:
    """A validation error with a text for each field at fault."""
    fields = {}
    for name, cause in (error.errors or {}).items():
        own = document_class._pk_field_name() if name == "pk" and hasattr(document_class, "_pk_field_name") else name
        fields[own] = reason(document_class._fields.get(own), cause)
    if not fields:
        return WriteRefused(str(error.message or error))
    return WriteRefused(CHECK, fields)


def reason(field: Any, cause: Any) -> Any:
    """Why a value of a field is refused; inside a list or an embedded document, where as well."""
    inner = cause.errors if isinstance(cause, ValidationError) else cause
    if isinstance(inner, dict) and inner:
        return nested_reason(field, inner)
    text = str(cause)
    if "required" in text.lower():
        return T("ต้องกรอกช่องนี้", "This field is required.")
    if "too long" in text:
        return T("ยาวเกิน {n} ตัวอักษร", "Longer than {n} characters.", n=getattr(field, "max_length", "?"))
    if "too small" in text or "too large" in text:
        low, high = getattr(field, "min_value", None), getattr(field, "max_value", None)
        return T("ต้องอยู่ระหว่าง {low} ถึง {high}", "Must be between {low} and {high}.",
                 low="-" if low is None else low, high="-" if high is None else high)
    if "validation regex" in text:
        hint = getattr(field, "help_text", "")
        return T("รูปแบบไม่ถูกต้อง {hint}", "Not in the right form. {hint}", hint=hint)
    if "email" in text.lower():
        return T("อีเมลไม่ถูกต้อง เช่น name@example.go.th", "Not a valid e-mail address.")
    if "url" in text.lower() or "scheme" in text.lower():
        return T("ที่อยู่เว็บไม่ถูกต้อง เช่น https://example.go.th", "Not a valid web address, such as https://example.go.th.")
    if "uuid" in text.lower():
        return T("รหัส UUID ไม่ถูกต้อง", "Not a valid UUID.")
    return T("ค่านี้ใช้ไม่ได้", "This value cannot be used.")


def nested_reason(field: Any, causes: dict[Any, Any]) -> Any:
    """The first fault inside, after the number of its row or the label of its column."""
    key, cause = next(iter(causes.items()))
    if isinstance(key, int):
        inner = getattr(field, "field", None) or field
        return T("รายการที่ {n}: {text}", "Row {n}: {text}", n=key + 1, text=reason(inner, cause))
    document = getattr(field, "document_type", None)
    inner = document._fields.get(key) if document is not None else getattr(field, "field", None)
    return T("{label}: {text}", "{label}: {text}", label=label_of(str(key), inner), text=reason(inner, cause))


def duplicate(document_class: Any, error: DuplicateKeyError) -> WriteRefused:
    """A unique index refused the write: the text is put on the last field of that index."""
    pattern = (error.details or {}).get("keyPattern") or {}
    by_path = {field.db_field: (name, field) for name, field in document_class._fields.items()}
    known = [by_path[path] for path in pattern if path in by_path]
    if not known:
        return WriteRefused(T("มีรายการนี้อยู่แล้ว", "This record exists already."))
    labels = [label_of(name, field) for name, field in known]
    text = T(
        "มีรายการที่ใช้{labels}นี้อยู่แล้ว โปรดตรวจสอบรายการเดิมก่อนเพิ่มใหม่",
        "A record with this {labels} exists already. Look at it before adding another.",
        labels=" + ".join(str(label) for label in reversed(labels)),
    )
    return WriteRefused(CHECK, {known[-1][0]: text})


def in_use(owner: Any) -> WriteRefused:
    """Something still refers to the record that was to be deleted."""
    what = getattr(owner, "singular", owner.__name__)
    return WriteRefused(
        T(
            "ลบไม่ได้ เพราะยังมี{what}อ้างถึงรายการนี้อยู่ โปรดย้ายหรือลบรายการเหล่านั้นก่อน",
            "Not deleted: there is still at least one {what} that refers to this record. "
            "Move or delete those first.",
            what=what,
        )
    )
