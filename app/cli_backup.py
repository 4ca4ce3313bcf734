"""The commands `flask --app app backup`, `restore`, `verify-backup` and `release-deliveries`."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from mongoengine.connection import get_db
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from app.backup.checking import check_file
from app.backup.making import Made, Order, file_name, make_backup
from app.backup.restoring import Restored, restore
from app.backup.sealing import Secret, read_secret
from app.backup.snapshot import UNAUTHORIZED, no_right
from app.backup.versions import about
from app.cli_sentences import (
    cannot_open,
    in_sentences,
    in_sentences_during_restore,
    in_sentences_without_database,
)
from app.errors import Problem
from app.migrations.declared import newest
from app.migrations.state import schema_version
from app.monitoring.version import version
from app.services.notices.holding import release_held_deliveries
from app.services.restored import Settled, settle
from config import Settings

ANSWER_WITHIN_MS = 15_000
_key_file = click.option(
    "--key-file", type=click.Path(path_type=Path), help="File with the key; else LEC_BACKUP_KEY is taken."
)
_unencrypted = click.option(
    "--unencrypted", is_flag=True, help="The file was made without a key: take it although there is a key now."
)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Folder; the file is named by database and time.")
@_key_file
@click.option("--history", type=click.IntRange(1, 86_400), metavar="SECONDS", help="Let MongoDB keep so much history.")
@click.option("--leave-out", multiple=True, metavar="COLLECTION", help="Leave this collection out.")
@with_appcontext
@in_sentences
def backup_command(
    file: Path | None, folder: Path | None, key_file: Path | None, history: int | None, leave_out: tuple[str, ...]
) -> None:
    """Write the whole database, as it is at one moment, to FILE or into a folder, while people work on.

    The settings (SECRET_KEY above all) and the key are not in it: keep them elsewhere.
    """
    settings = _settings()
    if (file is None) == (folder is None):
        raise Problem("ระบุ FILE หรือ --to FOLDER อย่างใดอย่างหนึ่ง", "Give either FILE or --to FOLDER.")
    target = file if folder is None else folder / file_name(settings.database_name, datetime.now(UTC))
    assert target is not None
    secret = _secret(settings, key_file)
    if secret is None:
        _tell(
            "ไม่ได้เข้ารหัส: ไฟล์มีเลขประจำตัวประชาชนทั้งหมด เก็บให้ปลอดภัย หรือกำหนด LEC_BACKUP_KEY / "
            "Not encrypted: the file holds every ID number. Guard it, or set LEC_BACKUP_KEY."
        )
    made_by = about(version(), schema_version(get_db()))
    with _client(settings) as client:
        order = Order(settings.database_name, target, secret, made_by, history, frozenset(leave_out))
        made = make_backup(client, order, _tell)
    click.echo(_made(made))


def _made(made: Made) -> str:
    at = made.cluster_time.as_datetime()
    return (
        f"สำรองข้อมูลแล้ว / Backed up: {made.path} · {made.bytes / 1e6:,.1f} MB · {made.seconds:.1f} s · "
        f"{made.documents:,} documents of {made.collections} collections, {made.files:,} files · "
        f"as of {at:%Y-%m-%d %H:%M:%S} UTC · memory {_peak():,.0f} MB · SHA-256 {made.sha256}"
    )


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@_key_file
@_unencrypted
@with_appcontext
@in_sentences_during_restore
def restore_command(file: Path, key_file: Path | None, unencrypted: bool) -> None:
    """Restore FILE into the empty database that MONGODB_URI names; nothing of what is there is ever overwritten.

    The whole file is checked before the first write. If this is broken off, the database stays shut; run it again.
    Afterwards everybody signs in anew, and letters that were not sent in the backup wait for `release-deliveries`.
    """
    settings, settled = _settings(), list[Settled]()

    def after(manifest: dict[str, Any]) -> None:
        settled.append(settle(manifest["cluster_time"].as_datetime()))

    secret = None if unencrypted else _secret(settings, key_file)
    with _client(settings) as client:
        done = restore(client, settings.database_name, file, secret, newest().major, after, _tell)
    click.echo(_restored(done))
    _tell_settled(settled[0])
    click.echo("สั่ง flask --app app init ก่อนเปิดระบบ / Run `flask --app app init` before the service starts.")


def _tell_settled(settled: Settled) -> None:
    click.echo(
        f"ทุกคนต้องเข้าสู่ระบบใหม่ ({settled.people:,} บัญชี) / Everybody signs in anew ({settled.people:,} accounts)."
    )
    if settled.deliveries:
        click.echo(
            f"หนังสือ {settled.deliveries:,} ฉบับที่ยังไม่ส่งในข้อมูลสำรองถูกพักไว้ เพราะอาจส่งไปแล้ว: ตรวจสอบแล้วสั่ง "
            f"release-deliveries / {settled.deliveries:,} deliveries that were open in the backup are held, for "
            "they may have gone out since: look at them, then run `flask --app app release-deliveries`."
        )


def _restored(done: Restored) -> str:
    manifest = done.contents.manifest
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in done.parts.items())
    at = manifest["cluster_time"].as_datetime()
    return (
        f"กู้คืนแล้ว / Restored: {done.contents.documents:,} documents of {len(done.contents.sections)} collections as of "
        f"{at:%Y-%m-%d %H:%M:%S} UTC · {done.seconds:.1f} s ({parts}) · every byte compared · "
        f"memory {_peak():,.0f} MB"
    )


def _peak() -> float:
    """The most memory that this process has had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@click.command("verify-backup")
