"""What time it is: moments are stored in UTC, days are those of Thailand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

AHEAD = timedelta(hours=7)
"""Thailand is so far ahead of UTC all year, so no zone database is needed."""
THAILAND = timezone(AHEAD)


def stored_now() -> datetime:
    """This moment as MongoDB gives it back: UTC, no zone, whole milliseconds."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def thai_today() -> date:
    """The calendar day in Thailand now: deadlines end at its midnight, not at UTC's."""
    return datetime.now(THAILAND).date()


def thai_time(moment: datetime) -> datetime:
    """A stored moment (UTC, with or without a zone) on Thailand's clocks."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(THAILAND)
