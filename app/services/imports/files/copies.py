"""Copies of stored files for the process that reads them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gridfs

from app.errors import Problem
from app.services.imports.files.reading import Book, open_book, path_of
from app.services.imports.uploading import files

Raw = dict[str, Any]


@contextmanager
def opened(run: Raw) -> Iterator[Book]:
    """The file of a raw run, read by the child program. Raises Problem on field file.

    The copy has no name on disk: nothing of it is left, however the process that holds it ends.
    """
    with tempfile.TemporaryFile() as file:
        try:
            files().download_to_stream(run["file"], file)
        except (gridfs.NoFile, KeyError):
            raise Problem(
                "ไฟล์ของการนำเข้านี้ไม่มีแล้ว โปรดส่งไฟล์ใหม่", "The file of this import is gone. Upload it again.", "file"
            ) from None
        file.flush()
        with open_book(path_of(file), run.get("file_name") or "") as book:
            yield book
