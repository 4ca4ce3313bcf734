"""The services that the pages of imports call, by the names that the pages use."""

from app.services.imports.deciding import apply, cancel, undo
from app.services.imports.editing import answer, fix_row, leave_out, overrule, set_columns
from app.services.imports.results import write_accepted, write_refused
from app.services.imports.uploading import start

__all__ = [
    "answer", "apply", "cancel", "fix_row", "leave_out", "overrule", "set_columns", "start", "undo", "write_accepted",
    "write_refused",
]  # fmt: skip
