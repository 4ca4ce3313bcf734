"""The drill in small: a backup under writes, the end of the database, a restore, and nothing is missing."""

import subprocess
import sys

import pytest

import config


@pytest.mark.timeout(600)
def test_what_was_backed_up_under_writes_is_all_there_after_the_end() -> None:
    """In a process of its own: it goes from one database to another."""
    command = [sys.executable, "-m", "tests.load.drill", "--students", "6000", "--seed", "3"]
    ended = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, timeout=580)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "differences: none" in ended.stdout
