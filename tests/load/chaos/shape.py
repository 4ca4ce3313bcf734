"""How large a chaos run is: programs, writers, recipients and time limits; the whole one and the short one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.queues import FORMER, QUEUES

MAIL_LEASE, MAIL_PACE = "CHAOS_MAIL_LEASE", "CHAOS_MAIL_PACE"
"""Environment of the workers: seconds, and the factor on the waits between tries."""


@dataclass(frozen=True)
class Shape:
    """`workers`: name -> queues, each started as the service units do, with so many processes.

    Waits between tries of a letter are `mail_pace` times the real ones, and a worker may hold a letter for
    `mail_lease`: of the two alone nothing is as in production, for the real ones outlast the run.
    """

    workers: Mapping[str, tuple[str, ...]]
    concurrency: int
    web_processes: int
    form_writers: int
    api_writers: int
    importers: int
    laos: int
    lease_seconds: int
    mail_lease: timedelta
    mail_pace: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Of mongod, where they are not MongoDB's own."""
    quiet_within: float = 600
    """Seconds in which everything has to come to rest after the last repair."""


WHOLE = Shape(
    workers={f"worker-{queue}-{n}": (queue, FORMER) if queue == QUEUES[-1] else (queue,)
             for queue in QUEUES for n in (1, 2)},
    concurrency=1, web_processes=4, form_writers=4, api_writers=3, importers=2, laos=150,
    lease_seconds=60, mail_lease=timedelta(seconds=60), mail_pace=0.001,
)  # fmt: skip

SHORT = Shape(
    workers={f"worker-{n}": (*QUEUES, FORMER) for n in (1, 2)},
    concurrency=2, web_processes=2, form_writers=2, api_writers=1, importers=1, laos=20,
    lease_seconds=5, mail_lease=timedelta(seconds=35), mail_pace=0.001,
    parameters={"transactionLifetimeLimitSeconds": 10}, quiet_within=480,
)  # fmt: skip
