"""Rows with fields of a newer version, at their top and inside, close no page of this one."""

from __future__ import annotations

from typing import Any

import mongoengine
import pytest

from app.db import DOCUMENTS


def embedded_in(document: Any) -> set[Any]:
    """Every class embedded in a document, however deep."""
    found, waiting = set(), [document]
    while waiting:
        for field in waiting.pop()._fields.values():
            inner = field
            while inner is not None:
                kind = inner.document_type if isinstance(inner, mongoengine.EmbeddedDocumentField) else None
                if kind is not None and kind not in found:
                    found.add(kind)
                    waiting.append(kind)
                inner = getattr(inner, "field", None)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.__name__)
def test_a_field_of_a_newer_version_is_left_alone(document: Any) -> None:
    assert document._from_son({"_id": None, "newer_field": 1}) is not None
    for kind in embedded_in(document):
        assert kind._from_son({"newer_field": 1}) is not None
