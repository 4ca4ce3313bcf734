"""Automatic reminders before a round's last day: at most one a day for each LAO, none once it has handed in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date

from app.clock import thai_today
from app.documents.extensions import Extension
from app.documents.rounds import Round
from app.enums import Level
from app.errors import Problem
from app.rules.census import as_day
from app.rules.completeness import reminder_is_due
from app.services.accounts import SYSTEM
from app.services.completeness.chasing import reminder_text, to_those_behind
from app.services.notices import save_once, send
from app.services.rounds import unclosed_rounds

log = logging.getLogger(__name__)


def remind(today: date | None = None) -> int:
    """Send what is due today; returns how many new deliveries. Running again on the same day sends nothing more."""
    day, sent = today or thai_today(), 0
    for round_, last_day, level, code in _due(day):
        key = f"{round_.code}:{day.isoformat()}:{code}"
        letter = {**reminder_text(round_, last_day), **to_those_behind(round_, level, code)}
        try:
            sent += send(SYSTEM, save_once(SYSTEM, letter, key))
        except Problem as problem:
            # Nobody is behind: the draft stays unsent, so that the day is not tried again and again.
            log.info("reminder %s was not sent: %s", key, problem.en)
    return sent


def _due(day: date) -> Iterator[tuple[Round, date, Level, str]]:
    """(round, last day, level, code) of each letter of the day; an LAO with an extension has a last day of its own."""
    for raw in unclosed_rounds(day):
        round_ = Round._from_son(raw)
        if as_day(round_.opens_on) <= day and reminder_is_due(round_.closes_on, day, round_.remind_days):
            yield round_, as_day(round_.closes_on), Level.COUNTRY, ""
    for extension in Extension._get_collection().find({"school_code": None}):
        until = as_day(extension["until"])
        found = Round.objects(pk=extension["round_code"]).first()
        if found is None or found.closes_on is None or as_day(found.closes_on) >= day:
            continue  # While the round itself is open, its own reminders go to everybody.
        if reminder_is_due(until, day, found.remind_days):
            yield found, until, Level.LAO, extension["lao_code"]
