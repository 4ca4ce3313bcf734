"""A form that is offered again goes to where it was sent, whatever its address holds."""

from __future__ import annotations

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from app.typed_again import typed_form


def action_of(path: str, query: str = "", root: str = "") -> str:
    builder = EnvironBuilder(method="POST", data={"name": "x"}, query_string=query)
    form = typed_form(Request({**builder.get_environ(), "PATH_INFO": path, "SCRIPT_NAME": root}))
    assert form is not None
    return form.action


@pytest.mark.parametrize("path", ["/\\other.example/", "\\\\other.example/", "//other.example/", "/\t/other.example/"])
def test_it_goes_to_no_other_host(path: str) -> None:
    """Browsers read a backslash as a slash, and skip tabs."""
    action = action_of(path)
    assert action[0] == "/" and action[1:2] not in ("/", "\\", "\t"), action
    assert "\\" not in action and "\t" not in action


def test_a_key_with_marks_of_addresses_comes_back_whole() -> None:
    assert action_of("/lao/edit/a?b#c%41", "next=1", "/office") == "/office/lao/edit/a%3Fb%23c%2541?next=1"


def test_a_form_larger_than_is_taken_is_not_offered_again() -> None:
    """Looking at it raises, and the page that says why nothing was saved must not fail for it."""
    builder = EnvironBuilder(method="POST", data={"name": "x" * 1000})
    request = Request(builder.get_environ())
    request.max_content_length = 100
    assert typed_form(request) is None
