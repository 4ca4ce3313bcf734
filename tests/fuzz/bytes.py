"""A fuzzer on bytes: whatever a file holds, opening it gives rows or a Problem, within its limits, and nothing else.

`python -m tests.fuzz.bytes --files 6000 --seed 1` says what came of how many; `--only N` repeats one file, `--keep`
writes it, `--json` is for tests. For speed most files are read by a copy of this process that takes the limits and
runs the reading program's own code; every twentieth by a new interpreter, as in production.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import BinaryIO

from app.errors import Problem
from app.services.imports.files import reading
from app.services.imports.files.sheet_reader import books, oneroster_zip, program, texts, zips
from tests.fuzz.mutations import mutated, seeds

LIMITS = reading.Limits(unpacked=64 * 2**20, memory=768 * 2**20, cpu=10, wait=20)
REAL = 20
"""One of so many files is read by a new interpreter."""
PRELOADED = (books, oneroster_zip, texts, zips)


@dataclass
class Outcome:
    """What came of the files. faults: number of the file and what was wrong; growth of this process in kilobytes."""

    ends: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)
    growth: int = 0


class Copy:
    """A copy of this process that reads one file; looks like a Popen to `reading`."""

    def __init__(self, path: Path, limits: reading.Limits, *more: str) -> None:
        out, into = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(out)
            self._read(path, limits, into, more)
        os.close(into)
        self.stdout: BinaryIO | None = os.fdopen(out, "rb")
        self.returncode: int | None = None

    @staticmethod
    def _read(path: Path, limits: reading.Limits, into: int, more: tuple[str, ...]) -> None:
        status = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            told = program.Limits(**reading.json.loads(limits.for_reader()))
            program.restrict(told)
            with os.fdopen(into, "wb") as stream:
                status = program.tell(path, told, stream, program.diagnose if more else program.read)
        finally:
            os._exit(status)

    def kill(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


@contextmanager
def copies() -> Iterator[None]:
    """Inside, `open_book` reads by a copy of this process."""
    started = reading._started
    reading._started = Copy  # type: ignore[assignment]
    try:
        yield
    finally:
        reading._started = started


def run(files: int, seed: int, only: int | None = None, keep: Path | None = None) -> Outcome:
    """Make and read so many bad files."""
    good, outcome = seeds(), Outcome()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bad"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for number in range(files) if only is None else [only]:
            name, data = mutated(Random(f"{seed}:{number}"), good)
            path.write_bytes(data)
            if keep:
                keep.write_bytes(data)
            _one(outcome, number, name, path)
        outcome.growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return outcome


def misread(folder: Path) -> list[str]:
    """Names of good files that a copy of this process reads otherwise than a new interpreter does."""
    found = []
    for name, data in seeds().items():
        path = folder / name
        path.write_bytes(data)
        with copies():
            end = read(path)
        if end != read(path):
            found.append(name)
    return found


def _one(outcome: Outcome, number: int, name: str, path: Path) -> None:
    begun = time.perf_counter()
    try:
        if number % REAL:
            with copies():
                end = read(path)
        else:
            end = read(path)
        outcome.ends[f"{name}: {end}"] += 1
    except Exception as error:
        outcome.faults.append((number, f"{name}: {type(error).__name__}: {error}"))
    outcome.slowest = max(outcome.slowest, (time.perf_counter() - begun, number))


def read(path: Path) -> str:
    """What came of it: rows, or the beginning of the Problem in English. AssertionError on what is out of bounds."""
    last = (-1, -1)
    try:
        with reading.open_book(path, limits=LIMITS) as book:
            indexes = [head.index for head in book.heads]
            for head in book.heads:
                assert len(head.top) <= min(60, head.rows)
            for sheet, row, cells in book.rows():
                assert (indexes.index(sheet), row) > last
                last = (indexes.index(sheet), row)
                assert row < book.heads[last[0]].rows <= LIMITS.rows
                assert len(cells) <= LIMITS.columns
                assert any(cell is not None for cell in cells)
                assert all(_is_cell(cell) for cell in cells)
    except Problem as problem:
        assert problem.field == "file"
        assert problem.th and problem.en
        return problem.en[:60]
    return "rows"


def _is_cell(cell: object) -> bool:
    if isinstance(cell, str):
        return 0 < len(cell) <= reading.LONGEST_CELL + 1
    return cell is None or isinstance(cell, (bool, int, date)) or (isinstance(cell, float) and cell == cell)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="one line, and what is misread of files put there")
    told = parser.parse_args()
    outcome = run(told.files, told.seed, told.only, told.keep)
    if told.json:
        print(json.dumps({**vars(outcome), "misread": misread(told.json)}))
        return 0
    sums: Counter[str] = Counter()
    for end, times in outcome.ends.items():
        sums[end.partition(": ")[2]] += times
    for end, times in sums.most_common():
        print(f"{times:7} {end}")
    print(f"slowest {outcome.slowest[0]:.1f} s (file {outcome.slowest[1]}), grown by {outcome.growth // 1024} MB")
    for number, fault in outcome.faults:
        print(f"FAULT in file {number}: {fault}")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
