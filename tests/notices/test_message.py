"""The e-mail: no header can be injected, what is written is read back, every line fits."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.notices.errors import PermanentFailure
from app.notices.letter import Recipient, build, clean
from app.notices.message import (
    build_message,
    checked_address,
    delivery_hash,
    message_id,
    one_line,
    read_message,
    subject_of,
)
from app.notices.render import TEXT_WIDTH, render_html, render_text, wrap
from tests.factories.notices import raw_notice

TO = Recipient("5301401", "เทศบาลตำบลตะขบ", "นายกเทศมนตรีตำบลตะขบ")
WHEN = datetime(2024, 11, 5, 3, 0, tzinfo=UTC)
FROM = "ระบบ LEC <lec@lec.example>"
THAI = st.text(st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B), max_size=60)
ANY = st.one_of(st.text(max_size=60), THAI, st.text('\r\n\x00\x0b\x85\u2028:,;<>@"=? ก', max_size=30))
HEADERS = {
    "subject", "from", "to", "date", "message-id", "auto-submitted", "x-auto-response-suppress", "importance",
    "mime-version", "content-type",
}  # fmt: skip


def message(letter, address="saraban@example.go.th"):
    return build_message(letter, address=address, mail_from=FROM, message_id="<n.1@lec.example>", date=WHEN)


@settings(max_examples=150, deadline=None)
@given(subject=ANY, number=ANY, name=ANY)
@example(subject="x\r\nBcc: thief@example.com", number="1\nX: y", name="ชื่อ\r\nCc: thief@example.com")
def test_nothing_typed_can_begin_a_header(subject, number, name):
    letter = build(raw_notice(subject=subject, number=number), Recipient("1", name, "x"))
    parsed = message_from_bytes(message(letter).as_bytes(), policy=policy.default)
    assert {key.lower() for key in list(parsed)} <= HEADERS
    assert len(parsed) == len(set(parsed))
    assert [address.addr_spec for address in parsed["To"].addresses] == ["saraban@example.go.th"]


@settings(max_examples=150, deadline=None)
@given(subject=ANY, opening=st.lists(ANY, max_size=3), orders=st.lists(ANY, max_size=3), office=ANY)
@example(subject="แจ้ง" * 70, opening=["ก" * 400], orders=["a" * 1200], office="ก\nข")
def test_subject_text_and_html_are_read_back_as_written(subject, opening, orders, office):
    letter = build(raw_notice(subject=subject, opening=opening, orders=orders, office=office), TO)
    raw = message(letter).as_bytes()
    assert raw.isascii() and all(len(line) <= 998 for line in raw.split(b"\r\n"))
    found = read_message(raw)
    assert dict(found.headers)["Subject"] == subject_of(letter)
    assert found.text == render_text(letter)
    assert found.html == render_html(letter)


@settings(max_examples=100, deadline=None)
@given(st.one_of(THAI, st.text(max_size=200)))
def test_wrapping_loses_no_character(text):
    text = clean(text)
    assert "".join(wrap(text).split()) == "".join(text.split())


def test_thai_without_spaces_is_broken_between_words():
    text = "ให้องค์กรปกครองส่วนท้องถิ่นดำเนินการปรับปรุงหรือแก้ไขข้อมูลนักเรียนหรือเด็กเล็กในระบบสารสนเทศทางการศึกษาท้องถิ่น"
    lines = wrap(text, first="        ", rest="  ").split("\n")
    assert len(lines) > 1
    assert "".join(line.strip() for line in lines) == text
    # A vowel or tone mark never begins a line: the letter it belongs to would be on the line before.
    assert all(line.strip()[0] not in "ะัาำิีึืุู็่้๊๋์ๆฯ" for line in lines)
    assert all(len(line) <= TEXT_WIDTH * 2 for line in lines)


def test_the_html_escapes_what_was_typed():
    html = render_html(build(raw_notice(subject="<script>x</script>", orders=['"><img src=x>']), TO))
    assert "<script>" not in html and "<img" not in html
    assert "&lt;script&gt;" in html


def test_the_message_says_what_it_is():
    found = message(build(raw_notice(), TO))
    assert found["Subject"] == "[ด่วนที่สุด] ขอให้ปรับปรุงข้อมูลนักเรียน (ที่ นม ๐๐๒๓.๒๖/ว ๑๖๐๓)"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"] == "Tue, 05 Nov 2024 10:00:00 +0700"
    assert found["From"].addresses[0].display_name == "ระบบ LEC"
    assert found["To"].addresses[0].display_name == "เทศบาลตำบลตะขบ"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


def test_the_message_id_belongs_to_the_delivery_alone():
    assert message_id("a:1", FROM) == message_id("a:1", FROM) != message_id("a:2", FROM)
    assert message_id("a:1", FROM) == f"<notice.{delivery_hash('a:1')}@lec.example>"


@pytest.mark.parametrize(
    "address",
    [
        None, "", "a", "a@", "@b.th", "a b@c.th", "a@b.th\r\nBcc: x@y.th", "a@b.th,c@d.th", "ก@b.th", "a@b..th",
        "a@b.th ", "<a@b.th>", f"{'a' * 65}@b.th", f"a@{'b' * 260}.th",
    ],
)  # fmt: skip
def test_a_malformed_address_is_a_permanent_failure(address):
    with pytest.raises(PermanentFailure):
        checked_address(address)


@given(ANY)
def test_one_line_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1
