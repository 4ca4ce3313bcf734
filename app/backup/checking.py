"""Looking through a whole backup without a database: every checksum, every bound, the manifest and its version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson.timestamp import Timestamp

from app.backup.container import open_for_reading
from app.backup.records import RecordReader, Section
from app.backup.refusals import damaged, newer_format, not_a_backup
from app.backup.sealing import Secret
from app.backup.versions import major_of
from app.errors import Problem

Raw = dict[str, Any]


@dataclass(frozen=True)
class Contents:
    """What a backup that is whole holds."""

    manifest: Raw
    sections: list[Section]
    encrypted: bool

    @property
    def documents(self) -> int:
        return sum(section.documents for section in self.sections)


@contextmanager
def reading(path: Path, secret: Secret | None) -> Iterator[tuple[RecordReader, bool]]:
    """The records of a backup and whether it is encrypted. Raises Problem where the file cannot be opened or read."""
    try:
        with path.open("rb") as file:
            opened = open_for_reading(file, secret)
            yield RecordReader(opened.stream), opened.encrypted
    except OSError as error:
        raise Problem(
            f"อ่านไฟล์ {path} ไม่ได้ ({error.strerror})", f"{path} cannot be read ({error.strerror})."
        ) from error


def check_file(path: Path, secret: Secret | None, schema: int) -> Contents:
    """Read the whole file; raises Problem on the first fault, or where its data are of a newer major version."""
    with reading(path, secret) as (records, encrypted):
        manifest = records.manifest
        check_manifest(manifest, schema)
        for _, batches in records.collections():
            for _ in batches:
                pass
    wanted = [row["name"] for row in manifest["collections"] if row["kind"] != "view"]
    if [section.name for section in records.sections] != wanted:
        raise damaged("รายชื่อข้อมูลไม่ครบ", "its collections are not those of its manifest")
    return Contents(manifest, records.sections, encrypted)


def check_manifest(manifest: Raw, schema: int) -> None:
    """Raise Problem on another product's file, an unreadable manifest, or data newer than major version `schema`."""
    if manifest.get("product") != "LEC":
        raise not_a_backup()
    rows, told = manifest.get("collections"), {"database": str, "lec": str, "mongodb": str, "cluster_time": Timestamp}
    if not all(isinstance(manifest.get(name), kind) for name, kind in told.items()):
        raise damaged("รายการต้นไฟล์ไม่ครบ", "its manifest lacks something")
    if not isinstance(rows, list) or not all(_is_collection(row) for row in rows):
        raise damaged("รายการข้อมูลอ่านไม่ได้", "its list of collections cannot be read")
    major = major_of(manifest.get("schema"))
    if major is None:
        raise damaged("ไม่พบรุ่นของข้อมูล", "it does not say which schema it has")
    if major > schema:
        raise newer_format()


def _is_collection(row: Any) -> bool:
    kinds = {"name": str, "kind": str, "options": dict, "indexes": list}
    return isinstance(row, dict) and all(isinstance(row.get(name), kind) for name, kind in kinds.items())
