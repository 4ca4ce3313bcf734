"""The guard against a half-restored database is in nobody's way when the database does not answer."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.errors import ServerSelectionTimeoutError

from app.backup import guard


def test_a_database_that_does_not_answer_is_the_page_s_own_matter(
    monkeypatch: pytest.MonkeyPatch, app: Flask, client: FlaskClient
) -> None:
    def no_answer(database: Any) -> bool:
        raise ServerSelectionTimeoutError("no primary")

    monkeypatch.setattr(guard, "marked", no_answer)
    assert guard.Watch().marked() is False
    fresh = guard.Watch()
    fresh._marked = True
    assert fresh.marked() is True, "what was seen holds until something else is"
    assert "metrics" in guard.OPEN_ENDPOINTS, "they are wanted most when the database is away"
