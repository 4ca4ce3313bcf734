"""Titles in their short and full forms, and the sex they tell."""

import pytest

from app.enums import Sex
from app.rules.titles import TITLES, full_title, sex_of_title, short_title


@pytest.mark.parametrize(
    ("written", "full", "short", "sex"),
    [
        ("ด.ช.", "เด็กชาย", "ด.ช.", Sex.MALE),
        ("ดช", "เด็กชาย", "ด.ช.", Sex.MALE),
        (" ด. ญ. ", "เด็กหญิง", "ด.ญ.", Sex.FEMALE),
        ("น.ส.", "นางสาว", "น.ส.", Sex.FEMALE),
        ("นาง", "นาง", "นาง", Sex.FEMALE),
        ("นาย", "นาย", "นาย", Sex.MALE),
        ("สามเณร", "สามเณร", "ส.ณ.", Sex.MALE),
        ("พระ", "พระ", "พระ", Sex.MALE),
        ("ม.ล.", "ม.ล.", "ม.ล.", None),
        ("", "", "", None),
    ],
)
def test_titles(written: str, full: str, short: str, sex: Sex | None) -> None:
    assert (full_title(written), short_title(written), sex_of_title(written)) == (full, short, sex)


def test_every_title_survives_its_short_form() -> None:
    assert [full_title(short_title(title)) for title in TITLES] == list(TITLES)
