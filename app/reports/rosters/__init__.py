"""Rosters and findings as files: typed rows in, XLSX, CSV and OneRoster out; nothing here knows the database."""
