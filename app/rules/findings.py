"""What a validation rule found: one bilingual sentence about one field."""

from dataclasses import dataclass

from app.enums import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """th, en: what is wrong and what to do. field: raw field name. An error refuses the row, the others only tell.

    rule: the code in the catalogue. about: what tells several findings of one rule apart: a grade, other schools.
    """

    th: str
    en: str
    field: str = ""
    severity: Severity = Severity.ERROR
    rule: str = ""
    about: str = ""
