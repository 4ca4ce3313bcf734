"""The short chaos run: production's programs, everything fails once, nothing acknowledged is lost."""

from __future__ import annotations

import subprocess
import sys

import pytest

import config


@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_while_everything_fails() -> None:
    """In a process of its own, for it is an installation of its own. Most of its time is what a start takes."""
    options = ("--short", "--minutes", "0.75", "--events", "8", "--seed", "1")
    command = [sys.executable, "-m", "tests.load.chaos", *options]
    ended = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, timeout=880)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    assert "8 events in" in said and "differences: none, events not seen: none" in said
