"""Keys of backups, and chunks that betray any change of their content, their order or the end of the file."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.backup.refusals import damaged
from app.errors import Problem

KEY_BYTES = 32
SHORTEST_PASSPHRASE = 16
SCRYPT = {"n": 2**16, "r": 8, "p": 1}
"""64 MB and about 0.2 s a try; fixed here, so that a file cannot ask for more."""
PLAIN, AES = "none", "aes-256-gcm"
HKDF_NAME, SCRYPT_NAME = "hkdf-sha256", "scrypt"


@dataclass(frozen=True)
class Secret:
    """What the owner of a backup keeps: 32 random bytes, or a passphrase, which needs a slow derivation."""

    material: bytes = field(repr=False)
    random: bool

    @property
    def kdf(self) -> str:
        return HKDF_NAME if self.random else SCRYPT_NAME


def read_secret(text: bytes) -> Secret:
    """The secret in LEC_BACKUP_KEY or a key file: 32 bytes, raw, in hexadecimal or in base64; else a passphrase.

    Raises Problem on a passphrase of fewer than 16 characters.
    """
    if len(text) == KEY_BYTES and not text.isascii():
        return Secret(text, random=True)
    stripped = text.strip()
    for decode in (_from_hex, _from_base64):
        key = decode(stripped)
        if len(key) == KEY_BYTES:
            return Secret(key, random=True)
    if len(stripped) < SHORTEST_PASSPHRASE:
        raise Problem(
            f"กุญแจสำรองข้อมูลสั้นเกินไป: ใช้ผลของ openssl rand -hex 32 หรือวลีอย่างน้อย {SHORTEST_PASSPHRASE} ตัวอักษร",
            "The backup key is too short: use what `openssl rand -hex 32` prints, or a passphrase of at least "
            f"{SHORTEST_PASSPHRASE} characters.",
        )
    return Secret(stripped, random=False)


def _from_hex(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        return b""


def _from_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def derive(secret: Secret, salt: bytes) -> tuple[bytes, str]:
    """(key of this one file, a value by which a wrong key is told from a damaged file)."""
    if secret.random:
        master = secret.material
    else:
        master = Scrypt(salt=salt, length=KEY_BYTES, **SCRYPT).derive(secret.material)
    made = HKDF(algorithm=SHA256(), length=KEY_BYTES + 8, salt=salt, info=b"lec backup 1").derive(master)
    return made[:KEY_BYTES], made[KEY_BYTES:].hex()


class Sealer(Protocol):
    """Makes a chunk what is stored, and back; index counts from 0, last says that nothing follows."""

    overhead: int

    def seal(self, index: int, last: bool, data: bytes) -> bytes: ...

    def open(self, index: int, last: bool, stored: bytes) -> bytes:
        """Raises Problem on anything but what `seal` gave for the same place of the same file."""
        ...


class CheckedSealer:
    """Without a key: each chunk carries a SHA-256 over its place and content. It finds faults, not forgers."""

    overhead = 32

    def __init__(self, header: bytes) -> None:
        self._header = hashlib.sha256(header).digest()

    def seal(self, index: int, last: bool, data: bytes) -> bytes:
        return data + self._sum(index, last, data)

    def open(self, index: int, last: bool, stored: bytes) -> bytes:
        data, found = stored[: -self.overhead], stored[-self.overhead :]
        if found != self._sum(index, last, data):
            raise _changed(index)
        return data

    def _sum(self, index: int, last: bool, data: bytes) -> bytes:
        return hashlib.sha256(_place(self._header, index, last) + data).digest()


class EncryptedSealer:
    """AES-256-GCM. The key belongs to one file, so the chunk's number serves as nonce and never comes twice."""

    overhead = 16

    def __init__(self, header: bytes, key: bytes) -> None:
        self._header = hashlib.sha256(header).digest()
        self._cipher = AESGCM(key)

    def seal(self, index: int, last: bool, data: bytes) -> bytes:
        return self._cipher.encrypt(_nonce(index), data, _place(self._header, index, last))

    def open(self, index: int, last: bool, stored: bytes) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(index), stored, _place(self._header, index, last))
        except InvalidTag:
            raise _changed(index) from None


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _place(header: bytes, index: int, last: bool) -> bytes:
    return header + index.to_bytes(8, "big") + bytes([last])


def _changed(index: int) -> Problem:
    return damaged(f"ส่วนที่ {index + 1} ไม่ตรงกับผลรวมตรวจสอบ", f"part {index + 1} does not agree with its checksum")
