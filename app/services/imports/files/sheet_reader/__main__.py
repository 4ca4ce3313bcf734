"""A program of its own that reads a roster file and writes its cells as lines of JSON.

Started as `python -I <this folder> FILE LIMITS`. A file of a few thousand bytes can ask for any amount of memory or
time, and a fault in a parser may end its process. So it has a process that may end, with limits set before the file is
touched. It uses the standard library and python_calamine alone, starts nothing, writes no file and opens none but the
one it is given.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[5]

OUTSIDE = (
    "app", "app.services", "app.services.imports", "app.services.imports.files", "app.rules", "app.rules.imports",
)  # fmt: skip


def bare(name: str) -> None:
    """A package under its name without what its `__init__` would import: the database, the web."""
    package = ModuleType(name)
    package.__path__ = [str(ROOT.joinpath(*name.split(".")))]
    sys.modules[name] = package


if __name__ == "__main__":
    for one in OUTSIDE:
        bare(one)
    from app.services.imports.files.sheet_reader.program import main

    main()
