"""The one exception for people: what is wrong and what to do, in Thai and in English."""

from typing import Literal

ProblemKind = Literal["invalid", "forbidden", "not_found", "conflict", "unavailable"]


class Problem(Exception):
    """Something a person can understand and put right.

    th, en: whole sentences naming the thing, the reason and the way out. field: name of the form field or column at
    fault, if one is. kind: lets the web layer choose the status (400, 403, 404, 409, 503).
    """

    def __init__(self, th: str, en: str, field: str | None = None, kind: ProblemKind = "invalid") -> None:
        super().__init__(th, en, field, kind)
        self.th = th
        self.en = en
        self.field = field
        self.kind = kind

    def __str__(self) -> str:
        return self.th
