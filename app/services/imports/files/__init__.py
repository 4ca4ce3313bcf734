"""The uploaded file as sheets and rows: read by a process of its own, whatever it holds."""
