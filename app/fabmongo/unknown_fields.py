"""Documents that can be read although another version of the application stored fields they do not declare."""

from __future__ import annotations

from typing import Any


def leave_unknown_fields(document_class: Any) -> None:
    """Let a document class, and every class embedded in it however deep, be loaded with fields it does not declare."""
    seen: set[Any] = set()
    waiting = [document_class]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        one._meta["strict"] = False
        for field in one._fields.values():
            inner = field
            while inner is not None:
                embedded = getattr(inner, "document_type", None) if _embeds(inner) else None
                if embedded is not None:
                    waiting.append(embedded)
                inner = getattr(inner, "field", None)


def _embeds(field: Any) -> bool:
    """Whether a field holds the document itself and no reference to it."""
    return any(kind.__name__ == "EmbeddedDocumentField" for kind in type(field).__mro__)
