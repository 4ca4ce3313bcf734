"""Copies of stored files for the process that reads them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gridfs
from gridfs.errors import CorruptGridFile

from app.errors import Problem
from app.services.imports.files.reading import Book, Limits, open_book, path_of
from app.services.imports.uploading import files

Raw = dict[str, Any]


@contextmanager
def opened(run: Raw) -> Iterator[Book]:
    """The file of a raw run, read by the child program. Raises Problem on field file. For workers alone."""
    with opened_file(files(), run.get("file")) as book:
        yield book


@contextmanager
def opened_file(bucket: Any, key: Any, limits: Limits | None = None) -> Iterator[Book]:
    """A file of a GridFS bucket, read by the child program. Raises Problem on field file. For workers alone.

    The copy has no name on disk: nothing of it is left, however the process that holds it ends.
    """
    with tempfile.TemporaryFile() as file:
        try:
            bucket.download_to_stream(key, file)
        except (gridfs.NoFile, CorruptGridFile):
            raise Problem("ไฟล์ที่ส่งไม่มีแล้ว โปรดส่งไฟล์ใหม่", "The file is gone. Upload it again.", "file") from None
        file.flush()
        with open_book(path_of(file), limits=limits) as book:
            yield book
