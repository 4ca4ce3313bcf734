"""When a delivery that failed for the moment is tried again."""

from __future__ import annotations

from datetime import timedelta

MAX_ATTEMPTS = 6
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


def wait_after(attempts: int, pace: float = 1.0) -> timedelta | None:
    """The wait after `attempts` tries that failed, times `pace`; None when there will be no further try."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return _WAITS[min(max(attempts, 1), len(_WAITS)) - 1] * pace
