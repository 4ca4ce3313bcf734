"""Looks at processes through /proc: a bare Debian has no ps and no pgrep."""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie that waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def with_variable(assignment: str) -> dict[int, str]:
    """pid -> command line of every living process whose environment holds `assignment` ("NAME=value")."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if assignment.encode() in (folder / "environ").read_bytes().split(b"\0") and alive(int(folder.name)):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # ended meanwhile, or another user's
            continue
    return found


def tcp_sockets(pid: int) -> set[str]:
    """The inodes of the TCP sockets that the process holds."""
    held = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            held.add(str(link.readlink()))
    tables = [Path(f"/proc/{pid}/net/{name}") for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    return {fields[9] for fields in lines if f"socket:[{fields[9]}]" in held}


def wait_gone(pids: Iterable[int], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    left = list(pids)
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [pid for pid in left if alive(pid)]
    return not left
