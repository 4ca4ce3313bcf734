"""Which program and which version of the stored data a backup says it is of."""

from __future__ import annotations

import tomllib
from typing import Any

from config import ROOT


def about(schema: str | None) -> dict[str, Any]:
    """The fields of a manifest that say what made it. schema: "1.0"; None where the database counts no version yet."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    return {"lec": version, "schema": schema or ""}


def major_of(schema: Any) -> int | None:
    """The major number in a manifest's schema, 0 where none was counted; None where it is no version at all."""
    if schema == "":
        return 0
    major = schema.partition(".")[0] if isinstance(schema, str) else ""
    return int(major) if major.isascii() and major.isdigit() and len(major) < 6 else None
