"""The two parts of a notice's e-mail: plain text wrapped for Thai, and HTML that escapes everything."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.notices.letter import Letter
from app.thai import words

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "email"
TEXT_WIDTH = 72
INDENT = "        "


def render_text(letter: Letter) -> str:
    """The letter as plain text in lines of at most 72 columns, ending in one line feed."""
    rendered = _environment().get_template("notice.txt").render(letter=letter)
    return rendered.strip("\n") + "\n"


def render_html(letter: Letter) -> str:
    """The letter as an HTML page with inline styles, 600 px wide, for mail programs."""
    return _environment().get_template("notice.html").render(letter=letter).strip("\n") + "\n"


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """`text` in lines of at most 72 columns; `first` and `rest` stand before the lines.

    Thai is written without spaces between words, so a word border is looked up where no space fits.
    Typed line ends are kept. A single word that is too long stays whole.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = first if not lines else rest
        empty = True
        for piece in words(paragraph):
            if not empty and _columns(line + piece.rstrip()) > TEXT_WIDTH:
                lines.append(line.rstrip())
                line, empty = rest, True
                piece = piece.lstrip()
            line += piece
            empty = empty and not piece.strip()
        lines.append(line.rstrip())
    return "\n".join(lines)


def _columns(text: str) -> int:
    """Columns on a terminal: Thai vowels and tone marks above and below take none."""
    return sum(unicodedata.category(char) not in ("Mn", "Me", "Cf") for char in text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrap"] = wrap
    environment.globals["indent"] = INDENT
    return environment
