"""What is kept between requests serves everybody alike: no language, grant or address of another person shows."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask, g
from flask_babel import force_locale, refresh
from flask_login import login_user
from jinja2 import Template

from app.fabmongo.labels import T, language
from app.fabmongo.security.models import Role
from tests.factories.people import some_students
from tests.people import People

LIST = "/students/list/"
THAI, ENGLISH = "ค้นหา", "Search"


@pytest.fixture
def rows(people: People, db: Any) -> list[ObjectId]:
    home = people.places.takhop_tambon
    students = some_students(30, _id=home.own, grades=["P1", "P2"], **home.path)
    return list(db.students.insert_many(students).inserted_ids)


def test_the_language_of_a_request(app: Flask) -> None:
    assert language() == "th"
    with app.test_request_context("/?_l_=en"):
        assert (language(), str(T("ก", "A")), T("<", ">").__html__()) == ("en", "A", "&gt;")
        with force_locale("th"):
            assert (language(), str(T("ก", "A")), T("<", ">").__html__()) == ("th", "ก", "&lt;")
        assert language() == "en"
    with app.test_request_context("/"):
        from flask import session

        session["locale"] = "en"
        assert language() == "en"
        session["locale"] = "th"
        refresh()
        assert language() == "th"
    with app.app_context():
        assert language() == "th"
    assert "_flask_babel" not in (g if g else ())


def test_a_switch_of_the_language_is_seen_on_the_next_page_and_by_that_session_alone(
    people: People, rows: list[ObjectId]
) -> None:
    one, other = people.browser("lao"), people.browser("lao")
    for _ in range(2):
        assert THAI in one.get(LIST).text
        assert f">{ENGLISH}<" not in one.get(LIST).text
        one.get("/lang/en")
        page = one.get(LIST).text
        assert f">{ENGLISH}<" in page
        assert "Equal to" in page
        assert "นักเรียน</h1>" not in page
        assert f">{ENGLISH}<" not in other.get(LIST).text
        assert "Equal to" in other.get(f"{LIST}?_l_=en").text
        assert "Equal to" not in other.get(LIST).text
        one.get("/lang/th")


def test_the_menu_is_that_of_the_person_and_marks_the_open_page(people: People) -> None:
    dla, lao = people.browser("dla"), people.browser("lao")
    for _ in range(2):
        assert 'href="/users/list/"' in dla.get(LIST).text
        assert 'href="/users/list/"' not in lao.get(LIST).text
        page = dla.get("/schools/list/").text
        assert 'href="/schools/list/" aria-current="page"' in page
        assert 'href="/students/list/" aria-current="page"' not in page
    dla.get("/lang/en")
    assert "<span>Students</span>" in dla.get(LIST).text
    assert "<span>Students</span>" not in lao.get(LIST).text


def test_a_role_that_changes_is_seen_on_the_next_page(people: People, db: Any) -> None:
    lao = people.browser("lao")
    assert 'href="/schools/list/"' in lao.get(LIST).text
    change = {"$pull": {"permissions": "can_list on SchoolView"}, "$set": {"label_th": "ใหม่"}}
    db.roles.update_one({"_id": "lao"}, change)
    page = lao.get(LIST).text
    assert 'href="/schools/list/"' not in page
    assert "ใหม่" in page
    assert lao.get("/schools/list/").status_code != 200
    people["lao"].update(roles=[Role.objects.get(name="province")])
    assert "เพิ่มนักเรียน" not in lao.get(LIST).text


def test_a_template_asks_anew_what_each_person_may(app: Flask, people: People) -> None:
    compiled: list[Template] = []

    def may(name: str) -> str:
        with app.test_request_context("/"):
            login_user(people[name])
            if not compiled:  # as pages are, while the first person waits
                compiled.append(app.jinja_env.from_string('{{ "can_add"|is_item_visible("StudentView") }}'))
            return compiled[0].render()

    assert (may("province"), may("school"), may("province")) == ("False", "True", "False")


def test_a_filter_by_a_school_out_of_reach_does_not_tell_its_name(
    people: People, rows: list[ObjectId], db: Any
) -> None:
    home, far = people.places.takhop_tambon.own, people.places.buriram_sao.own
    names = {row["_id"]: row["name_th"] for row in db.schools.find()}
    lao = people.browser("lao")
    page = lao.get(f"{LIST}?_flt_0_school={home}").text
    assert f"<strong>{names[home]}</strong>" in page
    page = lao.get(f"{LIST}?_flt_0_school={far}").text
    assert f"<strong>{far}</strong>" in page
    assert names[far] not in page
    # The rows name the one school; the other, asked for besides, is still looked up inside the scope.
    page = lao.get(f"{LIST}?_flt_0_school={home}&_flt_0_school={far}").text
    assert names[far] not in page


def test_people_of_two_areas_and_languages_at_once(people: People, rows: list[ObjectId], db: Any) -> None:
    far = people.places.buriram_sao
    students = some_students(5, seed=7, _id=far.own, grades=["P1"], **far.path)
    for number, row in enumerate(students):
        row["last_name"], row["national_id"] = "บุรีรัมย์", f"G{number:012}"
    db.students.insert_many(students)
    wrong: list[str] = []

    def look(name: str, lang: str, mine: int) -> None:
        browser = people.browser(name)
        browser.get(f"/lang/{lang}")
        for _ in range(10):
            page = browser.get(LIST).text
            if page.count('class="cell-main"') != mine or ("บุรีรัมย์" in page) != (name == "far"):
                wrong.append(f"{name}: rows of another")
            if ("Equal to" in page) != (lang == "en") or ('href="/users/list/"' in page) != (name == "dla"):
                wrong.append(f"{name}: language or menu of another")

    threads = [
        threading.Thread(target=look, args=args)
        for args in [("lao", "th", 25), ("far", "en", 5), ("lao", "en", 25), ("far", "th", 5)]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_links_of_a_list_stay_on_this_site(people: People, rows: list[ObjectId]) -> None:
    page = people.browser("lao").get(f"{LIST}?_external=1&_scheme=javascript&_anchor=nowhere&note=1%262").text
    assert "http://" not in page
    assert "javascript:" not in page
    assert "note=1%262&amp;_oc_StudentView=grade" in page
    assert "#nowhere" not in page
