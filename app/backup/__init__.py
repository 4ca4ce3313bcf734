"""Backup and restore of an installation whose database fits on one machine; larger ones use MongoDB's own tools."""
