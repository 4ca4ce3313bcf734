"""Beat's heartbeat, beaten by the loop that sends the periodic tasks, with the time of the last one it sent."""

from __future__ import annotations

import logging
import socket
import time
from datetime import UTC, datetime
from typing import Any

from celery.beat import PersistentScheduler, SchedulingError

from app.monitoring.heartbeats import EVERY_SECONDS
from app.monitoring.pulse import Pulse
from app.monitoring.worker_pulse import REDIS_URL

log = logging.getLogger(__name__)


class PulsingScheduler(PersistentScheduler):
    """Celery's scheduler, which keeps its schedule in a file, with a heartbeat after each look at the schedule."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pulse: Pulse | None = None
        self._due = 0.0

    def tick(self, *args: Any, **options: Any) -> Any:
        wait = super().tick(*args, **options)
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY_SECONDS - 0.5
            self._own_pulse().beat()
        return wait

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **options: Any) -> Any:
        """Send one task; raises SchedulingError where the queue cannot be reached."""
        result = super().apply_async(entry, producer=producer, advance=advance, **options)
        self._own_pulse().sent = datetime.now(UTC)
        return result

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send what is due; where the queue is away that is one line, and the task goes out when it is due again."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            log.warning("%s is not sent: %s", entry.name, error)

    def close(self) -> None:
        super().close()
        self._own_pulse().end()

    def _own_pulse(self) -> Pulse:
        if self._pulse is None:  # `celery inspect` and lazy schedulers make one that never ticks
            self._pulse = Pulse(getattr(self.app, REDIS_URL), "beat", f"beat@{socket.gethostname()}")
        return self._pulse
