"""Document inheritance in JSON: `_class` names a record's class, whose own columns stand beside the shared ones."""

from __future__ import annotations

from typing import Any

from app.fabmongo.api.answers import ApiError
from app.fabmongo.api.kinds import READ_ONLY, api_kind
from app.fabmongo.labels import T
from app.fabmongo.variants import CLASS, more_columns, variants_of


def classes_of(interface: Any) -> dict[str, Any]:
    """Class name → class where records of several classes are stored together; else nothing."""
    found = variants_of(interface)
    return found if len(found) > 1 else {}


def taken_class(body: dict[str, Any], interface: Any, now: Any = None) -> Any:
    """The class of a new record, or the one `now` that a record keeps; takes `_class` out of the body.

    Raises ApiError(400) on a class that is none of these, or on another than the record has.
    """
    known = classes_of(interface)
    if not known or CLASS not in body:
        return now or interface.obj
    name = body.pop(CLASS)
    found = known.get(name) if isinstance(name, str) else None
    if found is None:
        names = ", ".join(known)
        text = T("ต้องเป็นค่าใดค่าหนึ่งใน {names}", "Must be one of {names}.", names=names)
    elif now is not None and found is not now:
        text = T("เปลี่ยนชนิดของรายการไม่ได้", "The class of a record cannot change.")
    else:
        return found
    raise ApiError(400, text, {CLASS: text})


def own_columns(interface: Any, document: Any, writing: bool = False) -> list[str]:
    """The columns that a class has beside the shared ones; `writing`: those that JSON can set."""
    names = more_columns(interface, document)
    return [name for name in names if not writing or api_kind(document._fields[name]) not in READ_ONLY]


def class_schema(interface: Any, schema: dict[str, Any], makes: Any = None) -> dict[str, Any]:
    """A record's schema with `_class` and, where `makes(field)` gives their schemas, the columns of every class."""
    known = classes_of(interface)
    if not known:
        return schema
    more: dict[str, Any] = {CLASS: {"type": "string", "enum": list(known)}}
    for document in known.values() if makes is not None else ():
        for name in own_columns(interface, document):
            more.setdefault(name, makes(document._fields[name]))
    return {**schema, "properties": {**schema["properties"], **more}}
