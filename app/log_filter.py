"""Keeps people's ID numbers out of every log, whoever writes it."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable
from typing import Any

MASK = "[id]"

# A digit of any script, also as a Thai digit looks in an address or in escaped JSON; then what
# stands between the digits, likewise.
_DIGIT = r"(?:%E0%B9%9\d|\\u0e5\d|%3\d|\d)"
_GAP = r"(?:[ \t\u00a0+\-\u2010-\u2015]|%20|%2[BD]|%C2%A0|%E2%80%9[0-5]|\\u00a0|\\u201[0-5]){1,3}"
_GROUP = re.compile(rf"{_GAP}|(?P<digits>{_DIGIT}+)", re.IGNORECASE)
_RUN = rf"(?P<g>G(?:{_GAP})?)?(?P<run>{_DIGIT}+(?:{_GAP}{_DIGIT}+)*)"
# Keys of tasks and documents are random hexadecimal: their digits mean nobody.
_KEY = r"\b(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{24})\b"
_PLAIN = re.compile(rf"{_KEY}|{_RUN}", re.IGNORECASE)
# In an address `%8111...` may be an escape and then digits: escapes are stepped over first.
_ESCAPED = re.compile(rf"{_KEY}|{_RUN}|%[0-9A-F]{{2}}", re.IGNORECASE)
_ONE = re.compile(_DIGIT, re.IGNORECASE)

ID_LENGTH = 13
G_LENGTH = 12
CODE_LENGTHS = {7, 10}
"""Codes of local administrations and of schools: they are no secret and must stay readable."""


def _masked_groups(lengths: list[int], has_g: bool) -> set[int]:
    """Which groups of digits belong to an ID number, however its digits were set apart."""
    found = {n for n, length in enumerate(lengths) if length >= ID_LENGTH}
    if has_g and lengths[0] >= G_LENGTH:
        found.add(0)
    for start in range(len(lengths)):
        total = 0
        for end in range(start, len(lengths)):
            if lengths[end] in CODE_LENGTHS:
                break
            total += lengths[end]
            if total == ID_LENGTH or (total == G_LENGTH and has_g and start == 0):
                found.update(range(start, end + 1))
            if total >= ID_LENGTH:
                break
    return found


def _is_fraction(match: re.Match[str], text: str) -> bool:
    """Whether the digits are a number's decimals, such as the seconds a job took."""
    before = text[max(0, match.start("run") - 2) : match.start("run")]
    return len(before) == 2 and before[1] == "." and before[0].isdecimal()


def _replace(match: re.Match[str]) -> str:
    run = match.group("run")
    if run is None:
        return match.group()
    groups = [part for part in _GROUP.finditer(run) if part["digits"]]
    lengths = [len(_ONE.findall(group.group())) for group in groups]
    has_g = bool(match.group("g"))
    if len(groups) == 1 and lengths[0] > ID_LENGTH and _is_fraction(match, match.string):
        return match.group()
    hidden = _masked_groups(lengths, has_g)
    if not hidden:
        return match.group()
    parts, position = [], 0
    for n, group in enumerate(groups):
        if n not in hidden:
            parts.append(run[position : group.end()])
        elif n - 1 not in hidden:
            parts.append(run[position : group.start()] + MASK)
        position = group.end()
    lead = "" if has_g and 0 in hidden else match.group("g") or ""
    return lead + "".join(parts)


def mask(text: str) -> str:
    """`text` with every 13-digit ID number and every G-code (G and 12 digits) made unreadable.

    Digits may be of any script and set apart by spaces or hyphens. Numbers of 13 digits and more
    are masked whatever they are; codes of 7 and 10 digits never are.
    """
    if "%" in text:
        text = _ESCAPED.sub(_replace, text)
    return _PLAIN.sub(_replace, text)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a wrong format is the caller's fault, and logging must not raise for it
        return f"{record.msg} {record.args}"


def _clean(record: logging.LogRecord) -> logging.LogRecord:
    record.msg, record.args = mask(_message(record)), ()
    if record.exc_info and record.exc_info[0] is not None:
        # A formatter uses this text where it is set, and formats the exception where it is not.
        record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
    if record.stack_info:
        record.stack_info = mask(record.stack_info)
    return record


def install_log_filter() -> None:
    """Mask every record of every logger of this process from now on; repeating it is harmless."""
    make: Callable[..., logging.LogRecord] = logging.getLogRecordFactory()
    if getattr(make, "masks_ids", False):
        return

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _clean(make(*args, **kwargs))

    factory.masks_ids = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)
