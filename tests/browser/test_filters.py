"""Conditions that need no value, and those that take several, chosen on the search form."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

pytestmark = pytest.mark.browser


def choose(visit: Any, column: str, condition: str) -> Any:
    """Open the filters and choose a condition of a column; returns its row."""
    if not visit.page.locator(f"[data-filter-row={column}]").is_visible():
        visit.page.click("form[data-search] summary")
    row = visit.page.locator(f"[data-filter-row={column}]")
    row.locator("[data-filter-op]").select_option(label=condition)
    return row


def asked(visit: Any) -> list[tuple[str, str]]:
    """The conditions in the address."""
    return [pair for pair in parse_qsl(urlsplit(visit.page.url).query) if pair[0].startswith("_flt_")]


def test_conditions_without_a_value_and_with_several(visit: Any) -> None:
    visit.sign_in("school")
    visit.open("/students/list/")
    several = choose(visit, "grade", "เป็นค่าใดค่าหนึ่งใน").locator("[data-filter-value] select")
    several.select_option(["P1", "P2"])
    assert not choose(visit, "left_on", "ว่าง").locator("[data-filter-value]").is_visible()
    visit.shot("filters-chosen")
    visit.no_sideways_scroll()
    visit.page.click(".search__panel button[type=submit]")
    visit.page.wait_for_url(re.compile("_flt_"))
    names = [name.split("_", 3)[3] for name, _ in asked(visit)]
    assert sorted(names) == ["grade", "grade", "left_on"]
    assert visit.page.locator(".chip").count() == 2
    visit.shot("filters-in-force")
