"""The command that imports a roster in the foreground: `flask --app app import-roster FILE --school CODE`."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.cli_sentences import cannot_open, fail, in_sentences
from app.documents.imports import ImportRow, ImportRun, ImportSchool
from app.enums import ImportDeed, ImportState
from app.errors import Problem
from app.fabmongo.security.models import User
from app.rules.imports import fields, questions
from app.services.accounts import SYSTEM
from app.services.imports import deciding, editing, uploading
from app.services.imports.discarding import discard
from app.services.imports.working import WORKING, work

WRITES = (ImportDeed.NEW, ImportDeed.CHANGED, ImportDeed.MOVED)
WAIT = 0.3
"""Seconds between two looks at an import that another worker has taken."""


@click.command("import-roster")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--school", metavar="CODE", help="The school whose roster the file is.")
@click.option("--lao", metavar="CODE", help="The LAO to whose schools the rows belong; each row names its school.")
@click.option("--layout", metavar="CODE", help="Read the file as this layout.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; nothing is written or kept.")
@click.option("--reason", metavar="TEXT", help="Why, where a round asks for a reason.")
@click.option("--answer", "answers", multiple=True, metavar="KEY=VALUE", help="Answer a question about the file.")
@click.option("--as", "username", metavar="USERNAME", help="Act as this person, inside that person's area.")
@with_appcontext
@in_sentences
def import_roster_command(
    file: Path, school: str | None, lao: str | None, layout: str | None, dry_run: bool, reason: str | None,
    answers: tuple[str, ...], username: str | None,
) -> None:  # fmt: skip
    """Import a roster from FILE (xlsx, xls, ods, csv, OneRoster zip) for a school or the schools of an LAO.

    Prints what becomes of the rows and why some are refused. Ends with 1 where nothing of the file can be taken,
    where a question is open, or where the roster changed meanwhile.
    """
    actor = _person(username)
    given = dict(_pair(answer) for answer in answers)
    try:
        with file.open("rb") as data:
            run = uploading.start(actor, file.name, data, school=school, lao=lao, layout=layout, reason=reason)
    except OSError as error:
        raise cannot_open(file, error) from error
    try:
        taken = _import(actor, run, given, dry_run, reason)
    finally:
        discard(run)  # whatever was written keeps its run
    if not taken:
        sys.exit(1)


def _person(username: str | None) -> Any:
    if username is None:
        return SYSTEM
    person = User.objects(username=username).first()
    if person is None:
        raise Problem(f"ไม่พบบัญชี {username}", f"There is no account {username}.")
    return person


def _pair(answer: str) -> tuple[str, str]:
    key, sign, value = answer.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise Problem(
            f"คำตอบ “{answer}” ต้องเขียนเป็น KEY=VALUE", f"The answer “{answer}” must be written as KEY=VALUE.", "answer"
        )
    return key.strip(), value.strip()


def _import(actor: Any, run: ImportRun, given: dict[str, str], dry_run: bool, reason: str | None) -> bool:
    """Preview, answer, apply; whether anything of the file was, or would be, taken."""
    _finish(run)
    mine = {one.key: given[one.key] for one in run.questions if one.key in given}
    if run.state is ImportState.PREVIEW and mine:
        editing.answer(actor, run, mine)
        _finish(run)
    _refuse_unless_previewed(run)
    _tell(run)
    if _open_questions(run):
        return False
    numbers = {deed: run.numbers.get(deed.value, 0) for deed in ImportDeed}
    to_write = sum(numbers[deed] for deed in WRITES)
    if dry_run:
        click.echo("ทดลองเท่านั้น ยังไม่ได้บันทึก / A trial: nothing was written.")
    elif to_write:
        deciding.apply(actor, run, reason)
        _finish(run)
        return _tell_applied(run)
    if not to_write and numbers[ImportDeed.UNCHANGED]:
        click.echo("ไม่มีอะไรต้องบันทึก ทะเบียนตรงกับไฟล์แล้ว / Nothing to write: the roster is as the file says.")
    return bool(to_write or numbers[ImportDeed.UNCHANGED])


def _finish(run: ImportRun) -> None:
    """Work on the run, or watch whoever does, until it waits for people again."""
    run.reload()
    with _progress(run):
        while run.state in WORKING:
            if work(str(run.pk)) is None:
                time.sleep(WAIT)
            run.reload()
            if run.fault:
                raise _halted(run)


def _halted(run: ImportRun) -> Problem:
    trace = run.fault.get("trace")
    return Problem(
        f"โปรแกรมทำงานผิดพลาดเอง งานหยุดพักไว้ ดูหมายเลข {trace} ในบันทึกของระบบ",
        f"A mistake of the program halted the import; look for {trace} in the log.",
    )


@contextmanager
def _progress(run: ImportRun) -> Iterator[None]:
    """A line that says how far the run is, where somebody is looking."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(run.pk, done), daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()
        click.echo("\r\x1b[K", nl=False, err=True)


