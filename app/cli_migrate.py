"""The command about the version of stored data: `flask --app app migrate`; `init` runs what is pending."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from mongoengine.connection import get_db
from pymongo.errors import OperationFailure

from app.cli_sentences import in_sentences
from app.errors import Problem
from app.migrations.declared import VERSION
from app.migrations.runner import Applied, pending_migrations, run_migrations, try_migrations
from app.migrations.schema import read_schema, schema_version, version_text


@click.command("migrate")
@click.option("--dry-run", is_flag=True, help="Try what is pending on a copy of the data it touches.")
@click.option("--run", "really", is_flag=True, help="Run what is pending, as `init` does.")
@with_appcontext
@in_sentences
def migrate_command(dry_run: bool, really: bool) -> None:
    """Say which version the stored data have and what is pending; try it on a copy, or run it."""
    if dry_run:
        _try()
    elif really:
        tell_applied(run_migrations(get_db()))
    else:
        _tell_status()


def tell_applied(applied: list[Applied]) -> None:
    """A line for each migration that was run."""
    for one in applied:
        numbers = ", ".join(f"{name} {rows:,}" for name, rows in one.counts.items())
        what = f"{one.migration.number:04} {one.migration.th} / {one.migration.en}"
        click.echo(f"{what} ({one.seconds:.1f} s) {numbers}".rstrip())


def _tell_status() -> None:
    database = get_db()
    stored = schema_version(database) or "–"
    click.echo(
        f"รุ่นของข้อมูล {stored} โปรแกรมใช้ {version_text(VERSION)} / Stored data {stored}, program {version_text(VERSION)}"
    )
    running = read_schema(database).get("running")
    if running:
        number = f"{running['number']:04}"
        click.echo(f"หยุดกลางทางที่ {number}: สั่ง init เพื่อทำต่อ / Stopped within {number}: init goes on.")
    pending = pending_migrations(database)
    for one in pending:
        click.echo(f"{one.number:04} {one.th} / {one.en}")
    if not pending:
        click.echo("ไม่มีอะไรต้องปรับ / Nothing is pending.")


def _try() -> None:
    try:
        trials = try_migrations(get_db())
    except OperationFailure as error:
        if error.code not in (13, 8000):  # not authorised
            raise
        raise Problem(
            "บัญชีของ MongoDB สร้างฐานข้อมูลสำหรับทดลองไม่ได้: ให้สิทธิ readWriteAnyDatabase ชั่วคราว หรือทดลองกับข้อมูลสำรองที่คืนไว้อีกแห่ง",
            "This account of MongoDB may not make a database for the trial: lend it readWriteAnyDatabase, or try it "
            "on a backup restored elsewhere.",
        ) from error
    tell_applied([one.applied for one in trials])
    for name in sorted({name for one in trials for name in one.partial}):
        click.echo(f"ทดลองกับบางส่วนของ {name} เท่านั้น / Only part of {name} was copied for the trial.")
    click.echo("ทดลองกับสำเนา ข้อมูลจริงไม่เปลี่ยน / A trial on a copy: the data are as they were.")
