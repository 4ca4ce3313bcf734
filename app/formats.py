"""How LEC writes and reads dates, codes and secrets, for the generated views."""

from __future__ import annotations

from datetime import date, datetime

from app import thai
from app.clock import AHEAD, thai_time
from app.fabmongo.formats import Formats
from app.fabmongo.labels import language
from app.rules.national_id import mask


def day_text(day: date) -> str:
    """A date in the Buddhist era, with the month's name in the language of the request."""
    return thai.format_date(day, language())


def day_input(day: date) -> str:
    """A date as it is typed: dd/mm/yyyy in the Buddhist era."""
    return thai.format_date(day, language(), "numeric")


def moment_text(moment: datetime) -> str:
    """A stored moment in Thailand's time."""
    local = thai_time(moment)
    clock = "{:%H.%M} น." if language() == "th" else "{:%H:%M}"
    return f"{day_text(local.date())} {clock.format(local)}"


FORMATS = Formats(
    parse_date=thai.parse_date,
    format_date=day_text,
    edit_date=day_input,
    format_datetime=moment_text,
    clean_code=thai.normalise_code,
    clean_text=thai.normalise_name,
    mask_secret=mask,
    utc_offset=AHEAD,
)
