"""A4 sheets in Sarabun: text that fits its box and copies out as written, rules and dotted lines; over fpdf2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from functools import cache, partial
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Literal

from app.reports.forms.fitting import LINE, Measure, fit, printable

if TYPE_CHECKING:
    from fpdf import FPDF

Align = Literal["L", "C", "R"]
WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT = 15.0, 195.0
"""Edges of what is printed, in mm, as everything here; font sizes are in points."""
_FAMILY = "Sarabun"
_STYLES = {"": "Regular", "B": "Bold"}
_POINT = 25.4 / 72
_DROP = 0.12  # in font sizes: fpdf2 centres small Latin letters, Thai has more above them than below
_THIN = 0.2
_LARGE = 100.0  # fpdf2 rounds what it measures; at this size that is nothing
_GREY = 235
_THAI_TIME = timezone(timedelta(hours=7))
_ZERO_WIDTH_SPACE = 0x200B


class Paper:
    """One PDF in the making. The same calls give the same bytes: its only date is `made_on`.

    glyphs: code points that both weights of the typeface can print.
    """

    def __init__(self, title: str, made_on: date) -> None:
        self._pdf = _document(made_on)
        self._fonts: dict[str, Any] = {style: self._pdf.fonts[_FAMILY.lower() + style] for style in _STYLES}
        self.glyphs = frozenset.intersection(*(frozenset(font.cmap) for font in self._fonts.values()))
        self._pdf.set_title(printable(title, self.glyphs, thai_digits=False))
        self._measures: dict[str, Measure] = {style: cache(partial(self._measure, style)) for style in _STYLES}

    def add_page(self) -> None:
        self._pdf.add_page()

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """Width of `text` as it would be printed on one line."""
        return self._measures["B" if bold else ""](printable(text, self.glyphs)) * size * _POINT

    def write(
        self,
        box: tuple[float, float, float, float],
        text: str,
        size: float,
        bold: bool = False,
        align: Align = "L",
        thai_digits: bool = True,
    ) -> None:
        """Print `text` in the middle of `box` (x, y, width, height); what is too long, smaller and on more lines."""
        x, y, width, height = box
        text = printable(text, self.glyphs, thai_digits)
        if not text:
            return
        style = "B" if bold else ""
        size, lines = fit(text, self._measures[style], width / _POINT, height / _POINT, size)
        self._pdf.set_font(_FAMILY, style, size)
        line_height = size * LINE * _POINT
        top = y + (height - len(lines) * line_height) / 2 + _DROP * size * _POINT
        with self._copied_as(text):
            for place, line in enumerate(lines):
                self._pdf.set_xy(x, top + place * line_height)
                self._pdf.cell(width, line_height, line, align=align)

    def rule(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A solid line."""
        self._pdf.line(x1, y1, x2, y2)

    def dots(self, x1: float, x2: float, y: float) -> None:
        """A dotted line to write on."""
        self._pdf.set_dash_pattern(dash=0.2, gap=0.8)
        self._pdf.line(x1, y, x2, y)
        self._pdf.set_dash_pattern()

    def grid(self, x: Sequence[float], y: Sequence[float]) -> None:
        """A table's borders: a vertical line at each `x`, a horizontal one at each `y`."""
        self.columns(x, y[0], y[-1])
        for place in y:
            self.rule(x[0], place, x[-1], place)

    def columns(self, x: Sequence[float], top: float, bottom: float) -> None:
        """A vertical line at each `x`."""
        for place in x:
            self.rule(place, top, place, bottom)

    def shade(self, x: float, y: float, width: float, height: float) -> None:
        """Light grey under what is printed later."""
        self._pdf.set_fill_color(_GREY)
        self._pdf.rect(x, y, width, height, style="F")

    def _measure(self, style: str, text: str) -> float:
        return float(self._fonts[style].get_text_width(text, _LARGE, self._pdf.text_shaping)[1] / _LARGE)

    @contextmanager
    def _copied_as(self, text: str) -> Iterator[None]:
        """What is printed within copies out as `text`: from the glyphs alone sara am and marks come out damaged."""
        self._pdf._out(f"/Span <</ActualText <FEFF{text.encode('utf-16-be').hex()}>>> BDC")
        yield
        self._pdf._out("EMC")

    def to_bytes(self) -> bytes:
        """The file. The last call: the fonts are cut down to what was used."""
        for font in self._fonts.values():
            _name_nameless(font)
        return bytes(self._pdf.output())


def _document(made_on: date) -> FPDF:
    # Takes about 0.2 s, which a start-up need not wait for.
    from fpdf import FPDF

    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    for style, name in _STYLES.items():
        with as_file(files("fontpkg_sarabun") / "files" / f"Sarabun-{name}.ttf") as path:
            pdf.add_font(_FAMILY, style, path)
    pdf.set_font(_FAMILY)
    # Said once, so that it is not guessed for each text, and so that a bold line in Latin keeps the Thai rules.
    pdf.set_text_shaping(True, direction="ltr", script="thai", language="th")
    pdf.set_line_width(_THIN)
    pdf.set_lang("th")
    pdf.set_producer("LEC")
    pdf.set_creation_date(datetime(made_on.year, made_on.month, made_on.day, tzinfo=_THAI_TIME))
    return pdf


def _name_nameless(font: Any) -> None:
    """Glyphs that stand for no character of their own (the aa of sara am) copy out as a space of no width.

    Only readers that do not know ActualText see it; without it they would show the glyph's number, a control character.
    """
    for glyph, _ in font.subset.items():
        if glyph is not None and not glyph.unicode:
            glyph.unicode = (_ZERO_WIDTH_SPACE,)
