"""`python -m benchmarks.imports [--out FILE]`: an xlsx of 100,000 students into rosters, beside a raw bulk upsert."""

from __future__ import annotations

import argparse
import gc
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mongoengine.connection import get_db
from pymongo import UpdateOne
from python_calamine import CalamineWorkbook

import config
from app import create_app, db
from app.devservers.mongo import EmbeddedMongo
from app.devservers.valkey import EmbeddedValkey
from app.services import imports
from app.services.accounts import SYSTEM
from app.services.imports.uploading import start
from app.services.submissions import open_round
from benchmarks import roster_file
from benchmarks.report import machine
from benchmarks.run import bench_folder
from benchmarks.systems import environment

Raw = dict[str, Any]
SCHOOLS, EACH = 200, 500
ROUND = "2567-1"
PREVIEWS = 5
BATCH = 1000
RATIO, MEGABYTES, SECONDS = 2.5, 200.0, 1.0
"""The bars: times of the floor, memory beyond the floor's, and the preview of one school."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.imports", description=__doc__)
    parser.add_argument("--out", type=Path, help="file for the Markdown, besides the terminal")
    parser.add_argument("--part", choices=PARTS, help="measure one part in this process; the others are set up")
    given = parser.parse_args()
    if given.part:
        print(json.dumps(PARTS[given.part](Path(os.environ["LEC_BENCH_FILES"]))))
        return
    text = run(bench_folder() / "imports", lambda line: print(line, file=sys.stderr, flush=True))
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


def run(folder: Path, say: Callable[[str], None]) -> str:
    """Write the files, measure each part in a process of its own, and give the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        files = Path(place)
        say("writing the files")
        _write_files(files)
        mongo, valkey = EmbeddedMongo(files / "mongo", database="lec_bench"), EmbeddedValkey(files / "valkey")
        with mongo, valkey:
            env = environment(mongo.uri, valkey.url, files, secrets.token_hex(32)) | {"LEC_BENCH_FILES": place}
            say("seeding")
            _part("seed", env)
            found = {}
            for part in ("floor", "own", "preview"):
                say(part)
                found[part] = _part(part, env)
    return _markdown(found)


def _part(name: str, env: Raw) -> Raw:
    command = [sys.executable, "-m", "benchmarks.imports", "--part", name]
    ended = subprocess.run(command, cwd=config.ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE, check=True)
    found: Raw = json.loads(ended.stdout.splitlines()[-1])
    return found


def _sizes() -> dict[str, int]:
    return {f"90{number:06}": EACH for number in range(SCHOOLS)}


def _write_files(files: Path) -> None:
    roster_file.write_workbook(files / "large.xlsx", roster_file.rosters(_sizes()))
    for number in range(PREVIEWS):
        one = {_school(number): EACH}
        roster_file.write_workbook(files / f"small{number}.xlsx", roster_file.rosters(one, seed=number))


def _school(number: int) -> str:
    """A school of a preview."""
    return f"91{number:06}"


@contextmanager
def _application() -> Iterator[None]:
    app = create_app(config.load())
    gc.freeze()  # as the worker does, see tasks/worker.py
    with app.app_context():
        yield


def seed(files: Path) -> Raw:
    """Schools without students, a round that takes entries, and the floor's collection with the same indexes."""
    with _application():
        db.ensure_indexes()
        database, day = get_db(), datetime(2024, 6, 10)
        sizes = _sizes() | {_school(number): EACH for number in range(PREVIEWS)}
        database.laos.insert_one({"_id": roster_file.LAO["lao_code"], "name_th": "ทดสอบ", "type": "tambon"})
        database.schools.insert_many(roster_file.schools(sizes))
        database.rounds.insert_one(
            {"_id": ROUND, "academic_year": 2567, "number": 1, "kind": "census", "opens_on": day, "census_date": day}
        )
        open_round(SYSTEM, ROUND)
        for index in database.students.list_indexes():
            if index["name"] != "_id_":
                database.floor.create_index(list(index["key"].items()), unique=index.get("unique", False))
    return {}


def floor(files: Path) -> Raw:
    """Parse the file with the same reader, in this process, and upsert a raw dictionary for each row."""
    with _application(), Memory() as memory:
        collection, began = get_db().floor, time.perf_counter()
        rows = CalamineWorkbook.from_path(files / "large.xlsx").get_sheet_by_index(0).iter_rows()
        next(rows)
        parsed = [dict(zip(roster_file.FIELDS, row, strict=True)) for row in rows]
        read = time.perf_counter() - began
        for at in range(0, len(parsed), BATCH):
            collection.bulk_write([_upsert(row) for row in parsed[at : at + BATCH]], ordered=False)
        seconds = time.perf_counter() - began
        stored = collection.count_documents({})
    return {"read": read, "seconds": seconds, "memory": memory.growth, "stored": stored}


