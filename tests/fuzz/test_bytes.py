"""A few hundred files of the fuzzer on bytes; the full number is run by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.fuzz.bytes import REAL

FILES = 300
ROOT = Path(__file__).parents[2]


def test_files_with_bad_bytes_give_rows_or_a_problem(tmp_path: Path) -> None:
    """In a process of its own: copies of one that has threads may wait forever for locks that nobody holds in them."""
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.bytes",
        "--files",
        str(FILES),
        "--seed",
        "2567",
        "--json",
        str(tmp_path),
    ]
    outcome = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    assert outcome["faults"] == []
    assert sum(outcome["ends"].values()) == FILES > REAL
    ends = {end.partition(": ")[2] for end in outcome["ends"]}
    assert "rows" in ends and len(ends) > 3
    assert outcome["growth"] < 60 * 1024
    assert outcome["misread"] == []
