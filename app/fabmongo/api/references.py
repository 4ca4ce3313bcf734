"""What the references in a body point at: looked up inside the scope, one command a collection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.fabmongo.api.kinds import api_kind, inner_of

LISTS = ("list", "reference_list", "embedded_list")


class References:
    """Call it with a document class and a key; None is what the acting person cannot reach."""

    def __init__(self, interface: Any) -> None:
        self.interface = interface
        self._found: dict[tuple[Any, str], Any] = {}

    def __call__(self, document: Any, key: str) -> Any:
        if (document, key) not in self._found:
            self._found[document, key] = type(self.interface)(document).get(key)
        return self._found[document, key]

    def load(self, wanted: Iterator[tuple[Any, str]]) -> None:
        """Look up many at once; what is not found then is asked for alone, should its key be odd."""
        keys: dict[Any, set[str]] = {}
        for document, key in wanted:
            keys.setdefault(document, set()).add(key)
        for document, several in keys.items():
            if len(several) > 1:
                for item in type(self.interface)(document).get_many(several):
                    self._found[document, str(item.pk)] = item


def referred(field: Any, value: Any) -> Iterator[tuple[Any, str]]:
    """(document class, key) of each reference in a JSON value of this field, however deep."""
    kind = api_kind(field)
    if kind == "reference" and isinstance(value, str):
        yield field.document_type, value
    elif kind in LISTS and inner_of(field) is not None and isinstance(value, list):
        for one in value:
            yield from referred(inner_of(field), one)
    elif kind == "embedded" and isinstance(value, dict):
        fields = field.document_type._fields
        for name, one in value.items():
            if name in fields:
                yield from referred(fields[name], one)
