"""Pages of roster imports: sending a file, seeing what it would do, mending, applying and undoing it."""

from app.views.imports.run import RosterImportView

__all__ = ["RosterImportView"]
