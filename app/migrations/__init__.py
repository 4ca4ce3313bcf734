"""The form in which rows are stored: its version, and the ordered migrations from one to the next.

Rule of a change: first a version whose programs read both forms (a minor step: two versions may run side by side), then
the migration, and a version later the former form goes. Only a step that programs of the former major cannot live with
is a major one. docs/howto.md has the recipe.
"""

from app.migrations.admission import Admission, admit
from app.migrations.declared import MIGRATIONS
from app.migrations.state import BASE, Version, schema_version

__all__ = ["BASE", "MIGRATIONS", "Admission", "Version", "admit", "schema_version"]
