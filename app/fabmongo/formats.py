"""How values are typed and shown: hooks an application sets once, with plain defaults."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app, has_app_context


def ascii_digits(text: str) -> str:
    """`text` with the decimal digits of every script turned into 0-9."""
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text
    )


def _plain_code(text: str) -> str:
    return ascii_digits(unicodedata.normalize("NFC", text)).strip()


def _iso_date(text: str) -> date:
    return date.fromisoformat(ascii_digits(text).strip())


@dataclass(frozen=True)
class Formats:
    """The hooks; `parse_date` raises ValueError or an exception with .th and .en on bad text."""

    parse_date: Callable[[str], date] = _iso_date
    format_date: Callable[[date], str] = lambda day: day.isoformat()
    edit_date: Callable[[date], str] = lambda day: day.isoformat()
    format_datetime: Callable[[datetime], str] = lambda moment: moment.isoformat(" ", "minutes")
    clean_code: Callable[[str], str] = _plain_code
    clean_text: Callable[[str], str] = lambda text: text.strip()
    mask_secret: Callable[[str], str] = lambda text: "•" * len(text)
    utc_offset: timedelta = timedelta(0)
    """How far the clocks of the people are ahead of the stored moments, which are UTC."""


DEFAULTS = Formats()


def formats() -> Formats:
    """The running application's hooks."""
    if not has_app_context():
        return DEFAULTS
    found: Formats = current_app.extensions.get("fabmongo_formats", DEFAULTS)
    return found
