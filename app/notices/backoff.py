"""When a delivery that failed for the moment is tried again."""

from __future__ import annotations

from datetime import timedelta

_WAITS = (
    *(timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=2), timedelta(hours=4), timedelta(hours=8)),
    *(timedelta(hours=12),) * 5,
)
"""Together a little over three days: a mail server that is down over a weekend gets its letters on Monday."""
MAX_ATTEMPTS = len(_WAITS) + 1


def wait_after(attempts: int, pace: float = 1.0) -> timedelta | None:
    """The wait after `attempts` tries that failed, times `pace`; None when there will be no further try."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return _WAITS[max(attempts, 1) - 1] * pace
