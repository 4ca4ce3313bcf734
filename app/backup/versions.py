"""Which program and which schema a backup says it is of."""

from __future__ import annotations

import tomllib
from typing import Any

from config import ROOT

SCHEMA = 1
"""The schema of the documents that this program writes; a backup of a higher one is refused."""


def about() -> dict[str, Any]:
    """The fields of a manifest that say what made it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    return {"lec": version, "schema": SCHEMA}
