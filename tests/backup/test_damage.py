"""Whatever is done to the file is found before anything is written, and said in a sentence."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bson.timestamp import Timestamp
from pymongo import MongoClient

from app.backup.checking import check_file
from app.backup.container import begin
from app.backup.records import RecordWriter
from app.backup.sealing import Secret
from app.backup.versions import about
from app.errors import Problem
from app.migrations.declared import newest
from tests.backup.stuff import KEY, back_up, restore_to

Client = MongoClient[dict[str, Any]]
DOCUMENTS = 6000


def flip(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def append(data: bytearray, chance: random.Random) -> None:
    data += chance.randbytes(chance.randrange(1, 200))


def remove(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) - 1)
    del data[at : at + chance.randrange(1, len(data) - at)]


def double(data: bytearray, chance: random.Random) -> None:
    at, length = chance.randrange(len(data)), chance.randrange(1, 5000)
    data[at:at] = data[at : at + length]


def swap_chunks(data: bytearray, chance: random.Random) -> None:
    """Two whole chunks change places."""
    at = bounds(data)
    one, other = sorted(chance.sample(range(len(at) - 1), 2))
    pieces = [data[start:end] for start, end in itertools.pairwise(at)]
    pieces[one], pieces[other] = pieces[other], pieces[one]
    data[at[0] :] = b"".join(pieces)


def drop_chunk(data: bytearray, chance: random.Random) -> None:
    at = bounds(data)
    one = chance.randrange(len(at) - 1)
    del data[at[one] : at[one + 1]]


def bounds(data: bytearray) -> list[int]:
    """Where each chunk begins, and the end."""
    at = [14 + int.from_bytes(data[10:14], "big")]
    while at[-1] < len(data):
        at.append(at[-1] + 5 + int.from_bytes(data[at[-1] : at[-1] + 4], "big"))
    return at


MUTATIONS = (flip, cut, append, remove, double, swap_chunks, drop_chunk)


@pytest.fixture(scope="module", params=[None, KEY], ids=["plain", "encrypted"])
def good(request: pytest.FixtureRequest, mongo: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Any]:
    """A backup of several chunks, and its key."""
    path = tmp_path_factory.mktemp("good") / "a.lecbackup"
    chance = random.Random(5)
    with MongoClient(mongo.uri) as client:
        client.drop_database("backup_fuzz")
        client.backup_fuzz.a.insert_many([{"_id": n, "x": chance.randbytes(700)} for n in range(DOCUMENTS)])
        back_up(client, "backup_fuzz", path, request.param)
        client.drop_database("backup_fuzz")
    return path.read_bytes(), request.param


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
def test_a_changed_file_is_refused(
    good: tuple[bytes, Any], mutate: Callable[[bytearray, random.Random], None], tmp_path: Path
) -> None:
    content, secret = good
    path = tmp_path / "b.lecbackup"
    path.write_bytes(content)
    assert check_file(path, secret, newest().major).documents == DOCUMENTS
    assert len(bounds(bytearray(content))) > 4
    for seed in range(25):
        data = bytearray(content)
        mutate(data, random.Random(seed))
        if bytes(data) == content:
            continue
        path.write_bytes(data)
        with pytest.raises(Problem) as refused:
            check_file(path, secret, newest().major)
        assert "\ufffd" not in refused.value.en and refused.value.en.endswith(".")


def test_every_byte_of_the_header_is_covered(good: tuple[bytes, Any], tmp_path: Path) -> None:
    content, secret = good
    path = tmp_path / "b.lecbackup"
    for at in range(bounds(bytearray(content))[0] + 5):
        data = bytearray(content)
        data[at] ^= 0x01
        path.write_bytes(data)
        with pytest.raises(Problem):
            check_file(path, secret, newest().major)


def test_a_damaged_file_leaves_the_database_empty(cluster: Client, good: tuple[bytes, Any], tmp_path: Path) -> None:
    content, secret = good
    path = tmp_path / "b.lecbackup"
    path.write_bytes(content[:-1])
    with pytest.raises(Problem, match="เสียหาย"):
        restore_to(cluster, "backup_to", path, secret)
    assert cluster.backup_to.list_collection_names() == []


def test_the_key_is_asked_for_and_a_wrong_one_is_named(cluster: Client, tmp_path: Path) -> None:
    cluster.backup_from.a.insert_one({"x": 1})
    path = tmp_path / "a.lecbackup"
    back_up(cluster, "backup_from", path, KEY)
    with pytest.raises(Problem, match="เข้ารหัสไว้"):
        check_file(path, None, newest().major)
    for wrong in (Secret(bytes(32), random=True), Secret(b"a passphrase, not a key", random=False)):
        with pytest.raises(Problem, match="กุญแจไม่ตรง"):
            check_file(path, wrong, newest().major)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"LECBACKUP\n", b"\x1f\x8b" * 40])
def test_another_file_is_told_apart(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(Problem, match="ไม่ใช่ไฟล์สำรองข้อมูลของ LEC"):
        check_file(path, None, newest().major)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"product": "OTHER"}, "not a backup of LEC"),
        ({"schema": f"{newest().major + 1}.0"}, "made by a newer LEC"),
        ({"cluster_time": 1}, "lacks something"),
        ({"schema": "x"}, "which schema"),
        ({"collections": [{"name": "a"}]}, "list of collections"),
        ({"collections": []}, "not those of its manifest"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    row = {"name": "a", "kind": "collection", "options": {}, "indexes": []}
    path = tmp_path / "a.lecbackup"
    with path.open("wb") as file:
        chunks, stream = begin(file, None)
        writer = RecordWriter(stream)
        told = {"database": "a", "mongodb": "6.0", "cluster_time": Timestamp(1, 1), "collections": [row]}
        writer.manifest({"product": "LEC", **about("0.1.0", "1.0"), **told} | change)
        writer.collection("a", iter([]))
        writer.summary({})
        stream.close()
        chunks.end()
    with pytest.raises(Problem) as refused:
        check_file(path, None, newest().major)
    assert words in refused.value.en


def test_who_gives_a_key_gets_no_file_that_anybody_could_have_written(cluster: Client, tmp_path: Path) -> None:
    """A forged file without encryption in the place of an encrypted one."""
    cluster.backup_from.a.insert_one({"x": 1})
    path = tmp_path / "a.lecbackup"
    back_up(cluster, "backup_from", path)
    with pytest.raises(Problem, match="ไม่ได้เข้ารหัส"):
        check_file(path, KEY, newest().major)
    with pytest.raises(Problem, match="ไม่ได้เข้ารหัส"):
        restore_to(cluster, "backup_to", path, KEY)
    assert cluster.backup_to.list_collection_names() == []
