"""The letter: places, numbers, dates and the state of an LAO."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Level, SubmissionState
from app.notices.backoff import MAX_ATTEMPTS, wait_after
from app.notices.letter import Recipient, build, clean, numbered, recipient_of, thai_date, unknown_places
from app.notices.progress import lao_state
from app.notices.template import starting_text
from tests.factories.notices import raw_notice

TAKHOP = recipient_of({"_id": "5301401", "name_th": "ตะขบ", "type": "tambon"}, "ปักธงชัย", "นครราชสีมา")


@pytest.mark.parametrize(
    ("kind", "name", "full", "head"),
    [
        ("tambon", "ตะขบ", "เทศบาลตำบลตะขบ", "นายกเทศมนตรีตำบลตะขบ"),
        ("city", "นครราชสีมา", "เทศบาลนครนครราชสีมา", "นายกเทศมนตรีนครนครราชสีมา"),
        ("sao", "ตะขบ", "องค์การบริหารส่วนตำบลตะขบ", "นายกองค์การบริหารส่วนตำบลตะขบ"),
        ("pao", "นครราชสีมา", "องค์การบริหารส่วนจังหวัดนครราชสีมา", "นายกองค์การบริหารส่วนจังหวัดนครราชสีมา"),
        ("pattaya", "เมืองพัทยา", "เมืองพัทยา", "นายกเมืองพัทยา"),
    ],
)
def test_an_lao_is_addressed_by_its_full_name_and_the_office_of_its_head(kind, name, full, head):
    found = recipient_of({"_id": "1", "name_th": name, "type": kind})
    assert (found.name, found.head) == (full, head)


def test_places_are_filled_in_every_part():
    letter = build(raw_notice(subject="แจ้ง {อปท}", closing=["ภายใน {กำหนด} ที่ {อำเภอ} {จังหวัด}"]), TAKHOP)
    assert letter.addressee == "นายกเทศมนตรีตำบลตะขบ"
    assert letter.subject == "แจ้ง เทศบาลตำบลตะขบ"
    assert letter.opening == ("ขอให้ เทศบาลตำบลตะขบ ดำเนินการ ดังนี้",)
    assert letter.closing == ("ภายใน ๒๙ พฤศจิกายน ๒๕๖๗ ที่ ปักธงชัย นครราชสีมา",)


def test_dates_and_numbers_are_printed_in_thai_and_the_number_is_kept_as_typed():
    letter = build(raw_notice(number="นม 0023.26/ว 1603"), TAKHOP)
    assert letter.dated == "๕ พฤศจิกายน ๒๕๖๗"
    assert letter.deadline == "ทั้งนี้ ให้ดำเนินการให้แล้วเสร็จภายในวันที่ ๒๙ พฤศจิกายน ๒๕๖๗"
    assert [number for number, _ in letter.orders] == ["๑", "๒", "๓"]
    assert letter.number == "นม 0023.26/ว 1603"
    assert letter.urgency == "ด่วนที่สุด"


def test_a_normal_notice_shows_no_urgency_and_empty_parts_are_left_out():
    letter = build(raw_notice(urgency="normal", deadline=None, orders=["", "  ", "หนึ่ง"], contact=None), TAKHOP)
    assert letter.urgency == letter.deadline == ""
    assert letter.orders == (("๑", "หนึ่ง"),)
    assert letter.contact == ()


def test_a_single_item_has_no_number_and_several_have():
    assert numbered(["ก"]) == ("ก",)
    assert numbered(["ก", "ข"]) == ("๑. ก", "๒. ข")


def test_a_name_with_braces_is_not_filled_a_second_time():
    tricky = Recipient("1", "{ผู้บริหาร}", "หัวหน้า")
    assert build(raw_notice(opening=["{อปท}"]), tricky).opening == ("{ผู้บริหาร}",)


def test_unknown_places_are_found_and_left_as_typed():
    assert unknown_places(["{อปท} {lao}", "{ lao } {x}"]) == ["lao", "x"]
    assert build(raw_notice(subject="{lao}"), TAKHOP).subject == "{lao}"


@given(st.text())
def test_cleaned_text_has_one_kind_of_line_end_and_no_controls(text):
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert cleaned.splitlines() == cleaned.split("\n") or cleaned == ""


def test_thai_date_of_nothing_is_empty():
    assert thai_date(None) == ""
    assert thai_date(date(2024, 6, 10)) == "๑๐ มิถุนายน ๒๕๖๗"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "not_started"),
        (["not_started"], "not_started"),
        (["not_started", "in_progress"], "in_progress"),
        (["not_started", "accepted"], "in_progress"),
        (["certified", "verified"], "in_progress"),
        (["submitted", "accepted"], "submitted"),
        (["submitted", "returned"], "returned"),
        (["not_started", "returned"], "returned"),
    ],
)
def test_the_state_of_an_lao_follows_from_its_schools(states, expected):
    assert lao_state([SubmissionState(state) for state in states]) == expected


@given(st.lists(st.sampled_from(SubmissionState)))
def test_every_lao_is_in_exactly_one_state_whatever_the_order(states):
    assert lao_state(states) is lao_state(list(reversed(states)))


def test_waits_grow_scale_and_end():
    minutes = [wait_after(n).total_seconds() / 60 for n in range(1, MAX_ATTEMPTS)]
    assert minutes == [1, 5, 30, 120, 240, 480, 720, 720, 720, 720, 720]
    assert 72 * 60 < sum(minutes) < 80 * 60
    assert wait_after(MAX_ATTEMPTS) is None
    assert wait_after(1, 0.01).total_seconds() == 0.6


def test_a_new_notice_begins_with_the_orders_of_the_round():
    round_ = {
        "academic_year": 2567, "number": 2, "census_date": date(2024, 6, 10), "opens_on": date(2024, 11, 5),
    }  # fmt: skip
    text = starting_text(Level.DISTRICT, "ปักธงชัย", round_)
    assert text["office"] == "ที่ว่าการอำเภอปักธงชัย"
    assert "(ครั้งที่ ๒)" in text["subject"]
    assert "ณ วันที่ ๑๐ มิถุนายน ๒๕๖๗" in text["orders"][0]
    assert len(text["orders"]) == 3
    assert not unknown_places([text["subject"], text["addressee"], *text["opening"], *text["orders"]])
    assert starting_text(Level.COUNTRY, "", None)["orders"]
