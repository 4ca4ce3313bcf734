"""Copies of files on disk: held while they are read, and gone once the worker that held them is, however it ended."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from app.documents.imports import ImportRun
from app.fabmongo.security.models import User
from app.services import imports
from app.services.imports.files.copies import FRESH, opened
from tests.factories.places import Places
from tests.services.imports.planned import roster, table, uploaded

Raw = dict[str, Any]

HOLDER = """
import fcntl, sys, time
with open(sys.argv[1], "wb") as copy:
    fcntl.flock(copy, fcntl.LOCK_EX)
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where copies are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def dead(folder: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """The folder of a copy that another process holds, and that process."""
    mine = folder / "lec-import-1"
    mine.mkdir()
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(mine / "file")], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        age(mine)
        yield mine, holder
        holder.kill()


def age(folder: Path) -> None:
    """Let a folder be older than one that is just being made."""
    then = folder.stat().st_mtime - FRESH - 1
    os.utime(folder, (then, then))


def test_the_copy_of_a_killed_worker_goes_with_the_next_sweep(
    db: Database[Raw], dead: tuple[Path, subprocess.Popen[bytes]]
) -> None:
    mine, holder = dead
    imports.sweep()
    assert mine.exists()
    holder.kill()
    holder.wait()
    imports.sweep()
    assert not mine.exists()


def test_what_is_young_or_no_copy_stays(db: Database[Raw], folder: Path) -> None:
    young, other, link = folder / "lec-import-2", folder / "other", folder / "lec-import-3"
    young.mkdir()
    other.mkdir()
    age(other)
    link.symlink_to(other)
    imports.sweep()
    assert young.exists() and other.exists() and link.is_symlink()


def test_a_long_reading_keeps_its_copy_and_leaves_none(
    db: Database[Raw], clerk: User, own: str, places: Places, folder: Path
) -> None:
    run = uploaded(clerk, table(roster(places.takhop_tambon, own, 3)), school=own)
    raw = ImportRun._get_collection().find_one({"_id": run.pk})
    assert raw is not None
    with opened(raw) as book:
        (copy,) = folder.glob("lec-import-*")
        age(copy)
        imports.sweep()
        assert copy.exists()
        assert len(list(book.rows())) == 4
    assert not list(folder.glob("lec-import-*"))
