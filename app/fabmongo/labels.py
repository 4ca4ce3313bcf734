"""Bilingual texts that stand side by side in the code and are chosen when they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from flask import g
from flask_babel import force_locale, get_locale
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

FIRST_LANGUAGE = "th"


def language() -> str:
    """The two-letter language of this request; the first language outside a request.

    A page asks for it hundreds of times, so what Flask-Babel has found is read where Flask-Babel keeps it: a switch of
    the language in mid-request and `force_locale` are thereby seen at once.
    """
    try:
        kept = g._get_current_object().__dict__.get("_flask_babel")
    except RuntimeError:
        return FIRST_LANGUAGE
    locale = getattr(kept, "babel_locale", None) or get_locale()
    return str(locale.language) if locale is not None else FIRST_LANGUAGE


@contextmanager
def first_language() -> Iterator[None]:
    """Inside the block texts are of the first language, whatever the request's: for what is stored."""
    with force_locale(FIRST_LANGUAGE):
        yield


def _pick(th: str, en: str, values: dict[str, Any]) -> str:
    text = th if language() == FIRST_LANGUAGE else en
    return text.format(**values) if values else text


class Text(LazyString):
    """A lazy text that a template escapes like any other: its values may be what somebody typed.

    Flask-Babel's own class tells Jinja that its texts are HTML already.
    """

    def __html__(self) -> Markup:
        return escape(str(self))


class PlainText(Text):
    """A text without places to fill, which never changes: it is escaped once."""

    def __init__(self, th: str, en: str) -> None:
        super().__init__(_pick, th, en, {})
        self._pair = str(th), str(en)
        self._safe = escape(str(th)), escape(str(en))

    def __str__(self) -> str:
        return self._pair[language() != FIRST_LANGUAGE]

    def __html__(self) -> Markup:
        return self._safe[language() != FIRST_LANGUAGE]


_plain = lru_cache(maxsize=8192)(PlainText)


def T(th: str, en: str, **values: Any) -> Text:
    """A lazy text in both languages; `{name}` places are filled from `values` when it is shown."""
    if values or type(th) is not str or type(en) is not str:
        return Text(_pick, th, en, values)
    return _plain(th, en)
