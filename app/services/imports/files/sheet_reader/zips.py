"""Zipped files: what is in them, whether they say the truth about their sizes, and where their far-away cells are."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.services.imports.files.sheet_reader.refusing import MOST_ENTRIES, MOST_SHEETS, Limits, Refusal

_CHUNK = 256 * 1024
_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ROSTER = ("users.csv", "manifest.csv")
_PLACE = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_FIRST_ROWS_TAG = b"<row"


def kind_of_zip(path: Path) -> str:
    """xlsx, xlsb, ods or oneroster."""
    with _opened(path) as archive:
        names = {name.replace("\\", "/").lstrip("/").lower() for name in archive.namelist()}
        if "mimetype" in names:
            return _open_document(archive)
    if any(name.rpartition("/")[2] in _ROSTER for name in names):
        return "oneroster"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    for folder, looks in (("word/", "word"), ("ppt/", "slides"), ("index/", "numbers")):
        if any(name.startswith(folder) for name in names):
            raise Refusal(f"looks-{looks}")
    raise Refusal("looks-archive")


def _open_document(archive: zipfile.ZipFile) -> str:
    kind = _small(archive, "mimetype")
    if b"opendocument.spreadsheet" not in kind:
        raise Refusal("looks-word" if b"opendocument" in kind else "looks-archive")
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in _small(archive, "META-INF/manifest.xml"):
        raise Refusal("password")
    return "ods"


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as part:
            return part.read(_CHUNK)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError, KeyError) as error:
        raise Refusal("damaged") from error


def check(path: Path, limits: Limits) -> None:
    """Refuse a zipped file that unpacks to more than the limits, or whose parts are not what it says of them.

    Every part is unpacked once, piece by piece, because what a header says of a size binds nobody. The rows of sheets
    are counted on the way, so a workbook of a million rows is refused before it is parsed.
    """
    with _opened(path) as archive, path.open("rb") as file:
        entries = archive.infolist()
        if sum(_is_sheet(entry) for entry in entries) > MOST_SHEETS:
            raise Refusal("sheets", most=MOST_SHEETS)
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > limits.unpacked:
            raise Refusal("unpacked", most=limits.unpacked)
        if len({entry.filename.lower() for entry in entries}) < len(entries):
            raise Refusal("damaged")
        rows = 0
        for entry in entries:
            counted = _is_sheet(entry)
            size = checksum = 0
            for chunk in _unpacked(file, entry):
                size += len(chunk)
                checksum = zlib.crc32(chunk, checksum)
                if size > entry.file_size:
                    raise Refusal("damaged")
                if counted:
                    rows += chunk.count(_FIRST_ROWS_TAG)
                    if rows > limits.rows * 2:
                        raise Refusal("rows", most=limits.rows)
            if (size, checksum) != (entry.file_size, entry.CRC):
                raise Refusal("damaged")


def look_far(path: Path, limits: Limits) -> None:
    """Refuse a workbook some cell of which lies beyond the rows or columns that are read."""
    with _opened(path) as archive, path.open("rb") as file:
        for entry in archive.infolist():
            if not _is_sheet(entry):
                continue
            rest = b""
            for chunk in _unpacked(file, entry):
                for letters, digits in _PLACE.findall(rest + chunk):
                    if _column(letters) > limits.columns:
                        raise Refusal("columns", most=limits.columns)
                    if int(digits) > limits.rows:
                        raise Refusal("rows", most=limits.rows)
                rest = chunk[-200:]


def _is_sheet(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().rpartition("/")[0] == "xl/worksheets"


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refusal("damaged") from error
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        archive.close()
        raise Refusal("password")
    return archive


def _unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part as they are stored, whatever its header says of their number."""
    file.seek(entry.header_offset)
    head = file.read(30)
    if entry.compress_type not in _WAYS or len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise Refusal("damaged")
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    left = entry.compress_size
    stream = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            raise Refusal("damaged")
        left -= len(chunk)
        yield from _inflated(stream, chunk) if stream else (chunk,)
    if stream is not None and not stream.eof:
        raise Refusal("damaged")


def _inflated(stream: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    try:
        while chunk and not stream.eof:
            yield stream.decompress(chunk, _CHUNK * 4)
            chunk = stream.unconsumed_tail
    except zlib.error as error:
        raise Refusal("damaged") from error
