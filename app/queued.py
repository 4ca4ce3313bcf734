"""Nothing is queued twice while it is queued: one message for each (task, arguments) that waits, whoever sends it.

A mark in Valkey, beside the queues, stands for the message that waits. Sending sets it, where it is absent; a worker
removes it when it takes the message, before the task begins, so that what is asked for meanwhile is queued once more
and no wake-up is lost, and so that a worker killed with a message in hand leaves no mark behind. Mark and message live
and die in the same Valkey. Where only the message went (data restored from an older copy) the mark ends by itself after
MARK_SECONDS, and the next sweep queues the work anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from typing import Any

from celery import Celery
from celery.signals import task_received
from kombu.exceptions import OperationalError
from kombu.utils.uuid import uuid
from redis import RedisError

log = logging.getLogger(__name__)

UNSENT_SECONDS = 30
"""A mark lives so long until its message is sent: a process killed in between, or a Valkey that carried out the first
of the two commands long after the sender gave up, leaves none that holds the work up."""
MARK_SECONDS = 10 * 60
"""What waits longer may be queued once more, so it is longer than a usual wait and no longer than a wait may cost."""
_OWN_REMOVAL = """if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"""


def mark_of(task: str, args: Sequence[Any]) -> str:
    """The key in Valkey of what waits as `task` with `args`."""
    plain = json.dumps(list(args), ensure_ascii=True, separators=(",", ":"))
    return f"lec:queued:{task}:{hashlib.sha1(plain.encode(), usedforsecurity=False).hexdigest()}"


class UniqueCelery(Celery):
    """Celery that sends no task again while the same task with the same arguments waits in a queue."""

    def send_task(
        self, name: str, args: Sequence[Any] | None = None, kwargs: dict[str, Any] | None = None, *more: Any,
        producer: Any = None, task_id: str | None = None, **options: Any,
    ) -> Any:  # fmt: skip
        """As Celery's own; gives the waiting one's result where there is one. Raises kombu's OperationalError."""
        if kwargs:
            raise TypeError(f"{name}: a task of LEC takes arguments by place alone")
        task_id, key = task_id or uuid(), mark_of(name, args or ())
        with self.producer_or_acquire(producer) as sender:
            if waiting := _set_mark(sender, key, task_id):
                return self.AsyncResult(waiting)
            try:
                result = super().send_task(name, args, kwargs, *more, producer=sender, task_id=task_id, **options)
                sender.channel.client.expire(key, MARK_SECONDS)
            except BaseException:
                _remove(sender, key, task_id)
                raise
        return result


def _set_mark(sender: Any, key: str, task_id: str) -> str | None:
    """Set the mark; the id of the message that waits already where there is one."""
    try:
        client = sender.channel.client
        if client.set(key, task_id, nx=True, ex=UNSENT_SECONDS):
            return None
        waiting = client.get(key)
    except (RedisError, OSError) as error:
        raise OperationalError(type(error).__name__) from error
    return waiting.decode() if waiting else _set_mark(sender, key, task_id)  # it began between the two commands


def _remove(sender: Any, key: str, task_id: str) -> None:
    """Take back the own mark of a message that was not sent; where Valkey is away it ends by itself."""
    try:
        sender.channel.client.eval(_OWN_REMOVAL, 1, key, task_id)
    except Exception as error:  # the reason why it was not sent is raised and must not be hidden by this one
        log.warning("the mark of a message that was not sent stays for a while (%s)", type(error).__name__)


@task_received.connect
def remove_mark(request: Any = None, **_: Any) -> None:
    """A worker took the message: from here on the task may be queued again."""
    try:
        with request.task.app.producer_or_acquire() as sender:
            sender.channel.client.delete(mark_of(request.name, request.args))
    except Exception as error:  # without the queue the work goes on; the mark ends by itself
        log.warning("the mark of %s stays for a while (%s)", request.name, type(error).__name__)
