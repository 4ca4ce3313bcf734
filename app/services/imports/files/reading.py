"""Opening a roster file of any kind: a process of its own parses it, and its cells come as a stream.

The file is never parsed here. Whatever the process meets, a bomb, a fault in a parser or no end, what comes of it is
rows or a Problem that says what to do; and the process is gone when the book is closed.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, NoReturn

from app.rules.imports.terms import HEAD_ROWS, Cell, SheetHead
from app.services.imports.files.problems import problem_of

READER = Path(__file__).with_name("sheet_reader")
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CELLS = 20_000_000
MOST_CHARACTERS = 120_000_000
"""What may come out of a file: filled cells, and characters as they are told. 200,000 rows of DMC have half of it."""
LONGEST_CELL = 2_000
"""Characters of a cell. A longer text comes as its beginning and "…", one more than this: rules refuse such a cell."""
_LONGEST_LINE = 16 * 2**20
_PIECE = 256 * 1024
_TOLD = ("unpacked", "rows", "columns", "cells", "characters", "memory", "cpu")
_KINDS = ("xlsx", "xls", "ods", "csv", "oneroster")


@dataclass(frozen=True)
class Limits:
    """Bounds of one reading: sizes in bytes, `cpu` and `wait` in seconds; rows, cells and characters of all sheets.

    wait: how long the reader may be silent. The time in which its rows are worked on does not count.
    """

    bytes: int = 100 * 2**20
    unpacked: int = 1024 * 2**20
    rows: int = MOST_ROWS
    columns: int = MOST_COLUMNS
    cells: int = MOST_CELLS
    characters: int = MOST_CHARACTERS
    memory: int = 1536 * 2**20
    cpu: int = 120
    wait: float = 90.0

    def for_reader(self) -> str:
        """What the reading process is told, see `sheet_reader/refusing.py`."""
        told = {name: getattr(self, name) for name in _TOLD}
        return json.dumps({**told, "cell": LONGEST_CELL, "head_rows": HEAD_ROWS})


class Book:
    """An open file. kind: xlsx, xls, ods, csv or oneroster. note: encoding and separator of a text, else ""."""

    def __init__(self, lines: Iterator[Any]) -> None:
        told = next(lines)
        self._lines = lines
        self._filled: dict[tuple[int, int], tuple[int, ...]] = {}
        self.kind: str = told["kind"] if told["kind"] in _KINDS else _fail("damaged")
        self.note: str = str(told["note"])
        self.heads: list[SheetHead] = [_head(next(lines)) for _ in range(int(told["sheets"]))]

    def rows(self) -> Iterator[tuple[int, int, tuple[Cell, ...]]]:
        """(sheet, row from 0, cells) of every row that holds anything, sheet after sheet; once. Raises Problem.

        Every cell of a merged range holds the value of its first. Rows may be shorter than the header.
        """
        for batch in self._lines:
            yield from self._batch(batch)

    def _batch(self, batch: Any) -> Iterator[tuple[int, int, tuple[Cell, ...]]]:
        try:
            sheet, numbers, rows = batch["s"], batch["n"], [tuple(row) for row in batch["r"]]
            filled = batch.get("f", {})
            self._filled = {(sheet, numbers[int(at)]): tuple(places) for at, places in filled.items()}
        except (KeyError, TypeError, ValueError, IndexError):
            _fail("damaged")
        return ((sheet, number, cells) for number, cells in zip(numbers, rows, strict=False))

    def filled_in(self, sheet: int, row: int) -> Container[int]:
        """The columns of the row in hand that were filled from a merged cell; of rows long past nothing is kept."""
        return self._filled.get((sheet, row), ())


def path_of(file: IO[bytes]) -> Path:
    """The path of an open file, also of one without a name, of which nothing is left whenever the process is killed."""
    return Path(f"/proc/self/fd/{file.fileno()}")


@contextmanager
def open_book(path: Path, name: str = "", *, limits: Limits | None = None) -> Iterator[Book]:
    """The sheets and rows of a file, judged by its content; its name says nothing and is not used.

    Raises Problem with field "file" on anything that cannot be read, here or while rows are taken: it says what the
    file is or lacks and what to do.
    """
    limits = limits or Limits()
    if path.stat().st_size > limits.bytes:
        raise problem_of("bytes", {"most": limits.bytes})
    process = _started(path, limits)
    try:
        yield _understood(process, path, limits)
    finally:
        _end(process)


def _understood(process: subprocess.Popen[bytes], path: Path, limits: Limits) -> Book:
    lines = _lines(process, path, limits)
    try:
        return Book(lines)
    except (KeyError, TypeError, ValueError, StopIteration):
        _fail("damaged")


def _started(path: Path, limits: Limits, *more: str) -> subprocess.Popen[bytes]:
    with path.open("rb") as file:
        command = [sys.executable, "-I", "-B", str(READER), str(path_of(file)), limits.for_reader(), *more]
        # What it says of a failure may hold cells, so nobody sees it. It needs nothing of this process's environment.
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            pass_fds=(file.fileno(),),
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    if process.stdout is not None:
        process.stdout.close()
    process.wait()


def _lines(process: subprocess.Popen[bytes], path: Path, limits: Limits) -> Iterator[Any]:
    """What the process writes up to its end. Problem where it refuses, dies, is silent, or writes something else."""
    assert process.stdout is not None
    for line in _raw_lines(process.stdout, limits.wait):
        try:
            told = json.loads(line, object_hook=_day)
        except (ValueError, RecursionError):
            break
        if not isinstance(told, dict):
            break
        if "no" in told:
            raise problem_of(str(told["no"]), told["numbers"])
        if "end" in told:
            return
        yield told
    _explain(process, path, limits)


def _raw_lines(out: IO[bytes], wait: float) -> Iterator[bytes]:
    """Whole lines of a pipe. Problem "time" where it is silent for longer than `wait` seconds."""
    pipe = out.fileno()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    pieces: list[bytes] = []
    size = 0
    while True:
        if not poll.poll(wait * 1000):
            _fail("time")
        piece = os.read(pipe, _PIECE)
        if not piece:
            return
        *whole, rest = piece.split(b"\n")
        for line in whole:
            yield b"".join([*pieces, line])
            pieces, size = [], 0
        pieces.append(rest)
        size += len(rest)
        if size > _LONGEST_LINE:
            _fail("memory")


def _explain(process: subprocess.Popen[bytes], path: Path, limits: Limits) -> NoReturn:
    """The process ended without a word: by its limit of time, or of memory; another run looks for the cause of that."""
    if _ending(process) == -signal.SIGXCPU:
        _fail("time")
    again = _started(path, limits, "why")
    try:
        assert again.stdout is not None
        for line in _raw_lines(again.stdout, limits.wait):
            told = json.loads(line)
            raise problem_of(str(told["no"]), told["numbers"])
    except (ValueError, KeyError, TypeError):
        pass
    finally:
        _end(again)
    _fail("memory")


def _ending(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return 0


def _head(told: Any) -> SheetHead:
    return SheetHead(
        index=int(told["index"]),
        name=str(told["name"]),
        top=tuple(tuple(row) for row in told["top"]),
        rows=int(told["rows"]),
        merged=tuple((int(top), int(first), int(bottom), int(last)) for top, first, bottom, last in told["merged"]),
        hidden=bool(told["hidden"]),
    )


def _day(found: dict[str, Any]) -> Any:
    """A day is {"d": "2024-05-16"}."""
    return date.fromisoformat(found["d"]) if len(found) == 1 and "d" in found else found


def _fail(code: str) -> NoReturn:
    raise problem_of(code, {})
