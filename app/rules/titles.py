"""Titles before names: short and full forms, and the sex that follows from a title."""

from app.enums import Sex
from app.thai import normalise_name

_TITLES: dict[str, tuple[Sex, tuple[str, ...]]] = {
    "เด็กชาย": (Sex.MALE, ("ด.ช.", "ดช.", "ด.ช", "ดช")),
    "เด็กหญิง": (Sex.FEMALE, ("ด.ญ.", "ดญ.", "ด.ญ", "ดญ")),
    "นาย": (Sex.MALE, ()),
    "นางสาว": (Sex.FEMALE, ("น.ส.", "นส.", "น.ส", "นส")),
    "นาง": (Sex.FEMALE, ()),
    "สามเณร": (Sex.MALE, ("ส.ณ.", "สณ.", "เณร")),
    "พระ": (Sex.MALE, ("พระภิกษุ",)),
}
_FULL = {form: full for full, (_, shorts) in _TITLES.items() for form in (full, *shorts)}

TITLES = tuple(_TITLES)
"""The full forms, for choices in forms."""


def full_title(text: str) -> str:
    """The full form of a title ("ด.ช." -> "เด็กชาย"); an unknown title comes back with its spaces tidied."""
    tidy = normalise_name(text)
    return _FULL.get(tidy.replace(" ", ""), tidy)


def short_title(text: str) -> str:
    """The usual short form ("เด็กชาย" -> "ด.ช."), or the full form where no shorter one is in use."""
    full = full_title(text)
    _, shorts = _TITLES.get(full, (None, ()))
    return shorts[0] if shorts and "." in shorts[0] else full


def sex_of_title(text: str) -> Sex | None:
    """The sex that follows from a title in any form; None for an unknown one."""
    known = _TITLES.get(full_title(text))
    return known[0] if known else None


def split_title(text: str) -> tuple[str, str]:
    """(title as written, the rest) of a name that begins with a known title in any form; ("", text) where none does.

    "ด.ช.ก ข" -> ("ด.ช.", "ก ข"). Longer forms are tried first, so that "นางสาว" is not taken for "นาง".
    """
    tidy = normalise_name(text)
    for form in sorted(_FULL, key=len, reverse=True):
        if tidy.startswith(form) and len(tidy) > len(form):
            return form, tidy[len(form) :].strip()
    return "", tidy
