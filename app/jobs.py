"""The only door to Celery: services ask for a job by its name and with plain values."""

from celery import Celery
from flask import current_app
from kombu.exceptions import OperationalError

from app.errors import Problem

Plain = str | int | float | bool | None


def enqueue(name: str, *args: Plain, countdown: float = 0) -> str:
    """Put the task `name` ("reports.build") on the queue, to start in `countdown` seconds at the earliest.

    Returns the task's id. Raises Problem when the queue cannot be reached: what the task works on must be stored
    before, so that the sweeper picks it up later. Raises TypeError for anything but plain values: ids travel, documents
    do not.
    """
    for value in args:
        if not isinstance(value, Plain):
            raise TypeError(f"{name}: a task takes plain values, not {type(value).__name__}")
    celery: Celery = current_app.extensions["celery"]
    try:
        # What became of it is written in documents; waiting for a result would open one more channel to the queue.
        job = celery.signature(name, args=args).apply_async(countdown=countdown or None, ignore_result=True)
    except OperationalError as error:
        raise Problem(
            "ระบบงานเบื้องหลังไม่ตอบ: บันทึกงานไว้แล้ว และจะทำให้เองเมื่อระบบกลับมา",
            "The background queue does not answer: the job is recorded and will be done when it is back.",
        ) from error
    return str(job.id)
