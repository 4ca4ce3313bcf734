"""A worker's heartbeat, beaten by the loop that takes tasks from the queue: it stops when that loop does."""

from __future__ import annotations

from typing import Any

from celery import Celery, bootsteps

from app.monitoring.heartbeats import EVERY_SECONDS
from app.monitoring.pulse import Pulse

REDIS_URL = "lec_redis_url"
"""The attribute of Celery that holds REDIS_URL as redis-py spells it; `celery report` would print a setting."""


class HeartbeatStep(bootsteps.StartStopStep):
    """Beats every five seconds from the moment on that the worker reads its queues.

    The timer belongs to the event loop of the main process: a worker that hangs, or has lost the queue, is silent.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._timer: Any = None
        self._pulse = Pulse(
            getattr(consumer.app, REDIS_URL), "worker", str(consumer.hostname),
            lambda: tuple(sorted(consumer.app.amqp.queues.consume_from)),
        )  # fmt: skip

    def start(self, consumer: Any) -> None:
        self._pulse.beat()
        self._timer = consumer.timer.call_repeatedly(EVERY_SECONDS, self._pulse.beat)

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def shutdown(self, consumer: Any) -> None:
        """It ends in order and takes no more tasks."""
        self.stop(consumer)
        self._pulse.end()


def init_heartbeats(celery: Celery, redis_url: str) -> None:
    """Let every worker and beat of this Celery leave heartbeats in the Valkey at `redis_url`."""
    setattr(celery, REDIS_URL, redis_url)
    celery.conf.update(
        beat_scheduler="app.monitoring.beat_pulse:PulsingScheduler", beat_max_loop_interval=EVERY_SECONDS
    )
    celery.steps["consumer"].add(HeartbeatStep)
