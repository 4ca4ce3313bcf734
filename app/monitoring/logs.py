"""Log lines: JSON for machines in production, readable text elsewhere; each names the request or task it belongs to."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from typing import Any, Final

from celery import signals
from pythonjsonlogger.json import JsonFormatter

from app.log_filter import install_log_filter, mask
from app.monitoring.context import REQUEST_ID, TASK
from config import Settings

FIELDS: Final = ("request_id", "account", "route", "method", "status", "duration_ms", "task_id", "task", "trace")
"""What a line may hold besides time, level, logger, message and exception; an empty one is left out."""
TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s%(whose)s"
OWN_HANDLERS: Final = ("gunicorn.error", "app", "celery", "celery.task")
"""Loggers that libraries give handlers of their own; theirs are taken away, so that each line is written once."""


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """The fields of a record, in the order of FIELDS: what the line itself says, else whom the thread works for."""
    task_id, task = TASK.get()
    found: dict[str, Any] = {"request_id": REQUEST_ID.get(), "task_id": task_id, "task": task}
    data = getattr(record, "data", None)  # Celery's, of a task that ended
    if isinstance(data, dict) and isinstance(data.get("runtime"), int | float):
        found["duration_ms"] = round(data["runtime"] * 1000, 1)
    found |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
    return {name: _plain(found[name]) for name in FIELDS if found.get(name) not in (None, "")}


def _plain(value: Any) -> str | int | float:
    """Numbers as they are, everything else as text without ID numbers."""
    return value if isinstance(value, int | float) else mask(str(value))


class JsonLines(JsonFormatter):
    """One JSON object a line; only what FIELDS names leaves the process, whatever a library puts on a record."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data |= {"time": moment.replace("+00:00", "Z"), "level": record.levelname, "logger": record.name}
        log_data |= {"message": mask(record.getMessage()), **facts_of(record)}
        if record.exc_info and not record.exc_text:
            record.exc_text = mask(str(self.formatException(record.exc_info)))
        if record.exc_text:
            log_data["exception"] = record.exc_text


class TextLines(logging.Formatter):
    """A line for people, with the request or task at its end."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        whose = [str(facts[name]) for name in ("request_id", "account", "task_id") if name in facts]
        record.whose = f" [{' '.join(whose)}]" if whose else ""
        return super().format(record)


def configure_logging(settings: Settings, level: int = logging.INFO) -> None:
    """Send every log line of this process to stdout and, where LEC_LOG_FILE is set, to that file.

    The file is opened anew when it was moved away, so several processes may write it and logrotate may turn it.
    Raises OSError where it cannot be written.
    """
    install_log_filter()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    if settings.monitoring.log_file is not None:
        handlers.append(WatchedFileHandler(settings.monitoring.log_file, encoding="utf-8"))
    formatter: logging.Formatter = JsonLines(json_ensure_ascii=False) if settings.logs_json else TextLines()
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in OWN_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def init_worker_logging(settings: Settings) -> None:
    """Let workers and beat write their lines like the web; in development Celery's own readable ones stay."""
    if not settings.logs_json and settings.monitoring.log_file is None:
        return

    def configure(loglevel: int | str | None = None, **_: Any) -> None:
        configure_logging(settings, loglevel if isinstance(loglevel, int) else logging.INFO)

    signals.setup_logging.connect(configure, weak=False, dispatch_uid="lec-logging")
