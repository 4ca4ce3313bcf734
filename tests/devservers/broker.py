"""A Valkey that can be killed, frozen and started again under the same address, with or without its data."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from app.devservers.processes import Child
from app.devservers.valkey import find_valkey
from tests.devservers.running import free_port


class Broker:
    """One valkey-server on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.child: Child | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, seconds: float = 20) -> None:
        """Start it on the data that is there, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            *(find_valkey(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
            *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
        ]
        self.child = Child("valkey", command, self.folder.parent / "valkey.log")
        end = time.monotonic() + seconds
        with self.client() as client:
            while time.monotonic() < end:
                try:
                    client.ping()
                except redis.RedisError:
                    time.sleep(0.05)
                else:
                    return
        raise AssertionError(self.child.output())

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=5, decode_responses=True)

    def kill(self, data: bool = True) -> None:
        """kill -9, as a power cut would; without `data` its folder is lost too."""
        assert self.child is not None
        self.child.kill()
        if not data:
            shutil.rmtree(self.folder)

    def freeze(self) -> None:
        """It keeps its connections and answers nobody, as a stuck machine does."""
        assert self.child is not None
        os.kill(self.child.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.child is not None
        os.kill(self.child.pid, signal.SIGCONT)


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    server = Broker(folder)
    try:
        yield server
    finally:
        if server.child is not None:
            server.child.kill()
