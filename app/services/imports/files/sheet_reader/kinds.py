"""What a file is, judged by its content; its name says nothing."""

from __future__ import annotations

import re
from pathlib import Path

from app.services.imports.files.sheet_reader.refusing import Refusal

_BEGINNINGS = (
    (b"%PDF", "pdf"), (b"\x89PNG", "image"), (b"\xff\xd8\xff", "image"), (b"GIF8", "image"), (b"II*\0", "image"),
    (b"MM\0*", "image"), (b"BM", "bitmap"), (b"RIFF", "image"), (b"{\\rtf", "word"), (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"), (b"\x1f\x8b", "archive"), (b"BZh", "archive"), (b"\xfd7zXZ", "archive"),
    (b"MZ", "program"), (b"\x7fELF", "program"), (b"SQLite format", "database"), (b"\0\1\0\0Stan", "database"),
    (b"\x09\x00\x04\x00", "old"), (b"\x09\x02\x06\x00", "old"), (b"\x09\x04\x06\x00", "old"),
    (b"\x09\x08\x08\x00", "old"),
)  # fmt: skip
"""Beginning -> what it looks like. Bare BIFF streams are Excel 2 to 4."""
_PAGE = re.compile(rb"<(!doctype\s+html|html|table|head|body|meta|style|div)\b", re.IGNORECASE)
_HEAD = 64 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FILEPASS = re.compile(rb"\x09\x08(?:\x10\0\0\x06\x05\0.{12}|\x08\0\0\x05\x05\0.{4})(?:\x86\0\0\0)?\x2f\0", re.DOTALL)
"""An old workbook's first records where it is encrypted: its beginning, perhaps "write protected", then FILEPASS."""
_CONTROLS = bytes(code for code in range(1, 32) if code not in (9, 10, 11, 12, 13, 26))


def kind_of(path: Path) -> str:
    """xlsx, xlsb, xls, ods, oneroster or csv. Raises Refusal "empty", "looks-…", "password" or "damaged"."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\0 \t\r\n\x0b\x0c\xef\xbb\xbf\xff\xfe"):
        raise Refusal("empty")
    if head.startswith(b"PK"):
        from app.services.imports.files.sheet_reader.zips import kind_of_zip

        return kind_of_zip(path)
    if head.startswith(_OLE[:4]):
        return _ole(path)
    for beginning, looks in _BEGINNINGS:
        if head.startswith(beginning) and (looks != "bitmap" or b"\0" in head[:32]):
            raise Refusal(f"looks-{'image' if looks == 'bitmap' else looks}")
    return _text(head)


def _ole(path: Path) -> str:
    data = path.read_bytes()
    if not data.startswith(_OLE):
        raise Refusal("damaged")
    for name, code in (("EncryptedPackage", "password"), ("WordDocument", "looks-word")):
        if _named(data, name):
            raise Refusal(code)
    if _named(data, "Workbook") or _named(data, "Book"):
        if _FILEPASS.search(data):
            raise Refusal("password")
        return "xls"
    if _named(data, "PowerPoint Document"):
        raise Refusal("looks-slides")
    raise Refusal("damaged")


def _named(data: bytes, name: str) -> bool:
    """Whether a stream of an OLE2 file has this name: entries of its directory lie on multiples of 128."""
    wanted = name.encode("utf-16-le") + b"\0\0"
    at = data.find(wanted)
    while at >= 0:
        if at % 128 == 0:
            return True
        at = data.find(wanted, at + 1)
    return False


def _text(head: bytes) -> str:
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff") or _every_second(head)
    plain = head.replace(b"\0", b"") if wide else head
    start = plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith(b"<") or start[:13].lower() == b"mime-version:":
        if _PAGE.search(plain) or start[:1] != b"<":
            raise Refusal("looks-page")
        if start.startswith(b"<?xml"):
            raise Refusal("looks-xml")
    if not wide and len(plain.translate(None, _CONTROLS + b"\0")) < len(plain) * 0.95:
        raise Refusal("looks-binary")
    return "csv"


def _every_second(head: bytes) -> bool:
    """Whether these bytes look like UTF-16 without a mark: in a table every separator has a zero byte beside it."""
    zeros = [head[start::2].count(0) for start in (0, 1)]
    return len(head) >= 4 and max(zeros) > len(head) * 0.1 and min(zeros) < max(zeros) * 0.05
