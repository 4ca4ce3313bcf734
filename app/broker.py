"""How long the queue's connection may hang, and a worker that stays when the queue is restarted under it."""

from __future__ import annotations

import logging
from typing import Any

from kombu.transport import redis as transport

log = logging.getLogger(__name__)

PAGE_WAITS = 1.0
"""Seconds that a page waits for an answer of Valkey: what it asks for is recorded, and the sweepers queue it later."""
WORKER_WAITS = 5.0
"""Seconds that a worker waits for an answer before it takes the connection for lost."""

_COMMON: dict[str, Any] = {
    # What a worker held when the whole of it was lost comes back after this long. It must be longer than the longest
    # task, or that runs twice; the sweepers in tasks.schedule bring lost work back sooner.
    "visibility_timeout": 3600,
    "max_retries": 0,  # of connecting, where something is sent; a worker's own connection is renewed for ever
    # A Valkey that is frozen, or a cable that is cut, is noticed after so many seconds without an answer.
    "socket_keepalive": True,
    "health_check_interval": 10,
}
FOR_PAGES: dict[str, Any] = {
    **_COMMON, "socket_timeout": PAGE_WAITS, "socket_connect_timeout": PAGE_WAITS,
    "connect_retries_timeout": PAGE_WAITS,
}  # fmt: skip
"""A page must not hang while the queue is away."""
FOR_WORKERS: dict[str, Any] = {**_COMMON, "socket_timeout": WORKER_WAITS, "socket_connect_timeout": WORKER_WAITS}


class RestoringOrLeaving(transport.QoS):
    """Puts unfinished messages back when a connection closes, and leaves them where the queue does not answer.

    kombu 5.7 lets the error out of `close()`; its second attempt then meets a connection without an address
    ("'NoneType' object has no attribute 'hostname'"), which ends the whole worker because Valkey was restarted. So does
    the end of a task that began before the restart: its message belongs to a channel that is closed. Left in Valkey's
    `unacked`, messages come back after `visibility_timeout`, and unfinished work sooner, by the sweepers.
    """

    def ack(self, delivery_tag: str) -> None:
        if self._is_open():
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if self._is_open():
            super().reject(delivery_tag, requeue)

    def restore_unacked(self, client: Any = None) -> None:
        try:
            super().restore_unacked(client)
        except Exception as error:  # whatever it is: closing a lost connection must not end the worker
            held = len(self._delivered)
            log.warning("%d unfinished messages stay with the queue, which is away (%s)", held, type(error).__name__)
            self._delivered.clear()

    def _is_open(self) -> bool:
        if self.channel.connection is not None and self.channel.connection.client is not None:
            return True
        log.warning("a task ended after its connection to the queue did; its message comes again, and finds it done")
        return False


def survive_restarts() -> None:
    """Let every channel to Redis or Valkey of this process close without an error."""
    transport.Channel.QoS = RestoringOrLeaving
