"""Signing in while Valkey is away: tries are counted in each process instead, and nobody gets an error page."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import config
from app import create_app
from tests.people import People


@pytest.fixture
def cut_off(settings: config.Settings, people: People, tmp_path: Path) -> config.Settings:
    """An installation whose Valkey does not answer, with a limit of sign-ins."""
    away = f"unix://{tmp_path}/nobody.sock"
    return dataclasses.replace(
        settings, redis_url=away, rate_limit_enabled=True, login_rate_limit="3 per minute", csrf_enabled=False
    )


def test_sign_in_is_answered_and_still_limited_while_valkey_is_away(cut_off: config.Settings) -> None:
    client = create_app(cut_off).test_client()
    fields = {"username": "nobody", "password": "wrong"}
    answers = [client.post("/login/", data=fields).status_code for _ in range(5)]
    assert max(answers[:3]) < 429, answers
    assert answers[3:] == [429, 429], answers
