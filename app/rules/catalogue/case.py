"""One student's record as the rules of the catalogue read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from app.enums import Grade, Sex, TextEnum
from app.rules.ages import AgeRange
from app.rules.census import as_day

_Code = TypeVar("_Code", bound=TextEnum)


@dataclass(frozen=True, slots=True)
class Case:
    """The record with codes and dates in one form; a value that is absent or of no known code is None."""

    values: Mapping[str, Any]
    school: Mapping[str, Any]
    today: date
    census: date | None
    ages: Mapping[Grade, AgeRange]

    def day(self, field: str) -> date | None:
        """A date of the record."""
        value = self.values.get(field)
        return as_day(value) if isinstance(value, date) else None

    @property
    def grade(self) -> Grade | None:
        """The class, if it is a known one."""
        return _member(Grade, self.values.get("grade"))

    @property
    def sex(self) -> Sex | None:
        """The sex, if it is a known one."""
        return _member(Sex, self.values.get("sex"))


def _member(kind: type[_Code], code: object) -> _Code | None:
    found: _Code | None = kind._value2member_map_.get(str(code))  # type: ignore[assignment]
    return found
