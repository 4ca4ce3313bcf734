"""The declared list of all migrations, in their order. What was released is never changed nor moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.migrations import m0001_base_line, m0002_superseded_indexes
from app.migrations.migration import Migration
from app.migrations.state import BASE, Version

MIGRATIONS: tuple[Migration, ...] = (
    m0001_base_line.MIGRATION,
    m0002_superseded_indexes.MIGRATION,
)  # fmt: skip


def newest(migrations: Sequence[Migration] = MIGRATIONS) -> Version:
    """The version of the form that this program stores."""
    return max((migration.version for migration in migrations), default=BASE)


def pending(stored: dict[str, Any], migrations: Sequence[Migration] = MIGRATIONS) -> list[Migration]:
    """Those that a stored document of the installation does not name as applied."""
    applied = {entry["name"] for entry in stored.get("applied", ())}
    return [migration for migration in migrations if migration.name not in applied]
