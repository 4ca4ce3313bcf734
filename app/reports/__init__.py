"""What a finished count report looks like outside the database: typed rows, and writers that know rows only."""
