"""A few hundred files of the fuzzer on bytes; the full number is run by hand."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.bytes import REAL, copies, read, run
from tests.fuzz.mutations import seeds


def test_files_with_bad_bytes_give_rows_or_a_problem() -> None:
    outcome = run(300, seed=2567)
    assert outcome.faults == []
    assert sum(outcome.ends.values()) == 300 > REAL
    ends = {end.partition(": ")[2] for end in outcome.ends}
    assert "rows" in ends and len(ends) > 3
    assert outcome.growth < 60 * 1024


def test_the_copy_reads_what_a_new_interpreter_reads(tmp_path: Path) -> None:
    for name, data in seeds().items():
        path = tmp_path / name
        path.write_bytes(data)
        with copies():
            end = read(path)
        assert end == read(path)
