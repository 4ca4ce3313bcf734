"""LEC below a path of its host: every address of every page a person reaches begins with that path."""

from __future__ import annotations

import dataclasses
import re

import pytest
from flask import Flask

import config
from app import create_app
from tests.people import Browser, People

PREFIX = "/office/lec"
ADDRESS = re.compile(r"""\s(?:href|action|src|formaction|data-[a-z-]*)=["'](/[^"']*)""")
REACHED = re.compile(r"""<a [^>]*?href=["'](/[^"'?#]*)["'?#]""")
NO_PAGE = re.compile(r"/static/|/lang/|/logout|/(xlsx|csv|paper|file|original|accepted|refused)|\.eml")


@pytest.fixture
def below(app: Flask, settings: config.Settings) -> Flask:
    """The application at https://office.example/office/lec."""
    return create_app(dataclasses.replace(settings, public_url=f"https://office.example{PREFIX}"))


def kind_of(path: str) -> str:
    return re.sub(r"/[^/]*[0-9][^/]*", "/*", path)


@pytest.mark.parametrize("role", ["dla", "lao"])
def test_every_address_of_every_page_stays_below_the_path(below: Flask, people: People, role: str) -> None:
    browser = Browser(below, people[role])
    waiting, seen, strays = [f"{PREFIX}/"], {f"{PREFIX}/"}, set[str]()
    while waiting:
        answer = browser.get(waiting.pop())
        assert answer.status_code < 500
        strays |= {answer.location} if answer.location and not answer.location.startswith(PREFIX) else set()
        if "text/html" not in answer.content_type:
            continue
        strays |= {found for found in ADDRESS.findall(answer.text) if not found.startswith(PREFIX + "/")}
        for path in REACHED.findall(answer.text):
            if kind_of(path) not in seen and not NO_PAGE.search(path):
                seen.add(kind_of(path))
                waiting.append(path)
    assert strays == set()
    assert len(seen) > 15


def test_cookies_are_bound_to_the_path_and_a_stranger_is_sent_to_sign_in_below_it(below: Flask, people: People) -> None:
    client = below.test_client()
    answer = client.get(f"{PREFIX}/students/list/")
    assert answer.status_code == 302
    assert answer.location.startswith(f"{PREFIX}/login/")
    page = client.get(f"{PREFIX}/login/")
    assert page.status_code == 200
    assert f"Path={PREFIX}" in page.headers["Set-Cookie"]


@pytest.mark.parametrize("path", ["/healthz", f"{PREFIX}/healthz"])
def test_a_request_without_the_path_is_answered_too(below: Flask, path: str) -> None:
    assert below.test_client().get(path).status_code == 200


def test_a_path_that_only_begins_alike_is_another(below: Flask) -> None:
    assert below.test_client().get(f"{PREFIX}x/healthz").status_code == 404