def _upsert(row: Raw) -> UpdateOne:
    key = {"school_code": row["school_code"], "national_id": row["national_id"]}
    return UpdateOne(key, {"$set": row}, upsert=True)


def own(files: Path) -> Raw:
    """Preview and apply the file as the worker does, in this process."""
    with _application(), Memory() as memory:
        began = time.perf_counter()
        run = _preview(files / "large.xlsx")
        read = time.perf_counter() - began
        imports.apply(SYSTEM, run)
        _worked(run, "applied")
        seconds = time.perf_counter() - began
        stored = get_db().students.count_documents({})
    return {"read": read, "seconds": seconds, "memory": memory.growth, "stored": stored}


def preview(files: Path) -> Raw:
    """Seconds from the upload of one school's file to its preview, the median, beside 100,000 stored students."""
    seconds = []
    with _application():
        for number in range(PREVIEWS):
            began = time.perf_counter()
            _preview(files / f"small{number}.xlsx", _school(number))
            seconds.append(time.perf_counter() - began)
    return {"seconds": statistics.median(seconds)}


def _preview(file: Path, school: str | None = None) -> Any:
    lao = None if school else roster_file.LAO["lao_code"]
    run = start(SYSTEM, file.name, file.read_bytes(), school=school, lao=lao)
    _worked(run, "preview")
    return run


def _worked(run: Any, state: str) -> None:
    if (found := imports.work(str(run.pk))) != state:
        raise RuntimeError(f"the import is {found}, not {state}")


PARTS: dict[str, Callable[[Path], Raw]] = {"seed": seed, "floor": floor, "own": own, "preview": preview}


class Memory:
    """The most memory that this process and its children have beyond what they had at first, in MB."""

    def __enter__(self) -> Memory:
        self._first = self._most = _resident()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._over.set()
        self._thread.join()

    @property
    def growth(self) -> float:
        return (self._most - self._first) / 1e6

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self._most = max(self._most, _resident())


def _resident() -> int:
    """Bytes of this process and of its children that are in memory."""
    mine = os.getpid()
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            if int(entry.name) == mine or int(stat[1]) == mine:
                total += int(stat[21]) * os.sysconf("SC_PAGE_SIZE")
    return total


def _row(what: str, value: str, bar: str, met: bool) -> str:
    return f"| {what} | {value} | {bar} | {'met' if met else 'missed'} |"


def _markdown(found: dict[str, Raw]) -> str:
    floor, own, small = found["floor"], found["own"], found["preview"]["seconds"]
    ratio, more = own["seconds"] / floor["seconds"], own["memory"] - floor["memory"]
    rows = "\n".join([
        _row("time of preview and apply ÷ floor", f"{ratio:.2f} ×", f"{RATIO} ×", ratio <= RATIO),
        _row("memory beyond the floor's", f"{more:.0f} MB", f"{MEGABYTES:.0f} MB", more <= MEGABYTES),
        _row(f"preview of one school's {EACH} rows", f"{small:.2f} s", f"{SECONDS:.0f} s", small <= SECONDS),
    ])  # fmt: skip
    return f"""# Benchmarks of roster imports

`make bench-imports` wrote this on {datetime.now(UTC):%Y-%m-%d} on {machine()}.

An xlsx file of {own["stored"]:,} students of {SCHOOLS} schools, {len(roster_file.FIELDS)} columns, into empty rosters
while a round takes entries. The floor parses the same file with the same reader in its own process and bulk-upserts raw
dictionaries into a collection with the same indexes: no checks, no history, no counts, no preview. Memory is the most
that the process and its children take beyond what they had at first.

| | reading | all of it | memory |
|---|--:|--:|--:|
| LEC: preview, then apply | {own["read"]:.1f} s | {own["seconds"]:.1f} s | {own["memory"]:.0f} MB |
| floor: parse, then upsert | {floor["read"]:.1f} s | {floor["seconds"]:.1f} s | {floor["memory"]:.0f} MB |

| what | LEC | bar | |
|---|--:|--:|---|
{rows}
"""


if __name__ == "__main__":
    main()
