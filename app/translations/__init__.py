"""The Thai texts of the libraries: Flask-AppBuilder's (messages) and WTForms' (wtforms).

The texts of LEC itself stand in the code, as `T("ไทย", "English")`. After a change of a .po file:
`pybabel compile -d app/translations -D messages` (and `-D wtforms`).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from flask import Flask, request

from app.fabmongo.labels import language

FOLDER = Path(__file__).parent


@lru_cache
def _wtforms(locale: str) -> NullTranslations:
    return Translations.load(FOLDER, [locale], domain="wtforms")


class FormTexts:
    """WTForms' messages in the language of the request, in the form Flask-WTF asks for."""

    def ugettext(self, text: str) -> str:
        return str(_wtforms(language()).ugettext(text))

    def ungettext(self, one: str, many: str, count: int) -> str:
        return str(_wtforms(language()).ungettext(one, many, count))


def _lend_form_texts() -> None:
    # Flask-WTF looks here before it loads WTForms' own catalogues, and those hold no Thai.
    carrier: Any = request
    carrier.wtforms_translations = FormTexts()


def init_translations(app: Flask) -> None:
    """Let forms speak Thai; FAB finds its own texts in this folder by itself."""
    app.before_request(_lend_form_texts)
