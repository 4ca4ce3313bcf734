"""Text into a box: shrunk or broken into lines, never over an edge, never short of a character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from app.thai import normalise_name, to_thai_digits, words

LINE = 1.45
"""Height of a line in font sizes: more than the font's own 1.3, or tone marks touch the vowels of the line above."""
_STEP = 0.96
# What stays together when even a word must be broken: a leading vowel, a letter, the marks on it.
_CLUSTER = re.compile(r"[\u0e40-\u0e44]?.[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0300-\u036f]*", re.DOTALL)
_REPLACEMENT = "■"

Measure = Callable[[str], float]
"""Width of a text at font size 1, in the unit of the box."""


def printable(text: str, glyphs: frozenset[int], thai_digits: bool = True) -> str:
    """`text` as it is printed: one line, Thai digits, ■ for each character that the font has no glyph for."""
    cleaned = normalise_name(text)
    if thai_digits:
        cleaned = to_thai_digits(cleaned)
    return "".join(char if ord(char) in glyphs else _REPLACEMENT for char in cleaned)


def fit(text: str, measure: Measure, width: float, height: float, size: float) -> tuple[float, list[str]]:
    """(font size, lines): the largest size up to `size` at which `text` fits, broken at spaces rather than in words.

    width and height share one unit with `measure`. Spaces at a break are dropped, nothing else.
    """
    if measure(text) * size <= width:
        return min(size, height / LINE), [text]
    width_of = cache(measure)
    variants = [cache(lambda cut=cut: cut(text)) for cut in (_at_spaces, words, _CLUSTER.findall)]
    while True:
        allowed = max(1, int(height / (LINE * size)))
        for variant in variants:
            lines = wrap(variant(), width_of, width / size, allowed)
            if lines is not None:
                return min(size, height / LINE), lines
        size *= _STEP


def wrap(pieces: list[str], measure: Measure, width: float, most: int) -> list[str] | None:
    """Lines made of `pieces`, or None where they need more than `most` lines or one of them is too wide."""
    lines: list[str] = []
    for line in _filled(pieces, measure, width):
        if len(lines) == most or measure(line) > width:
            return None
        lines.append(line)
    return lines


def _filled(pieces: list[str], measure: Measure, width: float) -> Iterator[str]:
    line, used = "", 0.0
    for piece in pieces:
        if line and used + measure(piece.rstrip()) > width:
            yield line.rstrip()
            line, used, piece = "", 0.0, piece.lstrip()
        line += piece
        used += measure(piece)
    yield line.rstrip()


def _at_spaces(text: str) -> list[str]:
    return [piece for piece in re.split("( )", text) if piece]
