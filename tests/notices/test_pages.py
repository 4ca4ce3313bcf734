"""The pages of notices as people use them, without scripts: write, preview, confirm, send, follow, read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.notices.settings import mail_of
from app.services import notices
from tests.factories.notices import DISTRICT, make_draft
from tests.people import Browser, People


@pytest.fixture
def district(people: People) -> Browser:
    return people.browser("district")


@pytest.fixture
def draft(people: People, app: Flask) -> str:
    with app.app_context():
        return make_draft()


@pytest.fixture
def sent(draft: str, app: Flask, db: Any) -> str:
    """A notice that was sent and delivered to the mail folder."""
    with app.app_context():
        notices.send(DISTRICT, draft)
        for row in db.deliveries.find():
            notices.deliver(row["_id"], mail_of(app.extensions))
    return draft


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "number": "นม ๐๐๒๓.๒๖/ว ๑๖๐๓", "urgency": "urgent", "dated": "๕ พ.ย. ๒๕๖๗", "deadline": "29/11/2567",
        "office": "ที่ว่าการอำเภอทดสอบ", "subject": "ขอให้ปรับปรุงข้อมูล", "addressee": "{ผู้บริหาร}",
        "references": ["", "หนังสือก่อนหน้า"], "attachments": [""], "opening": "ย่อหน้าหนึ่ง\r\nย่อหน้าสอง",
        "orders": ["ข้อหนึ่ง", "", "ข้อสอง"], "closing": "จึงเรียนมาเพื่อทราบ", "round": "2567-2",
        "area": "district:3014", "states": [], **changes,
    }  # fmt: skip


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_a_new_notice_begins_with_the_prepared_text_of_the_round(district):
    page = text_of(district.get("/notices/add?states=not_started"))
    assert "ประจำปีการศึกษา ๒๕๖๗ (ครั้งที่ ๒)" in page
    assert "ณ วันที่ ๑๐ มิถุนายน ๒๕๖๗" in page
    assert re.search(r'value="not_started" checked', page)
    assert 'value="district:3014" selected' in page


def test_a_notice_is_written_previewed_confirmed_and_sent(district, db):
    answer = district.post("/notices/add", typed(step="preview"))
    raw = db.notices.find_one()
    assert answer.status_code == 302 and answer.location.endswith(f"/notices/{raw['_id']}/preview")
    assert raw["orders"] == ["ข้อหนึ่ง", "ข้อสอง"] and raw["opening"] == ["ย่อหน้าหนึ่ง", "ย่อหน้าสอง"]
    preview = text_of(district.get(answer.location))
    assert "นายกเทศมนตรีตำบลตะขบ" in preview and "๕ พฤศจิกายน ๒๕๖๗" in preview
    other = text_of(district.get(f"/notices/{raw['_id']}/preview?lao=6301408"))
    assert "นายกองค์การบริหารส่วนตำบลตะขบ" in other
    confirm = text_of(district.get(f"/notices/{raw['_id']}/send"))
    assert re.search(r'id="recipient-count">\s*2 ', confirm)
    assert db.deliveries.count_documents({}) == 0
    version = re.search(r'name="version" value="([^"]*)"', confirm)[1]
    assert district.post(f"/notices/{raw['_id']}/send", {"version": version}).status_code == 302
    assert db.deliveries.count_documents({}) == 2
    assert district.post(f"/notices/{raw['_id']}/send", {"version": version}).status_code == 302
    assert db.deliveries.count_documents({}) == 2


def test_what_was_typed_is_still_there_when_something_is_wrong(district, db):
    answer = district.post("/notices/add", typed(subject="", dated="31/02/2567", deadline="เมื่อวาน"))
    page = text_of(answer)
    assert answer.status_code == 400
    assert 'value="31/02/2567"' in page and "ไม่มีในปฏิทิน" in page and "ข้อสอง" in page and "ย่อหน้าสอง" in page
    assert 'href="#dated"' in page and 'href="#deadline"' in page
    assert db.notices.count_documents({}) == 0


def test_a_stale_draft_is_refused_and_both_texts_are_kept(district, draft, db):
    page = text_of(district.get(f"/notices/edit/{draft}"))
    version = re.search(r'name="version" value="([^"]+)"', page)[1]
    assert (
        district.post(f"/notices/edit/{draft}", typed(subject="แรก", version=version, step="save")).status_code == 302
    )
    answer = district.post(f"/notices/edit/{draft}", typed(subject="ที่สอง", version=version))
    assert answer.status_code == 409 and 'value="ที่สอง"' in text_of(answer)
    assert db.notices.find_one()["subject"] == "แรก"
    newer = re.search(r'name="version" value="([^"]+)"', text_of(answer))[1]
    assert district.post(f"/notices/edit/{draft}", typed(subject="ที่สอง", version=newer)).status_code == 302


def test_hostile_text_is_shown_as_text(district, db):
    district.post("/notices/add", typed(subject="<script>alert(1)</script>", orders=['"><img src=x>']))
    pk = db.notices.find_one()["_id"]
    for url in ("/notices/list/", f"/notices/show/{pk}", f"/notices/edit/{pk}", f"/notices/{pk}/preview"):
        page = text_of(district.get(url))
        assert "<script>alert" not in page and "<img src=x" not in page, url


def test_the_notice_page_shows_each_delivery_and_the_end(district, sent):
    page = text_of(district.get(f"/notices/show/{sent}"))
    assert "เทศบาลตำบลตะขบ" in page and "saraban@6301408.lec.example" in page and "data-poll=" not in page
    assert "data-poll-reload" in text_of(district.get(f"/notices/{sent}/progress"))
    assert "ส่งครบแล้ว" in page
    assert "ไม่มีแห่งใดอยู่ในสถานะนี้" in text_of(district.get(f"/notices/show/{sent}?state=failed"))


def test_a_sent_notice_is_neither_edited_nor_deleted(district, sent, db):
    assert district.get(f"/notices/edit/{sent}").status_code == 302
    assert district.post(f"/notices/edit/{sent}", typed()).status_code == 302
    assert district.post(f"/notices/delete/{sent}").status_code == 409
    assert db.notices.find_one()["subject"] == "ขอให้ปรับปรุงข้อมูลนักเรียน"


def test_failed_deliveries_are_sent_again(district, draft, app, db):
    db.laos.update_one({"_id": "5301401"}, {"$unset": {"email": ""}})
    assert "ไม่มีอีเมล" in text_of(district.get(f"/notices/{draft}/send"))
    district.post(f"/notices/{draft}/send")
    page = text_of(district.get(f"/notices/show/{draft}"))
    assert "ส่งอีกครั้ง" in page and "data-poll=" in page
    db.laos.update_one({"_id": "5301401"}, {"$set": {"email": "new@lec.example"}})
    assert district.post(f"/notices/{draft}/resend", {"delivery": f"{draft}:5301401"}).status_code == 302
    assert db.deliveries.find_one({"lao_code": "5301401"})["state"] == "waiting"


def test_an_lao_finds_its_letter_in_its_inbox_and_reads_the_e_mail(people, sent, app):
    lao = people.browser("lao")
    inbox = text_of(lao.get("/deliveries/list/"))
    assert "ขอให้ปรับปรุงข้อมูลนักเรียน" in inbox and "6301408" not in inbox
    key = f"{sent}:5301401"
    assert "นายกเทศมนตรีตำบลตะขบ" in text_of(lao.get(f"/deliveries/show/{key}"))
    message = text_of(lao.get(f"/deliveries/{key}/message"))
    assert "notice." in message and "saraban@5301401.lec.example" in message
    eml = lao.get(f"/deliveries/{key}/message.eml")
    assert eml.headers["Content-Disposition"].startswith('attachment; filename="5301401-')
    assert eml.mimetype == "application/octet-stream"
    stored = list(Path(mail_of(app.extensions).folder).glob("5301401-*.eml"))
    assert eml.get_data() in [path.read_bytes() for path in stored]


@pytest.mark.parametrize("person", ["neighbour", "far"])
def test_a_letter_to_another_lao_does_not_exist(people, sent, person):
    browser = people.browser(person)
    key = f"{sent}:5301401"
    for url in (f"/deliveries/show/{key}", f"/deliveries/{key}/message", f"/deliveries/{key}/message.eml"):
        assert browser.get(url).status_code == 404


@pytest.mark.parametrize("person", ["lao", "school"])
def test_who_may_not_write_notices_reaches_none_of_their_pages(people, draft, person, db):
    browser = people.browser(person)
    for url in (
        "add",
        f"edit/{draft}",
        f"show/{draft}",
        f"{draft}/preview",
        f"{draft}/send",
        f"{draft}/progress",
        "areas",
    ):
        assert browser.get(f"/notices/{url}").status_code in (302, 403, 404), url
    for url in ("add", f"{draft}/send", f"{draft}/resend", f"delete/{draft}", f"edit/{draft}"):
        browser.post(f"/notices/{url}", typed())
    assert db.notices.count_documents({}) == 1 and db.deliveries.count_documents({}) == 0


def test_an_office_above_reads_but_does_not_send(people, draft, db):
    province = people.browser("province")
    page = text_of(province.get(f"/notices/show/{draft}"))
    assert "ขอให้ปรับปรุงข้อมูลนักเรียน" in page and f"/notices/edit/{draft}" not in page
    assert province.post(f"/notices/{draft}/send").status_code == 403
    assert province.post(f"/notices/delete/{draft}").status_code == 403
    assert db.notices.count_documents({}) == 1 and db.deliveries.count_documents({}) == 0


def test_the_areas_offered_lie_in_ones_own(district):
    found = district.get("/notices/areas").json["results"]
    assert {item["id"] for item in found} == {"district:3014", "lao:5301401", "lao:6301408"}
    assert district.get("/notices/areas?q=บุรีรัมย์").json["results"] == []


def test_a_forged_area_is_refused(district, db):
    answer = district.post("/notices/add", typed(area="province:31"))
    assert answer.status_code == 400 and "พื้นที่ผู้รับต้องอยู่ในพื้นที่ที่ท่านดูแล" in text_of(answer)
    assert db.notices.count_documents({}) == 0


def test_nothing_is_sent_without_the_form_token(people, draft, db):
    client = people.browser("district").client
    assert client.post(f"/notices/{draft}/send").status_code == 400
    assert db.deliveries.count_documents({}) == 0
