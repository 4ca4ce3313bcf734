"""What the stream of a backup holds: a manifest, the documents of each collection as raw BSON, and a summary.

    a record: kind (1 byte) · length (4 bytes) · body
    M manifest (BSON) · for each collection: C its name, D documents (BSON after BSON), E count and SHA-256 · Z summary
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import bson
import zstandard
from bson.errors import BSONError

from app.backup.refusals import damaged

Raw = dict[str, Any]
_FRAME = struct.Struct(">cI")
_LENGTH = struct.Struct("<i")
LARGEST_RECORD = 64 * 1024 * 1024
"""MongoDB gives batches of 16 MB, and one document more may pass that."""
MANIFEST, COLLECTION, DOCUMENTS, END, SUMMARY = b"M", b"C", b"D", b"E", b"Z"


@dataclass(frozen=True)
class Section:
    """What was written of one collection; sha256 is over its documents in their order."""

    name: str
    documents: int
    bytes: int
    sha256: str

    def as_row(self) -> Raw:
        return {"name": self.name, "documents": self.documents, "bytes": self.bytes, "sha256": self.sha256}


class SectionSum:
    """Counts and hashes the documents of one collection as they pass."""

    def __init__(self, name: str) -> None:
        self.name, self.documents, self.bytes = name, 0, 0
        self._sum = hashlib.sha256()

    def add(self, batch: bytes) -> None:
        """Raises Problem where the batch is not whole documents."""
        self.documents += count_documents(batch)
        self.bytes += len(batch)
        self._sum.update(batch)

    def section(self) -> Section:
        return Section(self.name, self.documents, self.bytes, self._sum.hexdigest())


class RecordWriter:
    """Writes records in their order to a stream."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.sections: list[Section] = []

    def manifest(self, manifest: Raw) -> None:
        self._record(MANIFEST, bson.encode(manifest))

    def collection(self, name: str, batches: Iterator[bytes]) -> Section:
        """Write a collection's documents, batch by batch."""
        self._record(COLLECTION, name.encode())
        passing = SectionSum(name)
        for batch in batches:
            passing.add(batch)
            self._record(DOCUMENTS, batch)
        section = passing.section()
        self._record(END, bson.encode(section.as_row()))
        self.sections.append(section)
        return section

    def summary(self, more: Raw) -> None:
        self._record(SUMMARY, bson.encode({"sections": [one.as_row() for one in self.sections], **more}))

    def _record(self, kind: bytes, body: bytes) -> None:
        self._stream.write(_FRAME.pack(kind, len(body)))
        self._stream.write(body)


class RecordReader:
    """Reads a backup's stream once, from the manifest to the summary; raises Problem on any other order or content."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.sections: list[Section] = []
        self.manifest: Raw = _decode(self._expect(MANIFEST))
        self.summary: Raw = {}

    def collections(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """(name, batches of documents) of each collection; the batches must be used up before the next one."""
        while True:
            kind, body = self._record()
            if kind == SUMMARY:
                self._end(body)
                return
            if kind != COLLECTION:
                raise _disorder()
            yield body.decode(errors="replace"), self._documents(body.decode(errors="replace"))

    def _documents(self, name: str) -> Iterator[bytes]:
        passing = SectionSum(name)
        while True:
            kind, body = self._record()
            if kind == END:
                break
            if kind != DOCUMENTS:
                raise _disorder()
            passing.add(body)
            yield body
        section = passing.section()
        if _decode(body) != section.as_row():
            raise damaged(f"{name} ไม่ตรงกับผลรวมตรวจสอบ", f"{name} does not agree with its checksum")
        self.sections.append(section)

    def _end(self, body: bytes) -> None:
        self.summary = _decode(body)
        if self.summary.get("sections") != [one.as_row() for one in self.sections]:
            raise damaged("รายการท้ายไฟล์ไม่ตรง", "its summary does not agree")
        if self._read(1):
            raise damaged("มีข้อมูลต่อท้าย", "something follows its summary")

    def _expect(self, wanted: bytes) -> bytes:
        kind, body = self._record()
        if kind != wanted:
            raise _disorder()
        return body

    def _record(self) -> tuple[bytes, bytes]:
        frame = self._read(_FRAME.size)
        if len(frame) < _FRAME.size:
            raise damaged("ไฟล์ขาดตอนท้าย", "its end is missing")
        kind, length = _FRAME.unpack(frame)
        if length > LARGEST_RECORD:
            raise _disorder()
        body = self._read(length)
        if len(body) < length:
            raise damaged("ไฟล์ขาดตอนท้าย", "its end is missing")
        return kind, body

    def _read(self, size: int) -> bytes:
        parts = []
        try:
            while size:
                part = self._stream.read(size)
                if not part:
                    break
                parts.append(part)
                size -= len(part)
        except zstandard.ZstdError:
            raise damaged("คลายข้อมูลไม่ได้", "it cannot be decompressed") from None
        return b"".join(parts)


def documents_of(batch: bytes) -> Iterator[bytes]:
    """The documents of a batch, none of them decoded. Raises Problem where the lengths do not add up."""
    at, end = 0, len(batch)
    while at < end:
        length = _LENGTH.unpack_from(batch, at)[0] if end - at >= 5 else 0
        if length < 5 or at + length > end:
            raise damaged("ขอบเขตของเอกสารไม่ถูกต้อง", "the bounds of a document are wrong")
        yield batch[at : at + length]
        at += length


def count_documents(batch: bytes) -> int:
    """How many documents a batch holds. Raises Problem as `documents_of`."""
    at, end, count = 0, len(batch), 0
    while at < end:
        length = _LENGTH.unpack_from(batch, at)[0] if end - at >= 5 else 0
        if length < 5 or at + length > end:
            raise damaged("ขอบเขตของเอกสารไม่ถูกต้อง", "the bounds of a document are wrong")
        at, count = at + length, count + 1
    return count


def _decode(body: bytes) -> Raw:
    try:
        return bson.decode(body)
    except BSONError:
        raise damaged("อ่านรายการไม่ได้", "a record cannot be read") from None


def _disorder() -> Any:
    return damaged("ลำดับของรายการไม่ถูกต้อง", "its records are out of order")
