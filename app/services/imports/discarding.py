"""Taking back an import of which nothing was written: its rows, its schools, its file and the run itself."""

from __future__ import annotations

from app.documents.imports import ImportRow, ImportRun, ImportSchool
from app.services.imports.kept import remove_kept
from app.services.imports.uploading import files


def discard(run: ImportRun) -> bool:
    """Remove a run that wrote nothing and that nobody works on, with all that belongs to it; False where it is not one.

    For a trial at the terminal, which leaves nothing behind. The pages keep what was cancelled.
    """
    runs = ImportRun._get_collection()
    gone = runs.find_one_and_delete({"_id": run.pk, "applied": {"$in": [None, 0]}, "worker": None})
    if gone is None:
        return False
    ImportRow._get_collection().delete_many({"run": run.pk})
    ImportSchool._get_collection().delete_many({"run": run.pk})
    remove_kept(run.pk)
    if gone.get("file") is not None:
        files().delete(gone["file"])
    return True
