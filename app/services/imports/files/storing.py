"""Uploaded files into GridFS, piece by piece: a file is never whole in the memory of the web."""

from __future__ import annotations

import hashlib
from typing import IO, Any, NamedTuple

from bson import ObjectId

from app.errors import Problem

PIECE = 255 * 1024


class StoredFile(NamedTuple):
    """Key in its bucket, size in bytes, SHA-256 in hexadecimal."""

    key: ObjectId
    size: int
    sha256: str


def store_file(bucket: Any, name: str, stream: IO[bytes], most: int) -> StoredFile:
    """Store a stream of at most `most` bytes. Raises Problem on field file; nothing stays of one that is refused."""
    digest, size = hashlib.sha256(), 0
    with bucket.open_upload_stream(name) as out:
        try:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > most:
                    raise _too_large(most)
                digest.update(piece)
                out.write(piece)
            if not size:
                raise Problem("ไฟล์ว่างเปล่า โปรดเลือกไฟล์ใหม่", "The file is empty. Choose another.", "file")
        except BaseException:
            out.abort()
            raise
    return StoredFile(out._id, size, digest.hexdigest())


def _too_large(most: int) -> Problem:
    limit = most // 1024 // 1024
    return Problem(
        f"ไฟล์ใหญ่เกิน {limit} MB โปรดแบ่งไฟล์ หรือบันทึกเป็น .xlsx หรือ .csv ที่มีเฉพาะรายชื่อ",
        f"The file is larger than {limit} MB. Split it, or save the list alone as .xlsx or .csv.",
        "file",
    )
