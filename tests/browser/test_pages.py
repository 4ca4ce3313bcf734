"""Every page each role can reach by links: loads, fits the screen, has a name and shows no raw codes."""

from __future__ import annotations

import enum
import inspect
import re
from urllib.parse import urlsplit

import pytest

from app import enums
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
WALKS = [
    ("desktop", "dla"), ("phone", "dla"), ("phone", "province"), ("phone", "district"),
    ("desktop", "lao"), ("phone", "lao"), ("phone", "school"),
]  # fmt: skip
"""Width and role. At a desk two are enough: between them they open every page that others may."""
NOT_PAGES = re.compile(r"/(paper|file)/|^/(lang|static|logout|back)\b|/(xlsx|csv|accepted|refused|original)$|\.eml$")
FINGER = 40
"""Height in CSS pixels below which a control is hard to hit with a finger."""

STORED = sorted(
    member.value
    for _, kind in inspect.getmembers(enums, inspect.isclass)
    if issubclass(kind, enum.StrEnum)
    for member in kind
    if "_" in member.value
)
RAW = re.compile(rf"\b({'|'.join(STORED)}|can_[a-z]+|[A-Z][a-z]+View|ObjectId|LazyString)\b|<[A-Z]\w+[ :]")
"""What must never be read on a page: stored codes, names of classes and permissions, Python's own texts."""

SMALL = """
    least => [...document.querySelectorAll("main .btn, main .form-control, main summary, .nav a, .topbar button")]
      .filter(e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().height < least)
      .map(e => (e.innerText || e.name || e.className).trim())
"""


HEADINGS = "h1, h2, th[scope=col], label, .page-head .btn, .save-bar .btn, .page-head__lead, main summary, .nav a"
LETTERS = re.compile("[\u0e00-\u0e7f]")


def kind_of(path: str) -> str:
    """The path without its key: one record of each list is enough."""
    return re.sub(r"/[^/]*[0-9:][^/]*|(?<=/show/).+|(?<=/edit/).+", "/*", path)


def faults_of(visit: Visit) -> list[str]:
    """What is wrong with the page that is open."""
    page, found = visit.page, []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"{wide} px too wide")
    raw = RAW.search(page.inner_text("body"))
    if raw:
        found.append(f"shows “{raw[0]}”")
    if not re.fullmatch(r".+ – LEC", page.title()):
        found.append(f"is titled “{page.title()}”")
    if page.locator("h1").count() != 1:
        found.append(f"has {page.locator('h1').count()} main headings")
    small = page.evaluate(SMALL, FINGER) if visit.size == "phone" else []
    if small:
        found.append(f"has controls too small for a finger: {small[:5]}")
    return [f"{page.url} {fault}" for fault in found]


def links_of(visit: Visit) -> list[str]:
    """Paths of this site that the open page leads to."""
    addresses = visit.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    parts = [urlsplit(address) for address in addresses if address.startswith(visit.stack.url)]
    return [part.path for part in parts if not part.query and not NOT_PAGES.search(part.path)]


@pytest.mark.parametrize(("visit", "role"), WALKS, indirect=["visit"])
def test_every_page_of_every_role_can_be_read(visit: Visit, role: str) -> None:
    visit.sign_in(role)
    waiting, seen, faults = ["/"], {"/"}, []
    while waiting:
        visit.page.goto(visit.stack.url + waiting.pop(0))
        faults += faults_of(visit)
        for path in links_of(visit):
            if kind_of(path) not in seen:
                seen.add(kind_of(path))
                waiting.append(path)
    assert faults == []
    assert len(seen) > 15


def test_the_english_pages_show_no_thai_but_names(visit: Visit) -> None:
    """The headings, buttons and labels of every list and form; the Thai in them may only be data."""
    visit.open("/lang/en")
    visit.sign_in("dla")
    paths = [path for path in dict.fromkeys(links_of(visit)) if path.endswith("/list/")]
    forms = [f"/{name}/add" for name in ("schools", "students", "lao", "users", "rounds", "proclamations", "agencies")]
    for path in [*paths, *forms]:
        visit.open(path)
        texts = visit.page.locator(HEADINGS).all_inner_texts()
        assert [text for text in texts if LETTERS.search(text)] == [], path
