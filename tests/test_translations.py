"""The Thai texts of the libraries: complete, compiled, and used by forms."""

from __future__ import annotations

import io
import string
from importlib.resources import files
from pathlib import Path

import flask_appbuilder
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length

import app.translations
from app.translations import FOLDER, init_translations

TEXTS = FOLDER / "th" / "LC_MESSAGES"
KEYWORDS = dict.fromkeys(("_", "__", "gettext", "lazy_gettext", "lazy_formatter_gettext"))


def catalog(name: str) -> Catalog:
    with (TEXTS / f"{name}.po").open("rb") as file:
        return read_po(file)


def texts_of_fab() -> set[str]:
    folder = Path(flask_appbuilder.__file__).parent
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    found = extract_from_dir(folder, methods, keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def texts_of_wtforms() -> set[str]:
    with (files("wtforms") / "locale" / "wtforms.pot").open("rb") as file:
        return {str(message.id) for message in read_po(file) if message.id}


@pytest.mark.parametrize("name, texts", [("messages", texts_of_fab), ("wtforms", texts_of_wtforms)])
def test_no_text_of_the_library_is_without_thai(name, texts):
    wanted = texts()
    translated = {str(message.id) for message in catalog(name) if message.id and message.string}
    assert len(wanted) > 30
    assert wanted - translated == set()


@pytest.mark.parametrize("name", ["messages", "wtforms"])
def test_the_compiled_file_is_the_source_compiled(name):
    compiled = io.BytesIO()
    write_mo(compiled, catalog(name))
    compiled.seek(0)
    with (TEXTS / f"{name}.mo").open("rb") as file:
        stored = read_mo(file)
    assert [(m.id, m.string) for m in stored] == [(m.id, m.string) for m in read_mo(compiled)]


@pytest.mark.parametrize("name", ["messages", "wtforms"])
def test_every_text_is_thai_and_keeps_its_places(name):
    for message in catalog(name):
        if message.id:
            text = message.string[0] if message.pluralizable else message.string
            assert any("\u0e00" <= letter <= "\u0e7f" for letter in text), message.id
            assert not message.fuzzy and not list(message.check(catalog(name)))
            assert set(text) <= set(map(chr, range(0x0E00, 0x0E80))) | set(string.printable), text


class Form(FlaskForm):
    name = StringField("name", [InputRequired(), Length(max=3)])
    count = IntegerField("count")


@pytest.mark.parametrize(
    "locale, errors",
    [
        ("th", {"name": ["ต้องยาวไม่เกิน 3 ตัวอักษร"], "count": ["ต้องเป็นจำนวนเต็ม"]}),
        (
            "en",
            {"name": ["Field cannot be longer than 3 characters."], "count": ["Not a valid integer value."]},
        ),
    ],
)
def test_a_form_speaks_the_language_of_the_request(locale, errors):
    site = Flask(app.translations.__name__)
    site.config.update(SECRET_KEY="for tests only", WTF_CSRF_ENABLED=False)
    site.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(site, locale_selector=lambda: locale)
    init_translations(site)
    with site.test_request_context("/", method="POST", data={"name": "long", "count": "x"}):
        site.preprocess_request()
        form = Form()
        assert not form.validate() and form.errors == errors
        assert gettext("Save") == {"th": "บันทึก", "en": "Save"}[locale]
