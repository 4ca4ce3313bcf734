"""Which indexes the database has, beside those that the documents declare: missing, undeclared, with other options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure

from app.db import DOCUMENTS

Raw = dict[str, Any]
Standing = Literal["declared", "missing", "undeclared", "different"]
OPTIONS = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression")
"""What makes one index another although its keys are the same."""
NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND = 26, 27  # MongoDB's error codes


@dataclass(frozen=True)
class Index:
    """One index of a collection of LEC's. bytes: on the disk, 0 where it is missing."""

    collection: str
    name: str
    standing: Standing
    bytes: int = 0


def indexes(database: Database[Raw]) -> list[Index]:
    """Every index of the documents' collections but that of the keys; other people's collections are not looked at."""
    found: list[Index] = []
    for document in DOCUMENTS:
        collection = document._get_collection_name()
        declared = {spec["name"]: spec for spec in map(_spec, document._meta["index_specs"])}
        stored = {spec["name"]: dict(spec) for spec in database[collection].list_indexes() if spec["name"] != "_id_"}
        sizes = _sizes(database, collection) if stored else {}
        for name in sorted({*declared, *stored}):
            standing = _standing(declared.get(name), stored.get(name))
            found.append(Index(collection, name, standing, sizes.get(name, 0)))
    return sorted(found, key=lambda one: (one.collection, one.name))


def drop_undeclared(database: Database[Raw]) -> list[Index]:
    """Drop the indexes that no document declares; returns them. Never that of the keys, nor of others' collections."""
    gone = [one for one in indexes(database) if one.standing == "undeclared"]
    for one in gone:
        try:
            database[one.collection].drop_index(one.name)
        except OperationFailure as error:
            if error.code not in (NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND):
                raise
    return gone


def _spec(declared: Raw) -> Raw:
    spec = {name: value for name, value in declared.items() if name != "cls"}
    return dict(IndexModel(spec.pop("fields"), **spec).document)


def _standing(declared: Raw | None, stored: Raw | None) -> Standing:
    if stored is None:
        return "missing"
    if declared is None:
        return "undeclared"
    same = list(dict(declared["key"]).items()) == list(dict(stored["key"]).items())
    same = same and all((declared.get(option) or None) == (stored.get(option) or None) for option in OPTIONS)
    return "declared" if same else "different"


def _sizes(database: Database[Raw], collection: str) -> dict[str, int]:
    try:
        (told,) = database[collection].aggregate([{"$collStats": {"storageStats": {}}}, {"$limit": 1}])
    except (OperationFailure, ValueError):
        return {}  # this account may not ask, or a sharded cluster answers by shard
    return dict(told["storageStats"].get("indexSizes", {}))
