"""The command that lets jobs go on after a mend: `flask --app app resume-jobs`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli_sentences import fail, in_sentences
from app.services.halted_jobs import KINDS, halted_jobs, resume_job


@click.command("resume-jobs")
@click.argument("kind", type=click.Choice(list(KINDS)), required=False)
@click.argument("key", required=False)
@click.option("--all", "all_of_them", is_flag=True, help="Let every halted job go on.")
@with_appcontext
@in_sentences
def resume_jobs_command(kind: str | None, key: str | None, all_of_them: bool) -> None:
    """Let jobs go on that a mistake of the program has halted, after it was put right.

    Without arguments it lists them; KIND and KEY, or --all, let them go on where they stood.
    """
    if all_of_them:
        resumed = sum(resume_job(job.kind, job.key) for job in halted_jobs())
        click.echo(f"ให้ทำต่อแล้ว {resumed:,} งาน / {resumed:,} jobs go on.")
    elif kind and key:
        if not resume_job(kind, key):
            fail(f"ไม่มีงาน {kind} {key} ที่หยุดพักอยู่ / No {kind} {key} is halted.")
        click.echo("ให้ทำต่อแล้ว / It goes on.")
    else:
        _list()


def _list() -> None:
    found = halted_jobs()
    for job in found:
        click.echo(f"{job.kind:8} {job.key}  {job.error}  trace {job.trace}  {job.since:%Y-%m-%d %H:%M} UTC")
    if not found:
        click.echo("ไม่มีงานที่หยุดพัก / No job is halted.")
