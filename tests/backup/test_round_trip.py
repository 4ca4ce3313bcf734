"""What a backup holds comes back byte by byte, is of one moment, and never overwrites or outlives what it must not."""

from __future__ import annotations

import itertools
import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from app.backup import making, snapshot
from app.backup.checking import check_file
from app.backup.marker import MARKER
from app.backup.sealing import Secret, read_secret
from app.errors import Problem
from app.migrations.declared import newest
from tests.backup.stuff import KEY, back_up, contents, fill_oddly, restore_to

Client = MongoClient[dict[str, Any]]
PHRASE = Secret(b"a long passphrase", random=False)


@pytest.mark.parametrize("secret", [None, KEY, PHRASE], ids=["plain", "key", "phrase"])
def test_everything_comes_back_byte_by_byte(cluster: Client, tmp_path: Path, secret: Secret | None) -> None:
    fill_oddly(cluster.backup_from)
    path = tmp_path / "one.lecbackup"
    made = back_up(cluster, "backup_from", path, secret)
    checked = check_file(path, secret, newest().major)
    assert (checked.documents, checked.encrypted) == (made.documents, secret is not None)
    assert (path.stat().st_size, stat.S_IMODE(path.stat().st_mode)) == (made.bytes, 0o600)
    assert (b"backup_from" in path.read_bytes()) is False
    restore_to(cluster, "backup_to", path, secret)
    assert contents(cluster.backup_to) == contents(cluster.backup_from)
    assert MARKER not in cluster.backup_to.list_collection_names()
    with pytest.raises(OperationFailure):
        cluster.backup_to.people.insert_one({"n": "text"})
    assert list(tmp_path.iterdir()) == [path]


def test_a_backup_is_of_one_moment_over_all_collections(cluster: Client, tmp_path: Path) -> None:
    """Each writer's transaction raises two counters that lie in different collections: they must never differ."""
    database, stop = cluster.backup_from, threading.Event()
    for name in ("first", "second"):
        database[name].insert_one({"_id": 0, "n": 0})
        database[name].insert_many([{"_id": n, "filler": os.urandom(2000)} for n in range(1, 800)])

    def write() -> None:
        for n in itertools.count(1):
            if stop.is_set():
                return
            with cluster.start_session() as session, session.start_transaction():
                database.first.update_one({"_id": 0}, {"$set": {"n": n}}, session=session)
                database.second.update_one({"_id": 0}, {"$set": {"n": n}}, session=session)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(3):
            path = tmp_path / f"{turn}.lecbackup"
            back_up(cluster, "backup_from", path)
            cluster.drop_database("backup_to")
            restore_to(cluster, "backup_to", path)
            found = [cluster.backup_to[name].find_one({"_id": 0}) for name in ("first", "second")]
            assert found[0] == found[1]
    finally:
        stop.set()
        writer.join()


def test_nothing_is_overwritten(cluster: Client, tmp_path: Path) -> None:
    cluster.backup_from.a.insert_one({"x": 1})
    path = tmp_path / "a.lecbackup"
    path.write_text("mine")
    with pytest.raises(Problem, match="อยู่แล้ว"):
        back_up(cluster, "backup_from", path)
    assert path.read_text() == "mine"
    path.unlink()
    back_up(cluster, "backup_from", path)
    cluster.backup_to.mine.insert_one({"x": 1})
    with pytest.raises(Problem) as refused:
        restore_to(cluster, "backup_to", path)
    assert "The database is not empty (1 collections, such as mine)" in refused.value.en
    assert cluster.backup_to.list_collection_names() == ["mine"]


def test_a_collection_made_meanwhile_begins_the_backup_anew(
    cluster: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.backup_from.a.insert_one({"x": 1})
    real, names = making.RecordWriter.collection, iter(["new", "newer"])

    def collection(*args: Any) -> Any:
        for name in itertools.islice(names, 1):
            cluster.backup_from[name].insert_one({"x": name})
        return real(*args)

    monkeypatch.setattr(making.RecordWriter, "collection", collection)
    made = back_up(cluster, "backup_from", tmp_path / "a.lecbackup")
    assert (made.collections, made.documents) == (3, 3)
    names = (f"more{n}" for n in itertools.count())  # type: ignore[assignment]
    with pytest.raises(Problem, match="ทั้ง 3 ครั้ง"):
        back_up(cluster, "backup_from", tmp_path / "b.lecbackup")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.lecbackup"]


def test_a_backup_that_outlives_the_history_says_so_and_leaves_no_file(
    cluster: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MongoDB's own refusal: its history is cut to a second, and the backup waits for it to pass."""
    database = cluster.backup_from
    database.a.insert_many([{"x": os.urandom(3000)} for _ in range(2000)])
    database.b.insert_one({"n": 0})
    usual = cluster.admin.command({"getParameter": 1, snapshot.WINDOW: 1})[snapshot.WINDOW]
    real = making.RecordWriter.collection

    def slowly(self: Any, name: str, batches: Any) -> Any:
        if name == "b":
            _pass_history(cluster)
        return real(self, name, batches)

    monkeypatch.setattr(making.RecordWriter, "collection", slowly)
    try:
        cluster.admin.command({"setParameter": 1, snapshot.WINDOW: 1})
        with pytest.raises(Problem) as refused:
            back_up(cluster, "backup_from", tmp_path / "a.lecbackup")
        assert "longer than MongoDB keeps its history (1 s)" in refused.value.en and "--history" in refused.value.en
        assert list(tmp_path.iterdir()) == []
        assert back_up(cluster, "backup_from", tmp_path / "b.lecbackup", history=300).documents == 2001
        assert cluster.admin.command({"getParameter": 1, snapshot.WINDOW: 1})[snapshot.WINDOW] == 1
    finally:
        cluster.admin.command({"setParameter": 1, snapshot.WINDOW: usual})


def _pass_history(client: Client) -> None:
    """Write until MongoDB no longer knows the moment of a few seconds ago; at most some seconds."""
    for n in range(40):
        client.backup_from.b.update_one({}, {"$set": {"n": n}})
        time.sleep(0.1)


def test_an_empty_database_is_nothing_to_back_up(cluster: Client, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="ว่างเปล่า"):
        back_up(cluster, "backup_from", tmp_path / "a.lecbackup")


@pytest.mark.parametrize("options", [{"timeseries": {"timeField": "at"}}, {"capped": True, "size": 4096}])
def test_what_has_no_moment_is_refused_by_name_and_can_be_left_out(
    cluster: Client, tmp_path: Path, options: dict[str, Any]
) -> None:
    cluster.backup_from.create_collection("meter", **options)
    cluster.backup_from.a.insert_one({"x": 1})
    with pytest.raises(Problem, match="--leave-out meter"):
        back_up(cluster, "backup_from", tmp_path / "a.lecbackup")
    made = back_up(cluster, "backup_from", tmp_path / "a.lecbackup", leave_out=frozenset({"meter"}))
    assert made.collections == 1


def test_keys_are_read_in_every_usual_form() -> None:
    key = bytes(range(200, 232))
    assert read_secret(key) == read_secret(key.hex().encode() + b"\n") == Secret(key, random=True)
    assert read_secret(b"a passphrase of some length\n") == Secret(b"a passphrase of some length", random=False)
    with pytest.raises(Problem, match="สั้นเกินไป"):
        read_secret(b"short")
    assert "passphrase" not in repr(read_secret(b"a passphrase of some length"))
