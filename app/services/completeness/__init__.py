"""Completeness of a round, level by level, and writing to those who are behind."""

from app.services.completeness.chasing import draft_reminder
from app.services.completeness.reading import AreaLine, Overview, SchoolLine, read

__all__ = ["AreaLine", "Overview", "SchoolLine", "draft_reminder", "read"]
