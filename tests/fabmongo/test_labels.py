"""Bilingual texts: what somebody typed is shown in them as text, never as HTML."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup
from wtforms.widgets import html_params

from app.fabmongo.labels import T

TYPED = '<img src=x onerror=alert(1)>"'


@pytest.fixture
def text() -> Any:
    return T("โรงเรียน {name}", "School {name}", name=TYPED)


@pytest.mark.parametrize("template", ["{{ text }}", "{{ text ~ '' }}", '<p title="{{ text }}">', "{{ [text]|join }}"])
def test_a_value_is_escaped_wherever_a_template_shows_it(app: Any, text: Any, template: str) -> None:
    shown = app.jinja_env.from_string(template, globals={"text": text}).render()
    assert "<img" not in shown
    assert '"' not in shown.removeprefix('<p title="').removesuffix('">')


def test_a_template_that_builds_its_own_text_escapes_it_too(app: Any) -> None:
    make = app.jinja_env.from_string('{{ T("{name}", "{name}", name=name) }}')
    assert "<img" not in make.render(T=T, name=TYPED)


def test_a_value_is_escaped_in_markup_and_in_attributes(text: Any) -> None:
    assert "<img" not in Markup("<p>{}</p>").format(text)
    assert html_params(title=text).count('"') == 2


def test_as_plain_text_nothing_is_changed(text: Any) -> None:
    assert TYPED in str(text)
