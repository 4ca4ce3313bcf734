"""The program that parses files for `reading.open_book`; it uses its own modules and pure rules only."""
