"""What a bare copy takes on the same machine: every document read into a file, and inserted again."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import Any

from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

Raw = dict[str, Any]


def bare_copy(database: Database[Raw], folder: Path) -> float:
    """Seconds of reading all documents raw into files, one a collection, uncompressed and unchecked."""
    began = time.monotonic()
    folder.mkdir()
    for name in database.list_collection_names():
        if not name.startswith("system."):
            with (folder / name).open("wb") as file:
                for batch in database[name].find_raw_batches({}):
                    file.write(batch)
    return time.monotonic() - began


def bare_insert(database: Database[Raw], folder: Path) -> float:
    """Seconds of inserting the files' documents, without an index or a check."""
    began = time.monotonic()
    raw: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
    for path in folder.iterdir():
        with path.open("rb") as file:
            rows = decode_file_iter(file, raw)
            while batch := list(islice(rows, 10_000)):
                database[path.name].insert_many(batch, ordered=False)
    return time.monotonic() - began
