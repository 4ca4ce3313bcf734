"""Starts everything LEC needs on one machine, watches it, and stops it in order."""

import contextlib
import dataclasses
import json
import os
import signal
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

import config
from app.devservers.guards import answers_ready, lock_data_folder, refuse_busy_port
from app.devservers.mongo import EmbeddedMongo
from app.devservers.processes import wait_until
from app.devservers.services import Service, child_environment, ended, initialise, services
from app.devservers.valkey import EmbeddedValkey
from app.errors import Problem

READY_SECONDS = 60
WATCH_SECONDS = 0.5


class StopRequested(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM; not an Exception, so that nothing on the way swallows it."""


def run(settings: config.Settings) -> int:
    """Run LEC until it is told to stop. Returns 0 after Ctrl-C or SIGTERM, 1 after saying in one sentence why."""
    _on_signals(_request_stop)
    stack = Stack(settings)
    try:
        stack.start()
        stack.watch()
    except StopRequested:
        return 0
    except (Problem, config.ConfigError) as problem:
        say(problem.th, problem.en)
        return 1
    finally:
        _on_signals(signal.SIG_IGN)  # an impatient second Ctrl-C must not leave half of the children
        stack.stop()


class Stack:
    """The lock on the data folder, the embedded servers and LEC's own programs."""

    def __init__(self, settings: config.Settings) -> None:
        self.settings = settings
        self.log_folder = settings.data_dir / "log"
        self.mongo: EmbeddedMongo | None = None
        self.valkey: EmbeddedValkey | None = None
        self.services: list[Service] = []
        self._lock: TextIO | None = None

    def start(self) -> None:
        """Start all and say when it is ready. Raises Problem or ConfigError with the sentence for the person."""
        self._lock = lock_data_folder(self.settings.data_dir)
        refuse_busy_port(self.settings.port)
        say("กำลังเริ่ม LEC …", "Starting LEC …")
        self._start_servers()
        env = child_environment(self.settings)
        initialise(self.log_folder, env)
        self.services = services(self.settings, self.log_folder, env)
        for service in self.services:
            service.launch()
        self._wait_ready()
        self._announce()

    def watch(self) -> NoReturn:
        """Look after the children until a signal comes. Raises Problem when one that must not end has ended."""
        while True:
            time.sleep(WATCH_SECONDS)
            self._check()

    def stop(self) -> None:
        """Stop web, beat, workers, Valkey, MongoDB, in this order; leaves no process."""
        for service in reversed(self.services):
            service.stop()
        for server in (self.valkey, self.mongo):
            if server is not None:
                server.stop()
        if self._lock is not None:
            (self.settings.data_dir / config.RUNNING_SERVERS).unlink(missing_ok=True)
            self._lock.close()

    def _start_servers(self) -> None:
        """Embed what has no address yet: both start at the same time, then both are waited for."""
        if not self.settings.mongodb_uri:
            self.mongo = EmbeddedMongo(self.settings.data_dir / "mongo", log=self.log_folder / "mongod.log")
            self.mongo.launch()
        if not self.settings.redis_url:
            self.valkey = EmbeddedValkey(self.settings.data_dir / "valkey", log=self.log_folder / "valkey.log")
            self.valkey.launch()
        if self.mongo is not None:
            self.mongo.wait_ready()
            self.settings = dataclasses.replace(self.settings, mongodb_uri=self.mongo.uri)
        if self.valkey is not None:
            self.valkey.wait_ready()
            self.settings = dataclasses.replace(self.settings, redis_url=self.valkey.url)
        self._write_addresses()

    def _write_addresses(self) -> None:
        """For `flask --app app …` in a second terminal (config.load reads it); it may hold a password."""
        path = self.settings.data_dir / config.RUNNING_SERVERS
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(self.settings.server_addresses(), file)

    def _wait_ready(self) -> None:
        web = next(service for service in self.services if service.name == "web")
        assert web.child is not None
        if not wait_until(self._ready, web.child, READY_SECONDS, pause=0.1):
            if web.child.exit_code() is not None:
                raise ended(web.child)
            raise Problem(
                f"เว็บไม่พร้อมภายใน {READY_SECONDS} วินาที: ดูรายละเอียดใน {self.log_folder}",
                f"The web was not ready within {READY_SECONDS} seconds: see {self.log_folder}.",
            )

    def _ready(self) -> bool:
        self._check()
        return answers_ready(self.settings.port)

    def _check(self) -> None:
        for server in (self.mongo, self.valkey):
            if server is not None and server.child.exit_code() is not None:
                raise ended(server.child)
        for service in self.services:
            if sentence := service.check():
                say(sentence)

    def _announce(self) -> None:
        address = f"http://127.0.0.1:{self.settings.port}"
        accounts = _as_typed(self.settings.data_dir / "demo_accounts.json")
        say(
            f"LEC พร้อมใช้งานที่ {address} (บัญชีทดลองอยู่ใน {accounts} · กด Ctrl-C เพื่อหยุด)",
            f"LEC is ready at {address} (demo accounts are in {accounts} · Ctrl-C stops it)",
        )


def say(*lines: str) -> None:
    """Tell the person at the terminal; a terminal that has gone away is no reason to fail."""
    with contextlib.suppress(OSError):
        for line in lines:
            print(line, flush=True)


def _as_typed(path: Path) -> Path:
    return path.relative_to(config.ROOT) if path.is_relative_to(config.ROOT) else path


def _request_stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise StopRequested(signum)


def _on_signals(handler: object) -> None:
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signum != signal.SIGHUP or signal.getsignal(signum) is not signal.SIG_IGN:  # nohup
            signal.signal(signum, handler)  # type: ignore[arg-type]
