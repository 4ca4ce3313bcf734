"""Imports: the DLA's register of LAOs, and rosters from the files that schools really have."""

from app.services.imports.deciding import apply, cancel, undo
from app.services.imports.lao_register import ImportResult, import_laos
from app.services.imports.sweeping import sweep
from app.services.imports.working import work, work_in_turn

__all__ = ["ImportResult", "apply", "cancel", "import_laos", "sweep", "undo", "work", "work_in_turn"]