@click.argument("file", type=click.Path(path_type=Path))
@_key_file
@_unencrypted
@with_appcontext
@in_sentences_without_database
def verify_backup_command(file: Path, key_file: Path | None, unencrypted: bool) -> None:
    """Read the whole of FILE without a database: every checksum, the key, the version."""
    secret = None if unencrypted else _secret(_settings(), key_file)
    contents = check_file(file, secret, newest().major)
    manifest = contents.manifest
    at = manifest["cluster_time"].as_datetime()
    click.echo(
        f"ไฟล์ครบถ้วน / The backup is whole: {contents.documents:,} documents of {len(contents.sections)} collections "
        f"of {manifest['database']} as of {at:%Y-%m-%d %H:%M:%S} UTC · LEC {manifest['lec']}, "
        f"data {manifest['schema'] or '-'}, MongoDB {manifest['mongodb']} · "
        f"{'encrypted' if contents.encrypted else 'not encrypted'}"
    )


@click.command("release-deliveries")
@with_appcontext
@in_sentences
def release_deliveries_command() -> None:
    """Send what a restore holds: letters that were open in the backup and may have gone out since."""
    count = release_held_deliveries()
    click.echo(f"ปล่อยหนังสือ {count:,} ฉบับเข้าคิวส่ง / {count:,} deliveries are on their way.")


@click.command("settle-restored")
@click.option("--as-of", type=click.DateTime(), required=True, help="The moment the database was set back to, UTC.")
@with_appcontext
@in_sentences
def settle_restored_command(as_of: datetime) -> None:
    """What `restore` does at its end, for a database that mongorestore or a snapshot brought back."""
    _tell_settled(settle(as_of))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["lec_settings"]
    return settings


def _secret(settings: Settings, key_file: Path | None) -> Secret | None:
    """The key that was given, by file before by environment; None without one."""
    if key_file is None:
        return read_secret(settings.backup_key.encode()) if settings.backup_key else None
    try:
        return read_secret(key_file.read_bytes())
    except OSError as error:
        raise cannot_open(key_file, error) from error


@contextmanager
def _client(settings: Settings) -> Iterator[MongoClient[dict[str, Any]]]:
    """A connection without the short limits of the web: one command may take minutes here."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.mongodb_uri, serverSelectionTimeoutMS=ANSWER_WITHIN_MS, appname="lec-backup", maxPoolSize=2
    )
    with client:
        try:
            yield client
        except OperationFailure as error:
            if error.code == UNAUTHORIZED:
                raise no_right() from error
            raise


def _tell(line: str) -> None:
    click.echo(line, err=True)


BACKUP_COMMANDS = (
    backup_command, restore_command, verify_backup_command, settle_restored_command, release_deliveries_command,
)  # fmt: skip
