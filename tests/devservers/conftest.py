"""A Valkey of its own for each test of workers and queues, and a small application on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.devservers.broker import Broker, broker
from tests.devservers.worker_app import make_app


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Broker]:
    """A Valkey that the test may kill, freeze and start again."""
    with broker(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def queue_app(queue: Broker) -> Iterator[Flask]:
    """An application on that Valkey which knows no task until the test gives it one."""
    app = make_app(queue.url)
    with app.app_context():
        yield app


@pytest.fixture
def valkey(queue: Broker) -> Iterator[Any]:
    """A client of that Valkey."""
    with queue.client() as client:
        yield client
