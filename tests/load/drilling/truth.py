"""What a database holds at a moment, as digests that two databases share; and what may differ after a restore."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bson
import gridfs
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from bson.timestamp import Timestamp
from pymongo.database import Database

from app.rules.digests import submissions_digest
from app.services.submissions.rosters import digest_of

Raw = dict[str, Any]
SETTLED = ("users", "deliveries")
"""Collections that a restore changes on purpose; these are held document by document."""
MODULUS = 2**256
RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


@dataclass
class Truth:
    """collections: name -> (documents, sum of the SHA-256 of each). settled: name -> key -> document."""

    collections: dict[str, tuple[int, int]] = field(default_factory=dict)
    settled: dict[str, dict[Any, Raw]] = field(default_factory=dict)


def documents_at(database: Database[Raw], name: str, moment: Timestamp | None) -> Iterator[bytes]:
    """Every document of a collection, undecoded, as it was at a moment, or as it is now."""
    command: Raw = {"find": name, "batchSize": 5000}
    if moment is not None:
        command["readConcern"] = {"level": "snapshot", "atClusterTime": moment}
    with database.client.start_session(causal_consistency=False) as session:
        cursor = database.command(command, codec_options=RAW, session=session)["cursor"]
        batch = cursor["firstBatch"]
        while True:
            for document in batch:
                yield document.raw
            if not cursor["id"]:
                return
            more = {"getMore": bson.Int64(cursor["id"]), "collection": name, "batchSize": 20_000}
            cursor = database.command(more, codec_options=RAW, session=session)["cursor"]
            batch = cursor["nextBatch"]


def truth_of(database: Database[Raw], moment: Timestamp | None) -> Truth:
    """The digests of all collections. The sum of SHA-256 does not depend on the order of the documents."""
    truth = Truth()
    for name in sorted(database.list_collection_names()):
        if name.startswith("system."):
            continue
        count, total = 0, 0
        for document in documents_at(database, name, moment):
            count += 1
            total = (total + int.from_bytes(hashlib.sha256(document).digest(), "big")) % MODULUS
            if name in SETTLED:
                row = bson.decode(document)
                truth.settled.setdefault(name, {})[row["_id"]] = row
        truth.collections[name] = (count, total)
    return truth


def compare(wanted: Truth, found: Truth) -> list[str]:
    """Every difference that a restore must not make."""
    wrong = []
    for name in sorted({*wanted.collections, *found.collections}):
        one, other = wanted.collections.get(name), found.collections.get(name)
        if name in SETTLED:
            wrong += _compare_settled(name, wanted.settled.get(name, {}), found.settled.get(name, {}))
        elif one != other:
            wrong.append(f"{name}: {one and one[0]} documents before, {other and other[0]} after; or bytes differ")
    return wrong


def _compare_settled(name: str, before: dict[Any, Raw], after: dict[Any, Raw]) -> list[str]:
    if before.keys() != after.keys():
        return [f"{name}: {len(before.keys() ^ after.keys())} are there only once"]
    plain = _plain_user if name == "users" else _plain_delivery
    return [f"{name}: {key} differs" for key, row in before.items() if plain(row, row) != plain(after[key], row)]


def _plain_user(row: Raw, before: Raw) -> Raw:
    """Without the number that ends sessions, which must have risen."""
    rest = {key: value for key, value in row.items() if key != "session_epoch"}
    return rest | {"ended": row is before or row["session_epoch"] > before.get("session_epoch", 0) + 999}


def _plain_delivery(row: Raw, before: Raw) -> Raw:
    """One that was open: without what holding it changes, and held; any other as it is."""
    if before["state"] not in ("waiting", "retrying", "sending"):
        return row
    held = ("state", "error", "lease", "lease_until", "handed_on", "next_attempt_on", "queued_until")
    rest = {key: value for key, value in row.items() if key not in held}
    events = [event for event in row["history"] if event["outcome"] != "restored"]
    is_held = row is before or (row["state"] == "failed" and row["error"]["kind"] == "uncertain")
    return rest | {"history": events, "held": is_held}


def files_of(database: Database[Raw]) -> dict[tuple[str, Any], str]:
    """(bucket, key) -> SHA-256 of every file in GridFS, read as pages read it."""
    found = {}
    for name in database.list_collection_names(filter={"name": {"$regex": r"\.files$"}}):
        bucket = gridfs.GridFSBucket(database, name.removesuffix(".files"))
        for row in database[name].find({}, {"_id": 1}):
            with bucket.open_download_stream(row["_id"]) as file:
                found[name, row["_id"]] = hashlib.sha256(file.read()).hexdigest()
    return found


def certificates_of(database: Database[Raw]) -> dict[str, tuple[str, bool]]:
    """Fingerprints that stand in the database, each with whether computing it anew gives the same."""
    found = {}
    for given in database.certifications.find():
        where = {"round_code": given["round_code"], "lao_code": given["lao_code"]}
        found[given["_id"]] = (given["digest"], submissions_digest(database.submissions.find(where)) == given["digest"])
    rounds = {row["_id"]: row for row in database.rounds.find()}
    for row in database.submissions.find({"digest": {"$ne": None}}):
        anew = digest_of(row["school_code"], rounds[row["round_code"]])
        found[row["_id"]] = (row["digest"], anew == row["digest"])
    return found
