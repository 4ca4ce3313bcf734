"""The programs of LEC itself that run.py keeps running: workers by queue, beat and web."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.devservers.processes import Child
from app.errors import Problem
from app.queues import WORKERS
from config import Settings

RESTART_WINDOW = 600.0  # seconds


@dataclass
class Service:
    """One program: how to start it, how long its orderly end may take (seconds), how often it may be started anew."""

    name: str
    arguments: tuple[str, ...]
    log_folder: Path
    env: Mapping[str, str]
    patience: float
    restarts: int = 0  # in RESTART_WINDOW
    child: Child | None = None
    _ends: list[float] = field(default_factory=list)

    def launch(self) -> None:
        self.child = Child(self.name, [sys.executable, *self.arguments], self.log_folder / f"{self.name}.log", self.env)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(self.patience)

    def check(self) -> str | None:
        """None while it runs; a sentence when it has ended and was started anew. Raises Problem when it stays down."""
        if self.child is None or (code := self.child.exit_code()) is None:
            return None
        now = time.monotonic()
        self._ends = [end for end in self._ends if now - end < RESTART_WINDOW] + [now]
        if len(self._ends) > self.restarts:
            raise ended(self.child)
        self.child.kill()  # what it left behind in its session
        self.launch()
        return f"{self.name} หยุดเอง (exit {code}) จึงเริ่มใหม่ / ended by itself (exit {code}) and was started anew."


def ended(child: Child) -> Problem:
    """The sentence about a child that ended though nobody asked it to."""
    last = child.last_line()
    about = f"exit {child.exit_code()}" + (f": {last}" if last else "")
    return Problem(
        f"{child.name} หยุดทำงานเอง ({about}): ดูรายละเอียดใน {child.log}",
        f"{child.name} ended by itself ({about}): see {child.log}.",
    )


def services(settings: Settings, log_folder: Path, env: Mapping[str, str]) -> list[Service]:
    """In the order of starting; stopping goes backwards."""
    celery = ("-m", "celery", "-A", "tasks.worker")
    schedule = str(settings.data_dir / "beat-schedule")
    # How Celery is told that SIGTERM means: hand unfinished tasks back instead of finishing them.
    worker_env = {**env, "REMAP_SIGTERM": "SIGQUIT"}
    return [
        *(
            Service(name, (*celery, *_worker(name, queues)), log_folder, worker_env, 20, restarts=5)
            for name, queues in WORKERS.items()
        ),
        Service("beat", (*celery, "beat", "--schedule", schedule, "--loglevel", "INFO"), log_folder, env, 5),
        Service("web", ("-m", "gunicorn", "-c", "python:app.devservers.web", "app:create_app()"), log_folder, env, 10),
    ]


def _worker(name: str, queues: tuple[str, ...]) -> tuple[str, ...]:
    """Celery's arguments for the worker `name` of some queues; one that serves several works on two tasks at a time."""
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")  # no worker needs to know of another
    pool = ("--pool", "prefork", "--concurrency", str(min(2, len(queues))), "--include", "app.devservers.worker_hooks")
    return ("worker", "-n", f"{name}@%h", "-Q", ",".join(queues), *pool, *quiet, "--loglevel", "INFO")


def initialise(log_folder: Path, env: Mapping[str, str], seconds: float = 120) -> None:
    """Run `flask --app app init`: indexes, roles, demo data on the first start. Raises Problem with its last words."""
    child = Child("init", [sys.executable, "-m", "flask", "--app", "app", "init"], log_folder / "init.log", env)
    try:
        code = child.wait(seconds)
    finally:
        child.kill()
    if code != 0:
        reason = "time out" if code is None else child.last_line() or f"exit {code}"
        raise Problem(
            f"เตรียมฐานข้อมูลไม่สำเร็จ ({reason}): ดูรายละเอียดใน {child.log}",
            f"The database could not be prepared ({reason}): see {child.log}.",
        )


def child_environment(settings: Settings) -> dict[str, str]:
    """What every program of LEC reads, whatever this shell had set."""
    return {
        **settings.server_addresses(),
        "LEC_ENV": settings.env,
        "LEC_DATA_DIR": str(settings.data_dir),
        "PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
