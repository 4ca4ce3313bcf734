"""The commands of the terminal: `flask --app app init`, `import-laos`, `import-roster`, `create-admin` and more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app import db
from app.cli_backup import BACKUP_COMMANDS
from app.cli_check import check_command
from app.cli_imports import import_roster_command
from app.cli_indexes import indexes_command
from app.cli_jobs import resume_jobs_command
from app.cli_migrate import migrate_command, migrate_now
from app.cli_parked import parked_tasks_command
from app.cli_sentences import cannot_open, in_sentences
from app.services import accounts, imports
from app.services.submissions import open_round
from config import Settings


def init_cli(app: Flask) -> None:
    """Add the commands to `flask --app app`."""
    for command in (
        init_command, import_laos_command, create_admin_command, open_round_command, import_roster_command,
        resume_jobs_command, migrate_command, parked_tasks_command, indexes_command, check_command, *BACKUP_COMMANDS,
    ):  # fmt: skip
        app.cli.add_command(command)


def _security_manager() -> Any:
    return current_app.extensions["appbuilder"].sm


@click.command("init")
@with_appcontext
@in_sentences
def init_command() -> None:
    """Prepare the database: migrations, indexes, permissions, roles; in development the demo. Safe to repeat."""
    from app.services.findings import sync_rules
    from app.services.proclamations import apply_due
    from app.services.roles import sync_roles

    manager = _security_manager()
    migrate_now()
    db.ensure_indexes()
    manager.sync_permissions()
    sync_roles(manager)
    sync_rules()
    settings: Settings = current_app.extensions["lec_settings"]
    seeded = False
    if settings.demo:
        from app.demo.seed import seed

        seeded = seed(settings, manager)
    apply_due()
    click.echo("ฐานข้อมูลพร้อมใช้งาน / The database is ready.")
    if seeded:
        click.echo(f"บัญชีทดลองอยู่ใน {settings.data_dir}/demo_accounts.json / The demo accounts are there.")


@click.command("import-laos")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
@in_sentences
def import_laos_command(file: Path) -> None:
    """Load the DLA's register of LAOs from FILE (CSV, UTF-8)."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise cannot_open(file, error) from error
    result = imports.import_laos(raw)
    for remark in result.remarks:
        click.echo(f"บรรทัด {remark.line}: หมายเหตุ {remark.th}")
    for refusal in result.refused:
        column = f" คอลัมน์ {refusal.column}" if refusal.column else ""
        click.echo(f"บรรทัด {refusal.line}{column}: {refusal.th}")
    click.echo(
        f"เพิ่ม {result.new:,} · แก้ไข {result.changed:,} · เหมือนเดิม {result.unchanged:,} · ไม่รับ {len(result.refused):,} "
        f"(new, changed, unchanged, refused)"
    )
    if not result.new and not result.changed and result.accepted:
        click.echo("ไม่มีอะไรเปลี่ยน / Nothing changed.")
    if not result.accepted:
        sys.exit(1)


@click.command("create-admin")
@click.argument("username")
@with_appcontext
@in_sentences
def create_admin_command(username: str) -> None:
    """Make an administrator of the whole country and print the password, once."""
    made = accounts.create_account(_security_manager(), "dla", username, first_name="ผู้ดูแลระบบ", last_name=username)
    click.echo(f"ชื่อผู้ใช้ / User name: {made.username}")
    click.echo(f"รหัสผ่าน (แสดงครั้งเดียว) / Password, shown once: {made.password}")


@click.command("open-round")
@click.argument("code")
@with_appcontext
@in_sentences
def open_round_command(code: str) -> None:
    """Give every school that must report in round CODE (such as 2567-2) its submission. Safe to repeat."""
    opened = open_round(accounts.SYSTEM, code)
    click.echo(
        f"เปิดรอบ {code}: เพิ่ม {opened.created:,} แห่ง เป็นศูนย์ตามประกาศ {opened.zeros:,} แห่ง / "
        f"Round {code}: {opened.created:,} submissions added, {opened.zeros:,} of them zero by proclamation."
    )
