"""Text that a spreadsheet must not take for a formula."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def formula_safe(text: str) -> str:
    """`text` with an apostrophe in front where a spreadsheet would run it (OWASP, "CSV Injection").

    For CSV. In XLSX a cell written as a string is never run, whatever it begins with.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
