"""Celery's side of LEC: thin tasks that call services, and the one table of periodic jobs."""
