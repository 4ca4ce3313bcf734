"""The command about the form of the stored rows: `flask --app app migrate`."""

from __future__ import annotations

from typing import Any

import click
import mongoengine
from flask.cli import with_appcontext
from pymongo.errors import OperationFailure

from app.cli_sentences import in_sentences
from app.errors import Problem
from app.migrations.declared import MIGRATIONS, newest, pending
from app.migrations.running import run_pending
from app.migrations.state import state, version_in
from app.migrations.trying import try_pending
from app.monitoring.version import version

NOT_AUTHORISED = (13, 8000)
"""MongoDB's error codes, its own and Atlas's."""


def migrate_now() -> None:
    """Run what is still to run, saying each step; `flask init` does it too."""
    run_pending(mongoengine.get_db(), version(), click.echo)


@click.command("migrate")
@click.option("--dry-run", is_flag=True, help="Try what is still to run on a copy, and say what it would change.")
@click.option("--run", "run_it", is_flag=True, help="Run what is still to run.")
@with_appcontext
@in_sentences
def migrate_command(dry_run: bool, run_it: bool) -> None:
    """Say in which form the database is, what was done to it and what is still to run. Changes nothing by itself."""
    database = mongoengine.get_db()
    if dry_run:
        _try(database)
    elif run_it:
        migrate_now()
        click.echo("ฐานข้อมูลเป็นรูปแบบล่าสุดแล้ว / The database is up to date.")
    else:
        _status(state(database))


def _try(database: Any) -> None:
    try:
        tried = try_pending(database, version(), click.echo)
    except OperationFailure as error:
        if error.code not in NOT_AUTHORISED:
            raise
        raise Problem(
            "บัญชีของ MongoDB สร้างฐานข้อมูลสำหรับทดลองไม่ได้: ให้สิทธิ readWriteAnyDatabase ชั่วคราว "
            "หรือทดลองกับข้อมูลสำรองที่คืนไว้อีกแห่ง",
            "This account of MongoDB may not make a database for the trial: lend it readWriteAnyDatabase, or try it "
            "on a backup restored elsewhere.",
        ) from error
    for one in tried:
        click.echo(f"{one.name}: จะเปลี่ยน {one.changed:,} รายการ / would change {one.changed:,} (of {one.before:,})")
    if not tried:
        click.echo("ไม่มีอะไรต้องทำ / Nothing is to run.")
    click.echo("ทดลองบนสำเนาและลบสำเนาแล้ว ข้อมูลจริงไม่เปลี่ยน / Tried on a copy, which is gone; nothing was changed.")


def _status(stored: dict[str, Any]) -> None:
    theirs = version_in(stored)
    click.echo(f"รูปแบบข้อมูล / schema {theirs} · โปรแกรมนี้ / this program: {newest()} (LEC {version()})")
    for entry in stored.get("applied", ()):
        click.echo(
            f"  ทำแล้ว / done     {entry['name']}  {entry['finished_on']:%Y-%m-%d %H:%M:%S} UTC  "
            f"{entry['changed']:,}  LEC {entry['app_version']}"
        )
    known = {migration.name for migration in MIGRATIONS}
    for name in [entry["name"] for entry in stored.get("applied", ()) if entry["name"] not in known]:
        click.echo(f"  รุ่นใหม่กว่า / newer  {name}")
    if running := stored.get("running"):
        click.echo(f"  ค้างอยู่ / under way {running['name']}  {running['changed']:,}")
    if lease := stored.get("lease"):
        click.echo(f"  ถือโดย / held by  {lease['machine']}  until {lease['until']:%H:%M:%S} UTC")
    for migration in pending(stored):
        click.echo(f"  ยังไม่ทำ / to run   {migration.name}: {migration.th} / {migration.en}")
    if not pending(stored):
        click.echo("  ไม่มีอะไรต้องทำ / nothing is to run")
