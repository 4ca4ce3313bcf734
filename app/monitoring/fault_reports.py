"""Reports of faults to Sentry, where SENTRY_DSN is set and its client is installed; never with what people typed."""

from __future__ import annotations

import logging
from typing import Any, Final

from app.log_filter import mask
from app.monitoring.context import REQUEST_ID, TASK
from app.monitoring.version import version
from config import Settings

log = logging.getLogger(__name__)

DROPPED: Final = frozenset(("vars", "data", "cookies", "headers", "env", "query_string", "user", "extra"))
"""Parts of a report that hold what somebody typed or who it was: they are left out wherever they stand."""
SHORTEST_NUMBER: Final = 10**11


def init_fault_reports(settings: Settings, transport: Any = None) -> bool:
    """Send what is logged as an error from now on; whether it will be. transport: instead of the network, for tests."""
    if not settings.monitoring.sentry_dsn:
        return False
    try:
        import sentry_sdk
        from sentry_sdk.integrations.logging import LoggingIntegration
    except ImportError:
        log.warning("SENTRY_DSN is set, but its client is not installed: pip install -r requirements-extras.txt")
        return False
    sentry_sdk.init(
        dsn=settings.monitoring.sentry_dsn,
        transport=transport,
        environment=settings.env,
        release=f"lec@{version()}",
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=20,
        before_send=cleaned_report,
        # No others: those of databases and queues would report what commands and messages hold.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=logging.INFO, event_level=logging.ERROR)],
    )
    return True


def cleaned_report(event: Any, hint: Any = None) -> Any:
    """A report with the parts of DROPPED gone and every ID number in it masked; names request and task."""
    task_id, task = TASK.get()
    names = {"request_id": REQUEST_ID.get(), "task_id": task_id, "task": task}
    report = _cleaned(event)
    report["tags"] = {**report.get("tags", {}), **{name: value for name, value in names.items() if value}}
    return report


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(one) for name, one in value.items() if name not in DROPPED}
    if isinstance(value, list | tuple):
        return [_cleaned(one) for one in value]
    if isinstance(value, int) and abs(value) >= SHORTEST_NUMBER:
        return mask(str(value))
    return value if isinstance(value, int | float | bool) or value is None or _is_time(value) else mask(str(value))


def _is_time(value: Any) -> bool:
    return hasattr(value, "isoformat")
