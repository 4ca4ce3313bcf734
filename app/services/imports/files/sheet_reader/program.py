"""The way of one reading: limits, kind of file, its sheets, their cells; or the reason why not."""

from __future__ import annotations

import csv
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from app.services.imports.files.sheet_reader.refusing import MOST_SHEETS, Limits, Refusal
from app.services.imports.files.sheet_reader.sheets import Sheet
from app.services.imports.files.sheet_reader.writing import Writer


def main() -> None:
    """Arguments: the file, the limits as JSON, and "why" where a reading ended without a word: the reason is asked."""
    limits = Limits(**json.loads(sys.argv[2]))
    restrict(limits)
    why = sys.argv[3:] == ["why"]
    sys.exit(tell(Path(sys.argv[1]), limits, sys.stdout.buffer, diagnose if why else read))


def restrict(limits: Limits) -> None:
    """This process gets no more than the limits from now on, and can write no file."""
    wanted = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_FSIZE: (0, 0),
        # At the first a signal that tells the parent why, some seconds later one that nothing survives.
        resource.RLIMIT_CPU: (limits.cpu, limits.cpu + 5),
        resource.RLIMIT_AS: (limits.memory, limits.memory),
    }
    for what, most in wanted.items():
        hard = resource.getrlimit(what)[1]
        soft, least = (one if hard == resource.RLIM_INFINITY else min(one, hard) for one in most)
        resource.setrlimit(what, (soft, least))
    csv.field_size_limit(1024**2)


def tell(path: Path, limits: Limits, out: BinaryIO, work: Callable[[Path, Limits, Writer], None]) -> int:
    """Do `work` and write its lines, the last of which is the end or a refusal."""
    writer = Writer(out, limits)
    try:
        work(path, limits, writer)
        writer.end()
    except BrokenPipeError:
        return 1
    except Refusal as refusal:
        writer.refuse(refusal)
    except MemoryError:
        writer.refuse(Refusal("memory"))
    except BaseException:
        # Calamine's panics are no Exception; and what any parser says may hold cells, so it goes nowhere.
        writer.refuse(Refusal("damaged"))
    return 0


def read(path: Path, limits: Limits, writer: Writer) -> None:
    """Write the heads of all sheets, then their rows."""
    from app.services.imports.files.sheet_reader.kinds import kind_of

    kind = kind_of(path)
    found = _sheets(path, kind, limits)
    if len(found) > MOST_SHEETS:
        raise Refusal("sheets", most=MOST_SHEETS)
    if not any(sheet.rows for sheet in found):
        raise Refusal("nothing")
    if sum(sheet.rows for sheet in found) > limits.rows:
        raise Refusal("rows", most=limits.rows)
    writer.heads("xlsx" if kind == "xlsb" else kind, found[0].note, found)
    for sheet in found:
        writer.rows(sheet)


def diagnose(path: Path, limits: Limits, writer: Writer) -> None:
    """Tell why a reading of this file may have run out of memory or time; "memory" where nothing stands out."""
    from app.services.imports.files.sheet_reader.kinds import kind_of
    from app.services.imports.files.sheet_reader.zips import check, look_far

    kind = kind_of(path)
    if kind in ("xlsx", "xlsb", "ods"):
        check(path, limits)
    if kind == "xlsx":
        look_far(path, limits)
    raise Refusal("memory")


def _sheets(path: Path, kind: str, limits: Limits) -> list[Sheet]:
    # Imported when needed: each way costs its own modules only.
    if kind == "csv":
        from app.services.imports.files.sheet_reader.texts import read_text

        return [read_text(path, limits)]
    if kind == "oneroster":
        from app.services.imports.files.sheet_reader.oneroster_zip import read_oneroster

        return [read_oneroster(path, limits)]
    from app.services.imports.files.sheet_reader.books import read_book

    return read_book(path, kind, limits)