def _watch(key: Any, done: threading.Event) -> None:
    names = {"state": 1, "progress_done": 1, "progress_total": 1}
    while not done.wait(WAIT):
        row = ImportRun._get_collection().find_one({"_id": key}, names) or {}
        state, total = ImportState(row.get("state", ImportState.READING)), row.get("progress_total") or 0
        share = f" {row.get('progress_done') or 0:,}/{total:,}" if total else ""
        click.echo(f"\r\x1b[K{state.th} / {state.en}{share}", nl=False, err=True)


def _refuse_unless_previewed(run: ImportRun) -> None:
    if run.state is ImportState.PREVIEW:
        return
    if run.state is ImportState.MAPPING:
        raise Problem(
            "ไม่รู้จักรูปแบบของไฟล์นี้ โปรดส่งไฟล์ในหน้า “นำเข้าทะเบียน” แล้วเลือกคอลัมน์ บันทึกเป็นรูปแบบไว้ใช้ครั้งต่อไปได้",
            "The layout of this file is unknown. Upload it on the page “Import rosters” and choose its columns; "
            "they can be saved as a layout for the next time.",
        )
    raise Problem(run.error_th or run.state.th, run.error_en or run.state.en)


def _tell(run: ImportRun) -> None:
    """Print the refused rows with their reasons, and the numbers."""
    sheets = {sheet.index: sheet.name for sheet in run.sheets}
    where = {"run": run.pk, "deed": ImportDeed.REFUSED.value}
    for row in ImportRow._get_collection().find(where, {"sheet": 1, "row": 1, "troubles": 1}).sort("n", 1):
        sheet = f"แผ่นงาน {sheets.get(row.get('sheet'), '')} " if len(sheets) > 1 else ""
        for trouble in row.get("troubles") or [{}]:
            label = f" คอลัมน์ {fields.label(trouble['field'])[0]}" if trouble.get("field") else ""
            click.echo(f"{sheet}แถว {row.get('row')}{label}: {trouble.get('th', '')} / {trouble.get('en', '')}")
    for school in _refused_schools(run):
        click.echo(f"{school.get('name') or school['school_code']}: {school['error_th']} / {school['error_en']}")
    shown = " · ".join(f"{deed.th} {run.numbers.get(deed.value, 0):,}" for deed in ImportDeed)
    click.echo(f"{shown} ({', '.join(deed.value for deed in ImportDeed)})")


def _refused_schools(run: ImportRun) -> list[dict[str, Any]]:
    where = {"run": run.pk, "error_th": {"$nin": [None, ""]}}
    return list(ImportSchool._get_collection().find(where).sort("_id", 1))


def _open_questions(run: ImportRun) -> bool:
    """Print the questions that nobody has answered; whether there are any."""
    waiting = [one for one in run.questions if one.key not in (run.answers or {})]
    for one in waiting:
        kind = questions.KINDS[one.kind]
        choice = "|".join(value for value, _, _ in kind.options) or "dd/mm/yyyy"
        click.echo(f"{kind.th} / {kind.en}", err=True)
        click.echo(f"  --answer {one.key}={choice}", err=True)
    return bool(waiting)


def _tell_applied(run: ImportRun) -> bool:
    if run.state is not ImportState.APPLIED:
        if run.again:
            fail(
                f"ทะเบียนเปลี่ยนไประหว่างการนำเข้า {run.again:,} แถวยังไม่ได้บันทึก โปรดตรวจอีกครั้งในหน้า “นำเข้าทะเบียน” / "
                f"The roster changed meanwhile: {run.again:,} rows were not written. Look at them on its page."
            )
        raise Problem(run.error_th or run.state.th, run.error_en or run.state.en)
    for school in _refused_schools(run):
        click.echo(f"{school.get('name') or school['school_code']}: {school['error_th']} / {school['error_en']}")
    click.echo(f"บันทึกแล้ว {run.applied:,} แถว / {run.applied:,} rows written.")
    return bool(run.applied)
