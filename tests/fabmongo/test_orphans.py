"""Files that nothing points at go; every file that a record or an undoable deletion names stays. Real GridFS."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import gridfs
import mongoengine as me
import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.fabmongo import orphans
from app.fabmongo.interface import MongoInterface
from app.fabmongo.orphans import Bucket, orphaned_files, places, remove_orphaned_files
from app.fabmongo.scope import acting_as
from tests.fabmongo.ark import PNG, Ark, Raft, upload
from tests.fabmongo.zoo import Visitor

NOW = timedelta(seconds=-5)
"""So old that every file is older."""
ADD = "/arkview/add?_class=Ark"


@pytest.fixture
def a(the_ark: Any) -> Visitor:
    return the_ark.visitor(the_ark.a)


def keys() -> set[Any]:
    return {key for _, key in orphaned_files(NOW)}


def stray(db: Any, bucket: str = "fs", key: Any = None) -> ObjectId:
    """A file as an upload leaves it whose process died before the record was saved."""
    key, told = key or ObjectId(), {"contentType": "application/pdf"}
    gridfs.GridFSBucket(db, bucket).upload_from_stream_with_id(key, "left.pdf", b"x" * 10, metadata=told)
    return key


def add(a: Visitor, name: str, **files: Any) -> Any:
    assert a.post(ADD, {"name": name, "zone": "A", **files}).status_code == 302
    return Ark._get_collection().find_one({"name": name})


def test_what_no_record_names_goes_and_the_rest_stays(a: Visitor, db: Any, caplog: Any) -> None:
    row = add(a, "Kept", plan=upload(b"one"), photo=upload(PNG, "x.png"))
    gone = stray(db)
    images = stray(db, "images")
    assert keys() == {gone, images}
    with caplog.at_level(logging.INFO, logger="app.fabmongo.orphans"):
        swept = remove_orphaned_files(NOW)
    assert (swept.orphaned, swept.removed) == (2, 2)
    assert "2 found, 2 removed" in caplog.text
    assert "left.pdf" not in caplog.text and str(gone) not in caplog.text
    assert db["fs.chunks"].distinct("files_id") == [row["plan"]]
    assert db["images.files"].distinct("_id") == [row["photo"]]
    assert a.get(f"/arkview/file/{row['_id']}/plan").data == b"one"
    assert remove_orphaned_files(NOW) == orphans.Swept()


def test_a_young_file_is_let_alone(a: Visitor, db: Any) -> None:
    """It may belong to a write that is not finished."""
    stray(db)
    assert not list(orphaned_files())
    db["fs.files"].update_many({}, {"$set": {"uploadDate": datetime.now(UTC) - timedelta(days=1, minutes=1)}})
    assert len(list(orphaned_files())) == 1


def test_files_of_deleted_records_stay_and_can_come_back(a: Visitor, db: Any) -> None:
    row = add(a, "Sunk", plan=upload(b"one"))
    assert a.post(f"/arkview/delete/{row['_id']}").status_code == 302
    assert remove_orphaned_files(NOW).orphaned == 0
    entry = db["audit_entries"].find_one({"verb": "delete"})
    assert a.post(f"/arkview/undelete/{entry['_id']}").status_code == 302
    assert a.get(f"/arkview/file/{row['_id']}/plan").data == b"one"


def test_a_replaced_file_whose_deletion_failed_goes(a: Visitor, db: Any) -> None:
    row = add(a, "Refit", plan=upload(b"one"))
    form = {"name": "Refit", "zone": "A", "plan": upload(b"two")}
    assert a.post(f"/arkview/edit/{row['_id']}", form).status_code == 302
    stray(db, key=row["plan"])  # as if it had not been deleted; the history names it
    assert db["audit_entries"].count_documents({"changes.plan.0": row["plan"]}) == 1
    assert keys() == {row["plan"]}
    remove_orphaned_files(NOW)
    assert a.get(f"/arkview/file/{row['_id']}/plan").data == b"two"


def test_pieces_of_an_upload_that_was_cut_off_go(a: Visitor, db: Any) -> None:
    row = add(a, "Kept", plan=upload(b"one"))
    old = ObjectId.from_datetime(datetime.now(UTC) - timedelta(days=2))
    young = ObjectId()
    db["fs.chunks"].insert_many([{"files_id": k, "n": n, "data": b"x"} for k in (old, young) for n in (0, 1)])
    assert remove_orphaned_files().removed == 1
    assert set(db["fs.chunks"].distinct("files_id")) == {young, row["plan"]}


def test_files_of_others_in_the_same_bucket_are_none_of_our_business(a: Visitor, db: Any) -> None:
    gridfs.GridFS(db).put(b"somebody else's", filename="x")
    assert not keys()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(st.sampled_from(["row", "subclass", "deleted", "stray"]), max_size=8), most=st.integers(1, 9))
def test_never_a_file_that_is_named_and_in_the_end_all_others(the_ark: Any, db: Any, lives: Any, most: int) -> None:
    """Also where a sweep looks at a part of the files only and begins at another place each time."""
    for name in ("fs.files", "fs.chunks", "zoo_arks", "audit_entries"):
        db[name].delete_many({})
    named, left, interface = set(), set(), MongoInterface(Ark)
    for life in lives:
        key = stray(db)
        (left if life == "stray" else named).add(key)
        if life == "stray":
            continue
        raw = {"_cls": "Ark.Raft" if life == "subclass" else "Ark", "name": "n", "zone": "A", "plan": key, "logs": 2}
        pk = db["zoo_arks"].insert_one(raw).inserted_id
        if life == "deleted":
            with acting_as(the_ark.boss):
                interface.delete(interface.get(str(pk)))
    before, orphans.MOST_FILES = orphans.MOST_FILES, most
    try:
        assert keys() <= left
        for _ in range(200):
            if not db["fs.files"].count_documents({"_id": {"$in": list(left)}}):
                break
            remove_orphaned_files(NOW)
    finally:
        orphans.MOST_FILES = before
    assert set(db["fs.files"].distinct("_id")) == named


class Photo(me.EmbeddedDocument):
    picture = me.FileField(collection_name="albums")


class Album(me.Document):
    meta = {"collection": "zoo_albums", "allow_inheritance": True}
    cover = me.EmbeddedDocumentField(Photo)
    photos = me.EmbeddedDocumentListField(Photo)
    scans = me.ListField(me.FileField(collection_name="albums"))


class Cupboard(me.Document):
    meta = {"collection": "zoo_cupboards"}
    drawers = me.MapField(me.FileField(collection_name="drawers"))


class Crate(me.EmbeddedDocument):
    label = me.FileField(collection_name="crates")
    crates = me.EmbeddedDocumentListField("self")


class Hold(me.Document):
    meta = {"collection": "zoo_holds"}
    crate = me.EmbeddedDocumentField(Crate)


def test_files_of_a_document_that_holds_its_own_kind_stay(db: Any) -> None:
    """Its paths have no end, so nobody can ask for all of them."""
    key = stray(db, "crates")
    db["zoo_holds"].insert_one({"crate": {"crates": [{"crates": [{"label": key}]}]}})
    assert Bucket("default", "crates") not in places()
    assert keys() == set()


def test_every_place_of_a_file_is_known_however_deep(db: Any) -> None:
    known = places()
    paths = {path for _, path in known[Bucket("default", "albums")]}
    assert paths == {"cover.picture", "photos.picture", "scans"}
    assert {document for document, _ in known[Bucket("default", "fs")]} >= {Ark, Raft}
    assert Bucket("default", "drawers") not in known, "a map has no path to ask with: nothing is swept there"
    used = [stray(db, "albums") for _ in range(3)]
    db["zoo_albums"].insert_one(
        {"_cls": "Album", "cover": {"picture": used[0]}, "photos": [{}, {"picture": used[1]}], "scans": [used[2]]}
    )
    assert keys() == set()
    gone = stray(db, "albums")
    assert keys() == {gone}
