"""A worker killed in the middle of reading, applying and undoing leaves what an undisturbed one leaves."""

import subprocess
import sys

import config


def test_an_import_whose_worker_is_killed_ends_as_an_undisturbed_one() -> None:
    """In a process of its own: it goes from one database to another."""
    command = [sys.executable, "-m", "tests.load.import_kills", "--rows", "3000", "--kills", "4", "--seed", "3"]
    ended = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, timeout=150)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "4 kills" in ended.stdout and "differences: none" in ended.stdout
