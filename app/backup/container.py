"""The file of a backup: a plain header, then sealed chunks of one zstd stream; nothing of it is ever held whole.

    "LECBACKUP\\n" · length of the header (4 bytes) · header (JSON) · chunks
    a chunk: length (4 bytes) · 1 where it is the last, else 0 · what the sealer made of at most CHUNK bytes
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import struct
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

import zstandard

from app.backup.refusals import damaged, newer_format, not_a_backup
from app.backup.sealing import (
    AES,
    HKDF_NAME,
    PLAIN,
    SCRYPT_NAME,
    CheckedSealer,
    EncryptedSealer,
    Sealer,
    Secret,
    derive,
)  # fmt: skip
from app.errors import Problem

MAGIC = b"LECBACKUP\n"
FORMAT = 1
CHUNK = 1024 * 1024
LONGEST_HEADER = 4096
LEVEL = 3
LARGEST_WINDOW = 2**27
"""Bytes that a compressed stream may ask a reader to keep."""
_FRAME = struct.Struct(">IB")


class ChunkWriter(io.RawIOBase):
    """Cuts what is written into sealed chunks; counts and hashes the bytes of the file."""

    def __init__(self, file: BinaryIO, header: bytes, sealer: Sealer) -> None:
        self._file, self._sealer, self._index = file, sealer, 0
        self._waiting = bytearray()
        self.size, self._sum = 0, hashlib.sha256()
        self._put(MAGIC + struct.pack(">I", len(header)) + header)

    @property
    def sha256(self) -> str:
        """Of the whole file so far, as sha256sum prints it."""
        return self._sum.hexdigest()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._chunk(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def end(self) -> None:
        """Write what waits as the last chunk."""
        self._chunk(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _chunk(self, data: bytes, last: bool) -> None:
        stored = self._sealer.seal(self._index, last, data)
        self._put(_FRAME.pack(len(stored), last) + stored)
        self._index += 1

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._sum.update(data)
        self.size += len(data)


class ChunkReader(io.RawIOBase):
    """The plain bytes of the chunks, each checked before a byte of it is given."""

    def __init__(self, file: BinaryIO, sealer: Sealer) -> None:
        self._file, self._sealer, self._index = file, sealer, 0
        self._ready, self._ended = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            self._ready = self._next()
        given = self._ready[: len(buffer)]
        buffer[: len(given)] = given
        self._ready = self._ready[len(given) :]
        return len(given)

    def _next(self) -> bytes:
        frame = self._file.read(_FRAME.size)
        if len(frame) < _FRAME.size:
            raise _cut()
        length, last = _FRAME.unpack(frame)
        if length > CHUNK + self._sealer.overhead or length < self._sealer.overhead or last > 1:
            raise damaged("ขอบเขตของส่วนไม่ถูกต้อง", "the bounds of a part are wrong")
        stored = self._file.read(length)
        if len(stored) < length:
            raise _cut()
        data = self._sealer.open(self._index, bool(last), stored)
        self._index += 1
        if last:
            self._ended = True
            if self._file.read(1):
                raise damaged("มีข้อมูลต่อท้าย", "something was appended to it")
        return data


@dataclass(frozen=True)
class Opened:
    """A file opened for reading: its plain stream, and whether it is encrypted."""

    stream: BinaryIO
    encrypted: bool


def begin(file: BinaryIO, secret: Secret | None) -> tuple[ChunkWriter, Any]:
    """Write the header; gives the chunk writer and the compressor that feeds it."""
    header: dict[str, Any] = {"format": FORMAT, "file": secrets.token_hex(16), "cipher": PLAIN, "compression": "zstd"}
    key = b""
    if secret is not None:
        salt = secrets.token_bytes(32)
        key, check = derive(secret, salt)
        header |= {"cipher": AES, "kdf": secret.kdf, "salt": salt.hex(), "key_check": check}
    text = json.dumps(header, sort_keys=True).encode()
    sealer: Sealer = EncryptedSealer(text, key) if secret is not None else CheckedSealer(text)
    chunks = ChunkWriter(file, text, sealer)
    return chunks, zstandard.ZstdCompressor(level=LEVEL).stream_writer(cast(IO[bytes], chunks), closefd=False)


def open_for_reading(file: BinaryIO, secret: Secret | None) -> Opened:
    """The plain stream of a backup. Raises Problem where the file is no backup, newer, or the key does not fit.

    With a key, a file without encryption is refused: whoever may write into the folder could have made it.
    """
    header, text = _header(file)
    encrypted = header["cipher"] == AES
    if secret is not None and not encrypted:
        raise _open_to_all()
    sealer: Sealer = EncryptedSealer(text, _key(header, secret)) if encrypted else CheckedSealer(text)
    plain = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW).stream_reader(
        cast(IO[bytes], ChunkReader(file, sealer)), read_size=CHUNK, read_across_frames=False
    )
    return Opened(plain, encrypted)


def _header(file: BinaryIO) -> tuple[dict[str, Any], bytes]:
    start = file.read(len(MAGIC) + 4)
    if not start.startswith(MAGIC) or len(start) < len(MAGIC) + 4:
        raise not_a_backup()
    length = int.from_bytes(start[len(MAGIC) :], "big")
    text = file.read(min(length, LONGEST_HEADER))
    try:
        header = json.loads(text)
        known = length <= LONGEST_HEADER and len(text) == length and isinstance(header["format"], int)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise damaged("ส่วนหัวอ่านไม่ได้", "its header cannot be read")
    if header["format"] > FORMAT:
        raise newer_format()
    if header.get("cipher") not in (PLAIN, AES) or header.get("compression") != "zstd":
        raise damaged("ส่วนหัวอ่านไม่ได้", "its header cannot be read")
    return header, text


def _key(header: dict[str, Any], secret: Secret | None) -> bytes:
    if secret is None:
        raise Problem(
            "ไฟล์สำรองนี้เข้ารหัสไว้: กำหนด LEC_BACKUP_KEY หรือใช้ --key-file",
            "This backup is encrypted: set LEC_BACKUP_KEY or give --key-file.",
        )
    try:
        salt = bytes.fromhex(header["salt"])
    except (KeyError, TypeError, ValueError):
        raise damaged("ส่วนหัวอ่านไม่ได้", "its header cannot be read") from None
    if header.get("kdf") not in (HKDF_NAME, SCRYPT_NAME):
        raise damaged("ส่วนหัวอ่านไม่ได้", "its header cannot be read")
    key, check = derive(secret, salt)
    if header["kdf"] != secret.kdf or check != header.get("key_check"):
        raise Problem(
            "กุญแจไม่ตรงกับไฟล์สำรองนี้: ใช้กุญแจที่ใช้ตอนสำรองข้อมูล",
            "The key does not fit this backup: use the one it was made with.",
        )
    return key


def _open_to_all() -> Problem:
    return Problem(
        "มีกุญแจ แต่ไฟล์สำรองนี้ไม่ได้เข้ารหัส จึงอาจถูกสับเปลี่ยน: ถ้าแน่ใจว่าเป็นไฟล์ของท่าน ให้เพิ่ม --unencrypted",
        "There is a key, but this backup is not encrypted, so anybody may have put it there: if you are sure "
        "that it is yours, add --unencrypted.",
    )


def _cut() -> Problem:
    return damaged("ไฟล์ขาดตอนท้าย", "its end is missing")
