"""The command that tries every server before a start or in the night: `flask --app app check`."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import click
from flask import current_app
from flask.cli import with_appcontext

from app.checking.database import check_database
from app.checking.lines import Line, without_secrets
from app.checking.others import check_folder, check_mail, check_queue, check_settings
from config import Settings

Check = Callable[[Settings], list[Line]]
CHECKS: dict[str, Check] = {
    "MongoDB": check_database, "Valkey": check_queue, "Mail": check_mail, "Data folder": check_folder,
    "Settings": check_settings,
}  # fmt: skip
WHOLE_SECONDS = 18.0
WORDS = {"ok": "ปกติ / ok", "warning": "ควรดู / warning", "mend": "ต้องแก้ / MUST BE MENDED"}


@click.command("check")
@with_appcontext
def check_command() -> None:
    """Try MongoDB, Valkey, workers, the mail server and the data folder; ends with 1 where something must be mended."""
    settings: Settings = current_app.extensions["lec_settings"]
    lines = tried(settings, WHOLE_SECONDS)
    width = max(len(line.subject) for line in lines)
    for line in lines:
        click.echo(without_secrets(settings, f"{line.subject:<{width}}  {WORDS[line.standing]}  {line.seen}"))
        if line.remedy:
            click.echo(without_secrets(settings, f"{'':<{width}}    → {line.remedy}"))
    if any(line.standing == "mend" for line in lines):
        sys.exit(1)


def tried(settings: Settings, seconds: float, checks: dict[str, Check] | None = None) -> list[Line]:
    """The lines of all checks, side by side; one that has not ended after `seconds` is left behind and named."""
    checks = CHECKS if checks is None else checks
    found: dict[str, list[Line]] = {}
    threads = [
        threading.Thread(target=_try, args=(name, check, settings, found), daemon=True)
        for name, check in checks.items()
    ]
    until = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = f"ไม่เสร็จใน {seconds:.0f} วินาที / did not end within {seconds:.0f} s"
    remedy = "ตรวจเครื่องแม่ข่ายและเครือข่าย / look at the server and the network"
    return [line for name in checks for line in found.get(name, [Line(name, "mend", late, remedy)])]


def _try(name: str, check: Check, settings: Settings, found: dict[str, list[Line]]) -> None:
    try:
        found[name] = check(settings)
    except Exception as error:  # a check that fails must not hide the others; its text may hold values
        remedy = "แจ้งผู้พัฒนา / tell the developers"
        found[name] = [Line(name, "mend", f"ตรวจไม่ได้ / could not be checked ({type(error).__name__})", remedy)]
