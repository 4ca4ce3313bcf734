"""One demo account a role, with random passwords in a file that only its owner can read."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

from app.demo.pak_thong_chai import DISTRICT, PROVINCE
from app.demo.schools import HOME, school_code
from app.services.accounts import AccountStore, NewAccount, renew_account

FILE = "demo_accounts.json"

_AREAS = {"dla": "", "province": PROVINCE, "district": DISTRICT, "lao": HOME, "school": school_code(HOME, 1)}
"""Role, which is the user name too -> code of its area."""


def make_accounts(store: AccountStore, data_dir: Path) -> None:
    """Make the accounts, or give those that exist new passwords, and write <data_dir>/demo_accounts.json (0600)."""
    made = [renew_account(store, role, role, code) for role, code in _AREAS.items()]
    _write(data_dir / FILE, made)


def _write(path: Path, accounts: list[NewAccount]) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump([dataclasses.asdict(account) for account in accounts], file, ensure_ascii=False, indent=2)
        file.write("\n")
    draft.replace(path)
