"""Imports: the DLA's register of LAOs, and rosters from the files that schools really have."""

from app.services.imports.lao_register import ImportResult, import_laos

__all__ = ["ImportResult", "import_laos"]
