"""Requests under a foreign or malformed host name: 400 in one sentence, one line in the log, no traceback."""

from __future__ import annotations

import dataclasses
import logging

import pytest
from flask import Flask

import config
from app import create_app


@pytest.fixture
def named(app: Flask, settings: config.Settings) -> Flask:
    """The application under one name of its own."""
    return create_app(dataclasses.replace(settings, trusted_hosts=("lec.example", "127.0.0.1")))


@pytest.mark.parametrize("path", ["/", "/login/", "/healthz", "/students/list/", "/api/v1/students/", "/nowhere"])
@pytest.mark.parametrize("host", ["evil.example", "a b", "[::1", "lec.example.evil.example", "evil.example:443"])
def test_a_foreign_or_malformed_name_is_a_bad_request(
    named: Flask, host: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = named.test_client().get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "ชื่อเว็บไซต์" in answer.text
    assert caplog.records == [], "its line in the log of requests says all"


@pytest.mark.parametrize("host", ["lec.example", "lec.example:8443", "127.0.0.1:8080"])
def test_the_own_names_are_answered_whatever_the_port(named: Flask, host: str) -> None:
    assert named.test_client().get("/login/", headers={"Host": host}).status_code == 200


def test_without_names_of_its_own_every_proper_name_is_answered(app: Flask) -> None:
    assert app.test_client().get("/login/", headers={"Host": "any.example"}).status_code == 200
