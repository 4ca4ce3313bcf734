"""What a worker counts and which request its tasks were asked by."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from celery import Celery, signals

from app.monitoring.context import REQUEST_HEADER, REQUEST_ID, TASK
from app.monitoring.counting import count_process_start, count_task
from app.monitoring.programs import begin_program
from app.monitoring.queue_state import QUEUED_ON

_begun: dict[str, float] = {}
"""Task id → when it began, of the tasks of this process."""


def init_task_metrics(celery: Celery, base: Path) -> None:
    """Connect the signals of Celery; a worker counts in a folder of its own under `base`."""

    def begin(sender: str, **_: Any) -> None:
        name = str(sender).partition("@")[0]
        begin_program(name if name.startswith("worker") else f"worker-{name}", base)

    def count_start(**_: Any) -> None:
        count_process_start()

    signals.worker_process_init.connect(count_start, weak=False, dispatch_uid="lec-process-start")
    signals.celeryd_init.connect(begin, weak=False, dispatch_uid="lec-begin")
    signals.before_task_publish.connect(mark_message, dispatch_uid="lec-mark")
    signals.task_prerun.connect(note_task, dispatch_uid="lec-prerun")
    signals.task_postrun.connect(end_task, dispatch_uid="lec-postrun")


def mark_message(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Write on a message when it was queued, and by which request."""
    if headers is None:
        return
    headers[QUEUED_ON] = time.time()
    if request_id := REQUEST_ID.get():
        headers[REQUEST_HEADER] = request_id


def note_task(task_id: str, task: Any, **_: Any) -> None:
    _begun[task_id] = time.monotonic()
    TASK.set((task_id, task.name))
    REQUEST_ID.set(str(task.request.get(REQUEST_HEADER) or ""))


def end_task(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    begun = _begun.pop(task_id, None)
    seconds = time.monotonic() - begun if begun is not None else None
    count_task(task.name, (state or "unknown").lower(), seconds)
    TASK.set(("", ""))
    REQUEST_ID.set("")
