"""Count reports: ask for one, cancel it, build it in chunks that survive a dead worker, pick up what was left."""

from app.services.reports.building import BuildSettings, build, build_in_turn
from app.services.reports.requests import cancel_report, request_report
from app.services.reports.sweeping import sweep

__all__ = [
    "BuildSettings",
    "build",
    "build_in_turn",
    "cancel_report",
    "request_report",
    "sweep",
]
