"""Pages of count reports: asking for one, following it, reading and downloading it."""

from app.views.reports.report import ReportView

__all__ = ["ReportView"]
