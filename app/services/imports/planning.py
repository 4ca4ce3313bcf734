"""Planning (another part)."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.services.claims import Claim


def plan(claim: Claim) -> None:
    """Read and plan."""
    raise NotImplementedError


def replan_school(run: dict[str, Any], school_code: str, session: ClientSession | None) -> None:
    """Plan a school anew."""
    raise NotImplementedError
