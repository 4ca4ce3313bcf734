"""The certified forms LEC-1 and LEC-2 as PDF: typed rows in, bytes out; nothing here knows documents or requests."""
