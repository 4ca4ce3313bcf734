"""Which program and which version of the stored data a backup says it is of."""

from __future__ import annotations

from typing import Any


def about(lec: str, schema: str) -> dict[str, Any]:
    """The fields of a manifest that say what made it. schema: the version of the stored data, "1.0"."""
    return {"lec": lec, "schema": schema}


def major_of(schema: Any) -> int | None:
    """The major number in a manifest's schema; None where it is no version at all."""
    major = schema.partition(".")[0] if isinstance(schema, str) else ""
    return int(major) if major.isascii() and major.isdigit() and len(major) < 6 else None
