"""The nightly sweep of files: no scan of an evidence or a proclamation goes while a row or a deletion names it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import gridfs
import pytest
from bson import ObjectId
from flask import Flask

from app.fabmongo.orphans import Bucket, places
from app.services import files

OLD = datetime.now(UTC) - timedelta(days=2)


def old_scan(db: Any, bucket: str) -> ObjectId:
    key = ObjectId()
    told = {"contentType": "application/pdf"}
    gridfs.GridFSBucket(db, bucket).upload_from_stream_with_id(key, "scan.pdf", b"%PDF-1.7", metadata=told)
    db[f"{bucket}.files"].update_one({"_id": key}, {"$set": {"uploadDate": OLD}})
    return key


@pytest.mark.parametrize("collection", ["evidence", "proclamations"])
def test_a_scan_that_is_named_stays(app: Flask, db: Any, collection: str) -> None:
    bucket = {"evidence": "evidence_scans", "proclamations": "proclamation_scans"}[collection]
    assert {path for _, path in places()[Bucket("default", bucket)]} == {"scan"}
    named, deleted, _ = (old_scan(db, bucket) for _ in range(3))
    db[collection].insert_one({"scan": named})
    db.audit_entries.insert_one({"of": collection, "verb": "delete", "stored": {"scan": deleted}})
    assert (files.sweep().removed, files.sweep().removed) == (1, 0)
    assert set(db[f"{bucket}.files"].distinct("_id")) == {named, deleted}
