"""The command about indexes: `flask --app app indexes`."""

from __future__ import annotations

import click
import mongoengine
from flask.cli import with_appcontext

from app.cli_sentences import fail, in_sentences
from app.indexes import drop_undeclared, indexes

WORDS = {
    "declared": "ตามที่กำหนด / declared",
    "missing": "ยังไม่มี (สั่ง init) / missing: run init",
    "undeclared": "ไม่มีใครกำหนดแล้ว / undeclared",
    "different": "ตัวเลือกต่างจากที่กำหนด: ลบแล้วสั่ง init / other options: drop it, then run init",
}


@click.command("indexes")
@click.option("--drop-undeclared", "drop", is_flag=True, help="Drop those that no document declares; needs --yes.")
@click.option("--yes", is_flag=True, help="Really drop them.")
@with_appcontext
@in_sentences
def indexes_command(drop: bool, yes: bool) -> None:
    """List the indexes of LEC's collections: which are missing, no longer declared or different, and their sizes."""
    database = mongoengine.get_db()
    if drop and yes:
        for one in drop_undeclared(database):
            click.echo(f"ลบแล้ว / dropped  {one.collection}  {one.name}  {one.bytes:,} B")
        return
    for one in indexes(database):
        click.echo(f"{one.collection}  {one.name}  {one.bytes:,} B  {WORDS[one.standing]}")
    if drop:
        fail("ยังไม่ได้ลบ: สั่งอีกครั้งพร้อม --yes / Nothing was dropped: say it again with --yes.")
