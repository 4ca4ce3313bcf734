"""What the system must have is asked for before pip installs for minutes, by a Python that is there already."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("goal", "asks"), [("run", "run"), ("test", "test"), ("bench", "run"), ("bench-census", "run"), ("drill", "run")]
)
def test_system_packages_are_looked_for_before_pip_installs(goal: str, asks: str) -> None:
    order = ["make", "-n", "-j4", goal, "VENV=no-such-environment", "PYTHON=/usr/bin/system-python"]
    said = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    looks = said.index(f"PYTHON=/usr/bin/system-python scripts/system_packages.sh {asks}")
    assert looks < said.index("-m venv") < said.index("pip install")


def test_a_missing_libcurl_is_named_before_there_is_an_environment(tmp_path: Path) -> None:
    """With a Python that finds no library, and no account that may install one."""
    for name, lines in {"python3": "exit 1", "id": "echo 1000"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{lines}\n")
        (tmp_path / name).chmod(0o755)
    order = ["make", "run", f"VENV={tmp_path / 'env'}", f"PYTHON={tmp_path / 'python3'}"]
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")}
    ended = subprocess.run(order, cwd=ROOT, env=env, capture_output=True, text=True)
    assert ended.returncode != 0
    assert "install them first: sudo apt-get install --no-install-recommends libcurl4" in ended.stderr
    assert "Installing" not in ended.stdout
    assert not (tmp_path / "env").exists()
