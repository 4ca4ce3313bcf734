"""What is true at the moment of a scrape: queues, workers and servers, read from Valkey and MongoDB."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pymongo
import redis
from prometheus_client.core import GaugeMetricFamily
from pymongo.errors import PyMongoError

from app.monitoring.heartbeats import clock_difference, liveness, quick_client, read_heartbeats
from app.monitoring.queue_state import count_unacked, read_queues
from app.monitoring.version import version
from app.queues import QUEUES

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
Families = Iterator[GaugeMetricFamily]


class LiveCollector:
    """Asked at each scrape. halted: kind → number of jobs that a mistake in the program has stopped."""

    def __init__(self, redis_url: str, data_dir: Path, halted: Callable[[], dict[str, int]]) -> None:
        self._redis_url, self._data_dir, self._halted = redis_url, data_dir, halted

    def collect(self) -> Families:
        up = GaugeMetricFamily("lec_up", "Whether a server answers this program.", labels=["server"])
        yield build_info()
        yield from self._of_disk()
        families: list[GaugeMetricFamily] = []
        for server, read in (("valkey", self._of_valkey), ("mongodb", self._of_mongodb)):
            try:
                families.extend(read())
                up.add_metric([server], 1)
            except (redis.RedisError, PyMongoError) as error:
                log.warning("%s does not answer a scrape: %s", server, type(error).__name__)
                up.add_metric([server], 0)
        yield up
        yield from families

    def _of_disk(self) -> Families:
        try:
            free = shutil.disk_usage(self._data_dir).free
        except OSError as error:
            log.warning("the data folder cannot be looked at: %s", error.strerror)
            return
        yield GaugeMetricFamily("lec_data_free_bytes", "Free space of the data folder's disk.", value=free)

    def _of_valkey(self) -> list[GaugeMetricFamily]:
        length = GaugeMetricFamily("lec_queue_length", "Tasks that wait in a queue.", labels=["queue"])
        oldest = GaugeMetricFamily("lec_queue_oldest_seconds", "How long the oldest has waited.", labels=["queue"])
        workers = GaugeMetricFamily("lec_workers_alive", "Workers that serve a queue.", labels=["queue"])
        with quick_client(self._redis_url, PATIENCE_SECONDS / 2) as client:
            heartbeats, queues, unacked = read_heartbeats(client), read_queues(client), count_unacked(client)
            begun = time.time() - int(client.info("server")["uptime_in_seconds"])
        state = liveness(heartbeats)
        for queue in queues:
            length.add_metric([queue.name], queue.length)
            oldest.add_metric([queue.name], queue.oldest_seconds or 0)
        for name in QUEUES:
            workers.add_metric([name], state.serving(name))
        clocks = GaugeMetricFamily(
            "lec_clock_difference_seconds", "How far the worst clock of a worker or beat is from this machine's.",
            value=clock_difference(heartbeats),
        )  # fmt: skip
        return [
            GaugeMetricFamily("lec_valkey_start_time_seconds", "When Valkey was started, in Unix time.", value=begun),
            clocks,
            length,
            oldest,
            workers,
            GaugeMetricFamily("lec_beat_alive", "Whether the schedule goes out.", value=int(state.beat)),
            GaugeMetricFamily("lec_tasks_in_hand", "Tasks that workers have taken and not ended.", value=unacked),
        ]

    def _of_mongodb(self) -> list[GaugeMetricFamily]:
        halted = GaugeMetricFamily("lec_jobs_halted", "Jobs stopped by a mistake in the program.", labels=["kind"])
        with pymongo.timeout(PATIENCE_SECONDS):
            for kind, number in self._halted().items():
                halted.add_metric([kind], number)
        return [halted]


def build_info() -> GaugeMetricFamily:
    info = GaugeMetricFamily("lec_build_info", "The running version.", labels=["version"])
    info.add_metric([version()], 1)
    return info
