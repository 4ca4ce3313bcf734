"""The embedded MongoDB: a replica set on a socket that keeps its data wherever its folder goes."""

import os
import stat
from pathlib import Path

import pytest
from pymongo import MongoClient

from app.devservers.mongo import EmbeddedMongo
from app.errors import Problem
from tests.devservers.proc import tcp_sockets


def starts_counted(mongo: EmbeddedMongo) -> int:
    with MongoClient(mongo.uri) as client:
        starts = client.get_default_database().starts
        with client.start_session() as session, session.start_transaction():
            starts.insert_one({}, session=session)
        return starts.count_documents({})


def test_transactions_work_and_data_outlives_a_stop_a_kill_and_a_move(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with EmbeddedMongo(folder) as mongo:
        assert starts_counted(mongo) == 1
    with EmbeddedMongo(folder) as mongo:
        assert starts_counted(mongo) == 2
        mongo.child.kill()
    # So long a path is no place for a socket (107 bytes); the member's address in the stored set is stale too.
    moved = folder.rename(tmp_path / ("moved-" + "x" * 100))
    with EmbeddedMongo(moved) as mongo:
        assert str(moved) not in mongo.uri
        assert starts_counted(mongo) == 3


def test_it_listens_on_a_socket_for_its_owner_alone(tmp_path: Path) -> None:
    with EmbeddedMongo(tmp_path) as mongo:
        assert not tcp_sockets(mongo.child.pid)
        sockets = [path for path in tmp_path.iterdir() if stat.S_ISSOCK(path.stat().st_mode)]
        assert [stat.S_IMODE(path.stat().st_mode) & 0o077 for path in sockets] == [0]


def test_a_mongod_that_does_not_start_is_reported_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bin" / "mongod"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'mongod: error while loading shared libraries: libcurl.so.4' >&2\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent), prepend=os.pathsep)
    with pytest.raises(Problem) as caught, EmbeddedMongo(tmp_path / "data"):
        pass
    assert "libcurl.so.4" in caught.value.en
    assert "mongod.log" in caught.value.en
    assert "\n" not in caught.value.en + caught.value.th


def test_mongods_own_reason_is_in_the_sentence(tmp_path: Path) -> None:
    with EmbeddedMongo(tmp_path / "data"):
        second = EmbeddedMongo(tmp_path / "data", log=tmp_path / "second.log")
        with pytest.raises(Problem) as caught, second:
            pass
    assert "lock" in caught.value.en.lower()
