"""Files in GridFS that no record points at: an upload whose write never came, a replaced file that was not deleted."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import gridfs
from bson import ObjectId
from mongoengine.base.common import _document_registry
from mongoengine.connection import get_db
from pymongo.errors import PyMongoError

from app.fabmongo.audit import AuditEntry
from app.fabmongo.columns import kind_of
from app.fabmongo.files import FILES

log = logging.getLogger(__name__)

OLDER_THAN = timedelta(days=1)
"""A file is stored a moment before its row: nothing that is young may be taken for left over."""
MOST_FILES = 20_000
"""Files looked at in one sweep of a bucket; where there are more, each sweep begins at another place."""
AT_ONCE = 500


@dataclass(frozen=True)
class Bucket:
    """Where files lie: the alias of a database and the name of its GridFS collection."""

    alias: str
    name: str


@dataclass(frozen=True)
class Swept:
    """What a sweep did, as numbers."""

    orphaned: int = 0
    removed: int = 0


Place = tuple[Any, str]
"""A document class and the path at which its rows may name a file."""


def places() -> dict[Bucket, list[Place]]:
    """Every place where a known document may name a file, by bucket.

    A bucket named at a place that no path reaches, as in a map of files, is left out: its files are never swept.
    """
    found: dict[Bucket, list[Place]] = {}
    closed: set[Bucket] = set()
    for document in set(_document_registry.values()):
        if not hasattr(document, "_get_collection") or document._meta.get("abstract"):
            continue
        for path, field in _file_fields(document, "", ()):
            bucket = Bucket(field.db_alias, field.collection_name)
            if path is None:
                closed.add(bucket)
            elif (document, path) not in found.setdefault(bucket, []):
                found[bucket].append((document, path))
    return {bucket: several for bucket, several in found.items() if bucket not in closed}


def _file_fields(document: Any, before: str, above: tuple[Any, ...]) -> Iterator[tuple[str | None, Any]]:
    """(path, field) of each file of a document class and of what it holds; None for a path that cannot be named.

    A document that holds its own kind has paths without end: those of the second round stand for all of them.
    """
    if above.count(document) > 1:
        return
    endless = document in above
    for field in document._fields.values():
        reachable, inner = not endless, field
        while kind_of(inner) in ("list", "embedded_list", "dict") and getattr(inner, "field", None) is not None:
            reachable = reachable and kind_of(inner) != "dict"
            inner = inner.field
        path = f"{before}{field.db_field}"
        if kind_of(inner) in FILES:
            yield (path if reachable else None), inner
        elif kind_of(inner) == "embedded":
            for one in _classes(inner.document_type):
                for deeper, file in _file_fields(one, f"{path}.", (*above, document)):
                    yield (deeper if reachable else None), file


def _classes(document: Any) -> list[Any]:
    names = getattr(document, "_subclasses", None) or (document._class_name,)
    return [_document_registry[name] for name in names if name in _document_registry]


def orphaned_files(older_than: timedelta = OLDER_THAN) -> Iterator[tuple[Bucket, Any]]:
    """(bucket, key) of files that neither a record nor a deletion that can be undone points at.

    Of the files of a bucket only those that came through forms or the API are meant, and pieces that belong to no
    file. A file that was replaced counts as left over, though the history still names it: replacing deletes it.
    """
    limit = datetime.now(UTC) - older_than
    for bucket, several in places().items():
        for keys in _batches(_candidates(bucket, limit)):
            yield from ((bucket, key) for key in _unused(several, keys))


def _candidates(bucket: Bucket, limit: datetime) -> Iterator[Any]:
    database = get_db(bucket.alias)
    files, chunks = database[f"{bucket.name}.files"], database[f"{bucket.name}.chunks"]
    ours = {"uploadDate": {"$lt": limit}, "metadata.contentType": {"$exists": True}}
    for raw in _window(files, "_id", ours):
        yield raw["_id"]
    # An upload that was cut off has pieces and no file yet; its key says when it was made.
    pieces = _window(chunks, "files_id", {"n": 0}, ObjectId.from_datetime(limit))
    for several in _batches(raw["files_id"] for raw in pieces):
        there = set(files.distinct("_id", {"_id": {"$in": several}}))
        yield from (key for key in several if key not in there)


def _batches(items: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(items, AT_ONCE)):
        yield some


def _window(collection: Any, key: str, query: dict[str, Any], below: Any = None) -> Iterator[Any]:
    """Up to MOST_FILES rows in the order of a key; where there are more, from some place on and round to it."""
    bound = {"$lt": below} if below is not None else {}
    start = None
    if collection.estimated_document_count() > MOST_FILES:
        start = next((raw[key] for raw in collection.aggregate([{"$sample": {"size": 1}}])), None)
    parts: list[dict[str, Any]] = [bound] if start is None else [{"$gte": start, **bound}, {"$lt": start}]
    left = MOST_FILES
    for part in parts:
        wanted = {**query, key: part} if part else query
        if left <= 0:
            return
        for raw in collection.find(wanted, {key: 1}, sort=[(key, 1)], limit=left):
            left -= 1
            yield raw


def _unused(several: list[Place], keys: list[Any]) -> list[Any]:
    used: set[Any] = set()
    for document, path in several:
        used.update(document._get_collection().distinct(path, {path: {"$in": keys}}))
        deleted = {"of": document._get_collection_name(), "verb": "delete", f"stored.{path}": {"$in": keys}}
        used.update(AuditEntry._get_collection().distinct(f"stored.{path}", deleted))
    return [key for key in keys if key not in used]


def remove_orphaned_files(older_than: timedelta = OLDER_THAN) -> Swept:
    """Delete what `orphaned_files` finds; safe to repeat, and to run in two places at once."""
    found = list(orphaned_files(older_than))
    removed = 0
    for bucket, key in found:
        try:
            gridfs.GridFSBucket(get_db(bucket.alias), bucket.name).delete(key)
            removed += 1
        except gridfs.NoFile:
            removed += 1  # Its pieces are gone all the same.
        except PyMongoError as error:
            log.error("an orphaned file was left: %s", type(error).__name__)
    if found:
        log.info("orphaned files: %d found, %d removed", len(found), removed)
    return Swept(len(found), removed)
