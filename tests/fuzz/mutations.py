"""Good files made bad, by chance but the same way for the same seed."""

from __future__ import annotations

import io
import random
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import date

from tests.factories.rosters import hostile
from tests.factories.rosters.kinds import TABLE, csv_of, every_kind, unzipped, xls, xlsx

Chance = random.Random
_NOISE = (
    b'"',
    b'""',
    b"\0",
    b"\r",
    b"\n",
    b"\xff",
    b"\xe0\xb8",
    b";",
    b",",
    b"\t",
    b"sep=|\n",
    b"\xef\xbb\xbf",
    b"=",
    b"\x1a",
)
_MARKUP = (
    b"<c r=\"XFD1048576\"><v>1</v></c>", b"<row r=\"4294967295\"/>", b"&lol;", b"<!DOCTYPE a [", b"]]>", b"\"/>",
    b"<v>", b"<si>", b'count="4294967295"', b'r="A0"', b't="s"', b"<mergeCell ref=\"A1:XFD1048576\"/>", b"1e309", b"-1",
    b"99999999999",
    b'table:number-columns-repeated="99999999"', b'table:number-rows-repeated="99999999"', b"NaN", b"<f>A1</f>",
)  # fmt: skip


def seeds() -> Mapping[str, bytes]:
    """Name -> a good file: every kind, and some with more in them."""
    rows = [(f"{n:013}", "ด.ช.", f"ชื่อ{n}", date(2015, 1, 1 + n % 28), n / 2, n % 2 == 0) for n in range(150)]
    return {
        **every_kind(), "long.xlsx": xlsx(rows), "long.xls": xls(rows), "long.csv": csv_of(rows, encoding="cp874"),
        "formulas.xlsx": hostile.formulas(), "macros.xlsm": hostile.macros(), "locked.xls": hostile.locked(),
        "merged.xlsx": xlsx([*TABLE, *rows], merged=[(0, 0, 0, 5), (10, 0, 30, 0), (40, 2, 60, 4)]),
    }  # fmt: skip


def mutated(chance: Chance, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """(name of the good file, a bad one made of it); now and then another kind's ending or the rest of another file."""
    name = chance.choice(sorted(files))
    data = files[name]
    ways = _ZIP_WAYS if data.startswith(b"PK") and chance.random() < 0.7 else _WAYS
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(ways)(chance, data)
        if not data.startswith(b"PK"):
            ways = _WAYS
    if chance.random() < 0.03:
        data += files[chance.choice(sorted(files))]
    return name, data


def _flip(chance: Chance, data: bytes) -> bytes:
    bad = bytearray(data)
    for _ in range(min(len(bad), chance.choice((1, 2, 5, 50)))):
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
    return bytes(bad)


def _set(chance: Chance, data: bytes) -> bytes:
    """A few bytes at one place are all zeros, all ones, or a large number: sizes and counts like to stand there."""
    at, size = _place(chance, data), chance.choice((1, 2, 4, 8))
    return data[:at] + chance.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * size + data[at + size :]


def _cut(chance: Chance, data: bytes) -> bytes:
    return data[: _place(chance, data)]


def _lose(chance: Chance, data: bytes) -> bytes:
    at = _place(chance, data)
    return data[:at] + data[at + chance.randrange(1, 600) :]


def _splice(chance: Chance, data: bytes) -> bytes:
    start, at = _place(chance, data), _place(chance, data)
    return data[:at] + data[start : start + chance.randrange(1, 600)] + data[at:]


def _repeat(chance: Chance, data: bytes) -> bytes:
    start = _place(chance, data)
    piece = data[start : start + chance.randrange(1, 40)]
    return data[:start] + piece * chance.choice((2, 50, 3000)) + data[start:]


def _insert(chance: Chance, data: bytes) -> bytes:
    at = _place(chance, data)
    return data[:at] + chance.choice((*_NOISE, *_MARKUP, chance.randbytes(20))) + data[at:]


def _scatter(chance: Chance, data: bytes) -> bytes:
    for _ in range(chance.choice((3, 20))):
        data = _insert(chance, data)
    return data


def _place(chance: Chance, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


_WAYS: tuple[Callable[[Chance, bytes], bytes], ...] = (
    _flip, _set, _cut, _lose, _splice, _repeat, _insert, _scatter,
)  # fmt: skip


def _inside(chance: Chance, data: bytes) -> bytes:
    """One part of a zip, by preference a large one, made bad and packed again."""
    try:
        parts = unzipped(data)
        names = sorted(parts, key=lambda name: len(parts[name]))
        name = chance.choice(names[-4:] if chance.random() < 0.7 else names)
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        IndexError,
        zlib.error,
    ):
        return _flip(chance, data)
    for _ in range(chance.choice((1, 2, 4))):
        parts[name] = chance.choice(_WAYS)(chance, parts[name])
    return _packed([*parts.items()], chance)


def _doubled(chance: Chance, data: bytes) -> bytes:
    """A part is there twice, or under another's name, or not at all."""
    try:
        parts = list(unzipped(data).items())
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error):
        return _flip(chance, data)
    if parts:
        name, part = chance.choice(parts)
        other = chance.choice(parts)[0]
        parts = chance.choice((
            [*parts, (name, part)], [*parts, (name.upper(), part)], [*parts, (other, part)],
            [one for one in parts if one[0] != name], parts[::-1],
        ))  # fmt: skip
    return _packed(parts, chance)


def _packed(parts: list[tuple[str, bytes]], chance: Chance) -> bytes:
    out = io.BytesIO()
    way = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", way) as archive:
        warnings.simplefilter("ignore")
        for name, part in parts:
            archive.writestr(name, part)
    return out.getvalue()


_ZIP_WAYS = (_inside, _inside, _inside, _doubled)
