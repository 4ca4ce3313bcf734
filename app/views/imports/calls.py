"""The services that the pages of imports call, by the names that the pages use."""

from importlib import import_module
from typing import Any

from app.services.imports.deciding import apply, cancel, undo
from app.services.imports.editing import answer, fix_row, leave_out, overrule, set_columns
from app.services.imports.uploading import start

__all__ = [
    "answer", "apply", "cancel", "fix_row", "leave_out", "overrule", "set_columns", "start", "undo", "write_accepted",
    "write_refused",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    return getattr(import_module("app.services.imports.results"), name)
