"""Searching by words over the columns a document names in `search_fields`, and select answers."""

from __future__ import annotations

from typing import Any

from app.fabmongo.filters import MongoFilter, literal
from app.fabmongo.formats import formats
from app.fabmongo.query import Query

SELECT_PAGE = 20
MAX_WORDS = 6


def words_clause(document: Any, text: str) -> dict[str, Any]:
    """A clause in which every typed word stands in at least one search field.

    Codes match from their start, so an index serves them, and secret ones as a whole; other texts
    match anywhere, unless the document says `search_anchored`, as large collections do.
    """
    fields = [document._fields[name] for name in getattr(document, "search_fields", ())]
    conditions = []
    for word in formats().clean_text(text).split()[:MAX_WORDS]:
        options = []
        for field in fields:
            code = getattr(field, "code", False)
            anchored = code or getattr(document, "search_anchored", False)
            wanted = literal(formats().clean_code(word) if code else word)
            if wanted and getattr(field, "secret", False):
                wanted += "$"  # by its beginnings, one after another, a masked value could be found out
            if wanted:
                options.append({field.db_field: {"$regex": ("^" if anchored else "") + wanted}})
        if options:
            conditions.append({"$or": options})
    return {"$and": conditions} if conditions else {}


class FilterWords(MongoFilter):
    """The quick search box as a filter of its own."""

    def apply(self, query: Query, value: Any) -> Query:
        return query.where(words_clause(self.model, str(value)))


def select_answer(interface: Any, text: str, page: int) -> dict[str, Any]:
    """One page of choices in the form select2 asks for, inside the acting person's scope."""
    query = interface.base_query().where(words_clause(interface.obj, text))
    found = list(interface.find(query, page=page, size=SELECT_PAGE + 1)) if page == 0 else list(
        interface.find(query, page=page, size=SELECT_PAGE)
    )
    more = len(found) > SELECT_PAGE if page == 0 else len(found) == SELECT_PAGE
    return {
        "results": [
            {"id": str(item.pk), "text": choice_text(item)} for item in found[:SELECT_PAGE]
        ],
        "pagination": {"more": more},
    }


def choice_text(item: Any) -> str:
    """A record's name as a choice; an official code tells namesakes apart."""
    official = isinstance(item.pk, str) and any(char.isdigit() for char in item.pk)
    return f"{item} · {item.pk}" if official and str(item) != item.pk else str(item)
