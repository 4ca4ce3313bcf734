"""What a validation rule found: one bilingual sentence about one field."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """th, en: what is wrong and what to do. field: raw field name. An error refuses the row, a warning only tells."""

    th: str
    en: str
    field: str
    severity: Severity = "error"
