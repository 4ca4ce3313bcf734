"""The one list of migrations, in their order. A new one is added at the end and never changed after its release."""

from __future__ import annotations

from app.migrations import m0001_base_line
from app.migrations.migration import Migration, Version

MIGRATIONS: tuple[Migration, ...] = (m0001_base_line.MIGRATION,)
VERSION: Version = MIGRATIONS[-1].version
"""The version of stored data that this program writes."""
