"""Copies of stored files on disk, for the process that reads them; those that a killed worker left are removed."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gridfs

from app.errors import Problem
from app.services.imports.files.reading import Book, open_book
from app.services.imports.uploading import files

Raw = dict[str, Any]

PREFIX = "lec-import-"
NAME = "file"
FRESH = 600.0
"""Seconds in which a folder without a locked file may still be one that somebody is making."""


@contextmanager
def opened(run: Raw) -> Iterator[Book]:
    """The file of a raw run, read by the child program. Raises Problem on field file.

    The copy is locked as long as it is read: the lock ends with the process that holds it, however that ends.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder) / NAME
        with path.open("wb") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            try:
                files().download_to_stream(run["file"], out)
            except (gridfs.NoFile, KeyError):
                raise _gone() from None
            out.flush()
            with open_book(path, run.get("file_name") or "") as book:
                yield book


def remove_left() -> int:
    """Remove the copies that nobody reads any more, for they hold people's data; returns how many."""
    folders = Path(tempfile.gettempdir()).glob(f"{PREFIX}*")
    return sum(_remove_if_left(folder) for folder in folders if folder.is_dir() and not folder.is_symlink())


def _remove_if_left(folder: Path) -> bool:
    try:
        if time.time() - folder.stat().st_mtime < FRESH or _is_read(folder / NAME):
            return False
        shutil.rmtree(folder)
    except OSError:
        return False  # of another user, or gone meanwhile
    return True


def _is_read(path: Path) -> bool:
    """Whether somebody holds the lock of a copy."""
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as copy:
        try:
            fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _gone() -> Problem:
    return Problem("ไฟล์ของการนำเข้านี้ไม่มีแล้ว โปรดส่งไฟล์ใหม่", "The file of this import is gone. Upload it again.", "file")
