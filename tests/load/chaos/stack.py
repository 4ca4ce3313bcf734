"""The installation of a chaos run: production's programs on one machine, each started anew as its unit would be."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

import config
from app.devservers.valkey import find_valkey
from tests.devservers.program import Program, keep_running
from tests.devservers.replica_set import ReplicaSet
from tests.load.chaos.disk import DataDisk
from tests.load.chaos.http import HOST, Connection, Lost
from tests.load.chaos.mail import MailServer
from tests.load.chaos.shape import MAIL_LEASE, MAIL_PACE, Shape
from tests.notices.smtp import free_port

CELERY = (sys.executable, "-m", "celery", "-A")
UNITS = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
"""What deploy/systemd/lec-worker@.service gives each worker."""


class Stack:
    """Servers and programs in `folder`; a context manager, to be used in a main thread."""

    def __init__(self, folder: Path, shape: Shape) -> None:
        self.folder, self.shape = folder, shape
        self.disk = DataDisk(folder / "data")
        self.mail = MailServer()
        self.mongo = ReplicaSet(folder, parameters=shape.parameters)
        self.metrics_token, self._password = secrets.token_hex(16), secrets.token_hex(16)
        self.port, self._valkey_port = free_port(), free_port()
        self.valkey = self._valkey()
        self.env = self._environment()
        self.web, self.beat, self.workers = self._web(), self._beat(), self._workers()

    @property
    def redis_url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self._valkey_port}/0"

    @property
    def programs(self) -> list[Program]:
        """All that a supervisor looks after."""
        return [*self.mongo.members, self.valkey, self.web, self.beat, *self.workers]

    @property
    def settings(self) -> config.Settings:
        return config.load(self.env)

    def __enter__(self) -> Self:
        try:
            self.valkey.launch()
            self.mail.on()
            self.mongo.__enter__()
            self._run("init")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start_programs(self, seconds: float = 180) -> None:
        """Web, workers and beat, until /readyz finds nothing missing. Raises TimeoutError."""
        for program in (self.web, self.beat, *self.workers):
            program.launch()
        watcher, end = Connection(self.port, "127.0.0.1"), time.monotonic() + seconds
        while True:
            keep_running(self.programs)
            try:
                if (answer := watcher.get("/readyz?strict=1")).status == 200:
                    return
                said = answer.text[:300]
            except Lost as lost:
                said = str(lost)
            if time.monotonic() > end:
                raise TimeoutError(f"not ready: {said}; logs are in {self.folder}")
            time.sleep(0.5)

    def stop(self) -> None:
        self.mail.off()
        for program in (self.web, self.beat, *self.workers, self.valkey):
            if program.child is not None:
                program.thaw()
                program.kill()
        self.mongo.stop()
        self.disk.close()

    def queue_client(self) -> redis.Redis:
        client: redis.Redis = redis.Redis.from_url(self.redis_url, socket_timeout=2, socket_connect_timeout=2)
        return client

    def forget_valkey(self) -> None:
        """All of its data."""
        shutil.rmtree(self._valkey_folder, ignore_errors=True)
        self._valkey_folder.mkdir()

    def _run(self, *command: str) -> None:
        """A command of `flask --app app`; raises with what it said where it failed."""
        full = [sys.executable, "-m", "flask", "--app", "app", *command]
        done = subprocess.run(
            full, cwd=config.ROOT, env={**os.environ, **self.env}, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(command)}: {done.stdout[-2000:]} {done.stderr[-2000:]}")

    def _environment(self) -> dict[str, str]:
        temporary = self.disk.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        lease, shape = str(self.shape.lease_seconds), self.shape
        return {
            "LEC_ENV": "production", "SECRET_KEY": secrets.token_hex(32), "MONGODB_URI": self.mongo.uri("lec"),
            "REDIS_URL": self.redis_url, "SMTP_URL": self.mail.url, "MAIL_FROM": f"lec@{HOST}",
            "PUBLIC_URL": f"https://{HOST}", "TRUSTED_PROXIES": "1", "LEC_DATA_DIR": str(self.disk.folder),
            "METRICS_TOKEN": self.metrics_token, "LEC_REPORT_LEASE_SECONDS": lease, "LEC_IMPORT_LEASE_SECONDS": lease,
            MAIL_LEASE: str(shape.mail_lease.total_seconds()), MAIL_PACE: str(shape.mail_pace),
            "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip

    def _valkey(self) -> Program:
        self._valkey_folder = self.folder / "valkey"
        self._valkey_folder.mkdir()
        command = [
            *(find_valkey(), "--bind", "127.0.0.1", "--port", str(self._valkey_port), "--requirepass", self._password),
            *("--dir", str(self._valkey_folder), "--appendonly", "yes", "--save", "", "--set-proc-title", "no"),
        ]
        return Program("valkey", command, self.folder / "valkey.log")

    def _web(self) -> Program:
        command = [
            *(sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "app:create_app()"),
            *("--bind", f"127.0.0.1:{self.port}", "--workers", str(self.shape.web_processes)),
        ]
        return Program("web", command, self.folder / "web.log", self.env)

    def _beat(self) -> Program:
        schedule = str(self.disk.folder / "beat-schedule")
        command = [*CELERY, "tasks.worker", "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "INFO"]
        return Program("beat", command, self.folder / "beat.log", self.env)

    def _workers(self) -> list[Program]:
        env = {**self.env, "REMAP_SIGTERM": "SIGQUIT"}
        return [
            Program(name, self._worker(name, queues), self.folder / f"{name}.log", env)
            for name, queues in self.shape.workers.items()
        ]

    def _worker(self, name: str, queues: tuple[str, ...]) -> list[str]:
        return [
            *(*CELERY, "tests.load.chaos.worker", "worker", "--queues", ",".join(queues), "--hostname", f"{name}@%h"),
            *("--concurrency", str(self.shape.concurrency), *UNITS),
        ]
