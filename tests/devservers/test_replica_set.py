"""The replica set of the tests: what was acknowledged outlives its primary, and a killed member comes back."""

from __future__ import annotations

import time
from pathlib import Path

from pymongo import MongoClient

from tests.devservers.program import keep_running
from tests.devservers.replica_set import ReplicaSet


def test_another_member_takes_over_and_the_killed_one_comes_back(tmp_path: Path) -> None:
    with ReplicaSet(tmp_path) as cluster, MongoClient(cluster.uri("lec"), serverSelectionTimeoutMS=60_000) as client:
        client.lec.kept.insert_one({"_id": 1})
        killed = cluster.primary()
        killed.kill()
        client.lec.kept.insert_one({"_id": 2})
        assert cluster.primary() is not killed
        end = time.monotonic() + 60
        while not cluster.is_healthy():
            keep_running(cluster.members)
            assert time.monotonic() < end, cluster.states()
            time.sleep(0.1)
        assert killed.restarts == 1
        assert client.lec.kept.count_documents({}) == 2
