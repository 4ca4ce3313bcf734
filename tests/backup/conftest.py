"""Two databases of a test's own: one to back up, an empty one to restore into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from app.devservers.mongo import EmbeddedMongo

NAMES = ("backup_from", "backup_to")


@pytest.fixture
def cluster(mongo: EmbeddedMongo) -> Iterator[MongoClient[dict[str, Any]]]:
    """A client of the run's MongoDB; both databases are empty before and gone after."""
    with MongoClient[dict[str, Any]](mongo.uri) as client:
        for name in NAMES:
            client.drop_database(name)
        yield client
        for name in NAMES:
            client.drop_database(name)
