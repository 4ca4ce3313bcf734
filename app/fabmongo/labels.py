"""Bilingual texts that stand side by side in the code and are chosen when they are shown."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

FIRST_LANGUAGE = "th"


def language() -> str:
    """The two-letter language of this request; the first language outside a request."""
    locale = get_locale()
    return str(locale.language) if locale is not None else FIRST_LANGUAGE


def _pick(th: str, en: str, values: dict[str, Any]) -> str:
    text = th if language() == FIRST_LANGUAGE else en
    return text.format(**values) if values else text


class Text(LazyString):
    """A lazy text that a template escapes like any other: its values may be what somebody typed.

    Flask-Babel's own class tells Jinja that its texts are HTML already.
    """

    def __html__(self) -> Markup:
        return escape(str(self))


def T(th: str, en: str, **values: Any) -> Text:
    """A lazy text in both languages; `{name}` places are filled from `values` when it is shown."""
    return Text(_pick, th, en, values)
