"""The command about tasks that wait for another version: `flask --app app parked-tasks`."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext
from kombu.exceptions import OperationalError
from redis import RedisError

from app.cli_sentences import fail, in_sentences
from app.parked import drop_parked, parked_tasks


@click.command("parked-tasks")
@click.option("--drop", is_flag=True, help="Forget them all, as after a rollback; sweeps queue what is still to do.")
@with_appcontext
@in_sentences
def parked_tasks_command(drop: bool) -> None:
    """List the tasks that a worker put back since its version of LEC does not know them; a newer one takes them."""
    celery = current_app.extensions["celery"]
    try:
        if drop:
            dropped = drop_parked(celery)
            click.echo(f"ลบแล้ว {dropped:,} งาน / {dropped:,} tasks dropped.")
            return
        found = parked_tasks(celery)
    except (OperationalError, RedisError, OSError) as error:
        fail(f"ระบบคิวงานไม่ตอบ / The queue does not answer ({type(error).__name__}).")
    for task in found:
        since = datetime.fromtimestamp(task.since, UTC)
        shown = ", ".join(str(value) for value in task.args)
        click.echo(f"{task.name}({shown})  {task.why}  {task.times:,}×  {since:%Y-%m-%d %H:%M:%S} UTC")
    if not found:
        click.echo("ไม่มีงานที่รอรุ่นอื่น / No task waits for another version.")
