"""Files that no record points at any more, removed once a day."""

from __future__ import annotations

from app.fabmongo.orphans import Swept, remove_orphaned_files


def sweep() -> Swept:
    """Remove uploads whose record was never saved and files that a replacement left behind; safe to repeat."""
    return remove_orphaned_files()
