"""A disk for the data folder that can be filled: a small file system of its own, where one may be mounted."""

from __future__ import annotations

import contextlib
import resource
import subprocess
from collections.abc import Iterable
from pathlib import Path

MEGABYTES = 48
FILLER = "filler"
BLOCK = b"\0" * 65536


class DataDisk:
    """Mounted at `folder` until it is closed. `mounted` is False where that is not permitted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0700", "lec-chaos", str(folder)]
        try:
            self.mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            self.mounted = False

    def fill(self, pids: Iterable[int] = ()) -> None:
        """Leave no byte free; without a disk of one's own the processes `pids` may write no byte to a file instead."""
        if not self.mounted:
            self._limit(pids, 0)
            return
        with contextlib.suppress(OSError), open(self.folder / FILLER, "ab", buffering=0) as file:
            while True:
                file.write(BLOCK)

    def empty(self, pids: Iterable[int] = ()) -> None:
        if not self.mounted:
            self._limit(pids, resource.RLIM_INFINITY)
            return
        (self.folder / FILLER).unlink(missing_ok=True)

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True, check=False)
            self.mounted = False

    def _limit(self, pids: Iterable[int], size: int) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
