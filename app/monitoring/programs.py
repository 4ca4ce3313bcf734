"""Where the counters of several processes lie: a folder for each running program, in it files by slot.

prometheus_client keeps a process's counters in files named after it, which the answer to a scrape adds up. Named by
process id they would pile up for ever where processes come and go by the hundred; here each process holds the
smallest free slot of its program by a lock that the kernel gives back, however the process ends, and goes on counting
in that slot's files. So counters never fall while a program runs, gauges of dead processes are told apart by the free
lock, and nothing has to be swept when a process was killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import shutil
import threading
from pathlib import Path
from typing import IO, Final

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which prometheus_client looks for the folder; a Gunicorn started by SIGUSR2 inherits it."""
RUNNING: Final = "running"
SLOT: Final = ".slot"
MEMORY: Final = Path("/dev/shm")  # noqa: S108 (a folder of our own in it)

_claiming = threading.Lock()
_program: IO[bytes] | None = None
_folder: Path | None = None


class _Slot:
    """The slot of this process; a forked child finds its parent's and takes one of its own."""

    pid = 0
    name = ""
    lock: IO[bytes] | None = None


def begin_program(name: str, base: Path) -> Path | None:
    """Let this process and those forked from it count in a folder of their own; before the first thing is counted.

    name: "web", "worker-mail"; `base` is made. Folders of programs that have ended are removed. Returns the folder;
    None where none can be written: then nothing is counted across processes, and the work goes on.
    """
    global _program, _folder
    inherited = Path(os.environ.get(FOLDER, ""))
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(base / "lock", "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if inherited.parent == base and (inherited / RUNNING).exists():
                folder = inherited
            else:
                _remove_ended(base)
                folder = base / f"{name}.{os.getpid()}"
                folder.mkdir(mode=0o700)
            _program = open(folder / RUNNING, "ab")  # noqa: SIM115 (held as long as the program runs)
            fcntl.flock(_program, fcntl.LOCK_SH)
    except OSError:
        os.environ.pop(FOLDER, None)
        return None
    os.environ[FOLDER], _folder = str(folder), folder
    _use_slots()
    return folder


def program_folder() -> Path | None:
    """Where this program counts; None for a process that counts alone, such as a command."""
    return _folder


def _use_slots() -> None:
    from prometheus_client import values

    values.ValueClass = values.MultiProcessValue(own_slot)


def own_slot() -> str:
    """The slot of this process in its program's folder: "0", "1", …; claimed at the first call."""
    if _Slot.pid != os.getpid():
        with _claiming:
            if _Slot.pid != os.getpid():
                _claim(Path(os.environ[FOLDER]))
    return _Slot.name


def _claim(folder: Path) -> None:
    for number in itertools.count():
        lock = open(folder / f"{number}{SLOT}", "ab")  # noqa: SIM115 (held as long as the process lives)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        for left in folder.glob(f"gauge_live*_{number}.db"):
            left.unlink()  # what the process before had in hand
        _Slot.pid, _Slot.name, _Slot.lock = os.getpid(), str(number), lock
        return


def counted_files(base: Path) -> dict[str, list[str]]:
    """Program name → the files that hold its counters, without gauges of processes that have ended."""
    found: dict[str, list[str]] = {}
    for folder in sorted(base.glob("*.*")):
        files = [path for path in folder.glob("*.db") if path.stat().st_size]
        alive = {path.name.removesuffix(SLOT) for path in folder.glob(f"*{SLOT}") if _is_held(path)}
        kept = [str(path) for path in files if not path.name.startswith("gauge_live") or _slot_of(path) in alive]
        found.setdefault(folder.name.rpartition(".")[0], []).extend(kept)
    return found


def _slot_of(path: Path) -> str:
    return path.stem.rpartition("_")[2]


def _is_held(lock: Path) -> bool:
    """Whether a living process holds a lock."""
    try:
        with open(lock, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _remove_ended(base: Path) -> None:
    for folder in base.glob("*.*"):
        try:
            with open(folder / RUNNING, "ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # it runs


def folder_of(data_dir: Path, chosen: Path | None) -> Path:
    """Where the programs of an installation on this machine count: `chosen`, or in memory where the machine has any.

    On a disk that is full, writing a counter would end the process; and what was counted need not outlive a restart.
    """
    if chosen is not None:
        return chosen
    if os.access(MEMORY, os.W_OK):
        return MEMORY / f"lec-{os.getuid()}-{hashlib.blake2b(str(data_dir).encode(), digest_size=6).hexdigest()}"
    return data_dir / "metrics"
