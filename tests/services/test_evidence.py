"""Schools of other affiliation: lists from files, the comparison, what may be verified, the request by e-mail."""

import email
import io
import zipfile
from collections.abc import Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from app.documents.evidence import Evidence, ListedStudent
from app.documents.submissions import Submission
from app.enums import DeliveryState, Grade
from app.errors import Problem
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.notices.settings import mail_of
from app.services import evidence, notices
from app.services.accounts import SYSTEM, SystemActor
from app.services.submissions import open_round, record_zero
from tests.factories.evidence import import_list
from tests.factories.places import Places, make_places

Raw = dict[str, Any]
HEAD = ("ลำดับ", "เลขประจำตัว", "คำนำหน้า ชื่อ-สกุล", "เลขประจำตัวประชาชน", "ระดับชั้น/ห้อง")


@pytest.fixture
def places(db: Database[Raw], app: Flask) -> Iterator[Places]:
    found = make_places(db)
    db.schools.update_one({"_id": found.takhop_tambon.other}, {"$set": {"email": "school@lec.example"}})
    open_round(SYSTEM, found.round_2)
    with app.app_context():
        yield found


def code_of(places: Places) -> str:
    return f"{places.round_2}:{places.takhop_tambon.other}"


def officer(places: Places) -> SystemActor:
    return SystemActor("officer", places.takhop_tambon.area())


def book(boys: int, girls: int, grade: str = "ป.1", number: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(2, 0, HEAD)
        for line in range(boys + girls):
            title = "ด.ช." if line < boys else "ด.ญ."
            sheet.write_row(line + 3, 0, (line + 1, f"{line:03}", f"{title}ทดสอบ{line} ระบบ", number, grade))
    return out.getvalue()


def record(places: Places, boys: int, girls: int) -> Submission:
    return evidence.record(officer(places), Submission.objects.get(pk=code_of(places)), {Grade.P1: (boys, girls)})


def test_a_list_from_a_file_replaces_the_list_before(db: Database[Raw], places: Places) -> None:
    for boys, girls in ((3, 2), (1, 4)):
        assert import_list(officer(places), code_of(places), book(boys, girls)) == (boys + girls, [])
        row = db.submissions.find_one({"_id": code_of(places)})
        assert row is not None
        assert (row["list_male"], row["list_female"]) == (boys, girls)
        assert db.listed_students.count_documents({"submission_code": code_of(places)}) == boys + girls


def test_one_wrong_row_and_nothing_is_stored(db: Database[Raw], places: Places) -> None:
    import_list(officer(places), code_of(places), book(3, 2))
    stored, refused = import_list(officer(places), code_of(places), book(1, 1, number="1234"))
    assert stored == 0
    assert [one.row for one in refused] == [4, 5]
    assert db.listed_students.count_documents({}) == 5


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"just text", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_spreadsheet_is_refused(places: Places, data: bytes) -> None:
    with pytest.raises(Problem) as caught:
        import_list(officer(places), code_of(places), data)
    assert caught.value.field == "file"


@pytest.mark.parametrize("place", [(1_048_575, 16_383), (200_000, 2_000)])
def test_a_cell_far_away_takes_neither_memory_nor_the_process(places: Places, place: tuple[int, int]) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(2, 0, HEAD)
        sheet.write(*place, "x")
    assert len(out.getvalue()) < 10_000
    with pytest.raises(Problem) as caught:
        import_list(officer(places), code_of(places), out.getvalue())
    assert caught.value.field == "file"


def test_a_packed_file_that_lies_about_its_size_is_refused(places: Places) -> None:
    out, size = io.BytesIO(), 1200 * 2**20
    with zipfile.ZipFile(io.BytesIO(book(1, 0))) as good, zipfile.ZipFile(out, "w", 8, compresslevel=1) as bad:
        for entry in good.infolist():
            if entry.filename != "xl/sharedStrings.xml":
                bad.writestr(entry.filename, good.read(entry))
        with bad.open("xl/sharedStrings.xml", "w") as strings:
            strings.write(b"<sst><si><t>")
            for _ in range(size >> 20):
                strings.write(b"a" * 2**20)
            strings.write(b"</t></si></sst>")
        bad.getinfo("xl/sharedStrings.xml").file_size = 1000
    with pytest.raises(Problem) as caught:
        import_list(officer(places), code_of(places), out.getvalue())
    assert caught.value.field == "file"


def test_a_neighbour_imports_nothing(db: Database[Raw], places: Places) -> None:
    stranger = SystemActor("stranger", places.takhop_sao.area())
    with pytest.raises(Problem) as caught:
        import_list(stranger, code_of(places), book(1, 1))
    assert caught.value.kind == "forbidden"
    assert db.listed_students.count_documents({}) == 0


def test_verified_is_refused_while_list_and_count_differ_by_one(db: Database[Raw], places: Places) -> None:
    import_list(officer(places), code_of(places), book(3, 2))
    found = record(places, 3, 3)
    assert found.list_differs
    with pytest.raises(Problem) as caught:
        evidence.check_verifiable(found.to_mongo())
    assert "ป.1 หญิง: บันทึก 3 รายชื่อ 2" in caught.value.th
    assert not record(places, 3, 2).list_differs


def test_verified_needs_a_signed_paper(db: Database[Raw], places: Places) -> None:
    import_list(officer(places), code_of(places), book(3, 2))
    found = record(places, 3, 2).to_mongo()
    with pytest.raises(Problem) as caught:
        evidence.check_verifiable(found)
    assert caught.value.field == "evidence"
    db.evidence.insert_one({"submission_code": found["_id"], "kind": "lec-2"})
    evidence.check_verifiable(found)


def test_a_typed_name_changes_what_the_list_adds_up_to(db: Database[Raw], places: Places) -> None:
    names = MongoInterface(ListedStudent, evidence.ListedStudentRules())
    with acting_as(officer(places)):
        for title in ("ด.ช.", "ด.ญ.", "ด.ญ."):
            names.add(ListedStudent(submission=code_of(places), title=title, first_name="ก", last_name="ข", grade="P1"))
        row = db.submissions.find_one({"_id": code_of(places)}) or {}
        assert (row["list_male"], row["list_female"]) == (1, 2)
        assert [one["line"] for one in db.listed_students.find().sort("line", 1)] == [1, 2, 3]
        names.delete(names.get(db.listed_students.find_one({"sex": "male"})["_id"]))  # type: ignore[index]
    row = db.submissions.find_one({"_id": code_of(places)}) or {}
    assert (row["list_male"], row["list_female"]) == (0, 2)


def test_a_list_that_was_vouched_for_does_not_change(db: Database[Raw], places: Places) -> None:
    names = MongoInterface(ListedStudent, evidence.ListedStudentRules())
    db.submissions.update_one({"_id": code_of(places)}, {"$set": {"state": "verified", "total": 1}})
    with acting_as(officer(places)), pytest.raises(WriteRefused):
        names.add(ListedStudent(submission=code_of(places), title="ด.ช.", first_name="ก", last_name="ข", grade="P1"))
    with pytest.raises(Problem):
        import_list(officer(places), code_of(places), book(1, 1))
    assert db.listed_students.count_documents({}) == 0


def test_an_own_school_has_no_certified_list(db: Database[Raw], places: Places) -> None:
    with pytest.raises(Problem):
        import_list(officer(places), f"{places.round_2}:{places.takhop_tambon.own}", book(1, 1))


def test_the_request_goes_to_the_school_with_both_forms(
    db: Database[Raw], places: Places, app: Flask, tmp_path: Path
) -> None:
    evidence.request_papers(officer(places), code_of(places))
    delivery = db.deliveries.find_one() or {}
    assert notices.deliver(delivery["_id"], mail_of(app.extensions)) is DeliveryState.SENT
    stored = notices.message_of(SYSTEM, delivery["_id"], mail_of(app.extensions))
    message = email.message_from_bytes(stored.raw, policy=policy.default)
    assert "school@lec.example" in str(message["To"])
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}  # type: ignore[attr-defined]
    assert sorted(name[:5] for name in files) == ["lec-1", "lec-2"]
    assert all(data.startswith(b"%PDF") for data in files.values())
    assert db.submissions.find_one({"_id": code_of(places)})["requested_on"]  # type: ignore[index]


def test_pressing_again_on_the_same_day_sends_nothing_more(db: Database[Raw], places: Places) -> None:
    evidence.request_papers(officer(places), code_of(places))
    with pytest.raises(Problem):
        evidence.request_papers(officer(places), code_of(places))
    assert db.deliveries.count_documents({}) == 1


def test_a_school_without_an_address_is_told_apart(db: Database[Raw], places: Places) -> None:
    db.schools.update_one({"_id": places.takhop_tambon.other}, {"$unset": {"email": ""}})
    with pytest.raises(Problem) as caught:
        evidence.request_papers(officer(places), code_of(places))
    assert caught.value.field == "email"
    assert db.notices.count_documents({}) == 0


@pytest.mark.parametrize("list_first", [True, False])
def test_a_zero_with_a_reason_is_not_verified_beside_a_list_of_names(
    db: Database[Raw], places: Places, list_first: bool
) -> None:
    code = code_of(places)
    if list_first:
        import_list(officer(places), code, book(3, 2))
        with pytest.raises(Problem) as caught:
            record_zero(officer(places), code, "ไม่มีนักเรียน")
        assert caught.value.kind == "conflict"
        return
    record_zero(officer(places), code, "ไม่มีนักเรียน")
    evidence.check_verifiable(db.submissions.find_one({"_id": code}) or {})
    import_list(officer(places), code, book(3, 2))
    with pytest.raises(Problem) as caught:
        evidence.check_verifiable(db.submissions.find_one({"_id": code}) or {})
    assert caught.value.field == "counts"


def test_a_paper_of_a_verified_count_is_not_moved_to_another_submission(db: Database[Raw], places: Places) -> None:
    papers = MongoInterface(Evidence, evidence.EvidenceRules())
    open_round(SYSTEM, places.round_1)
    other = code_of(places).replace(places.round_2, places.round_1)
    stored = {"submission_code": code_of(places), "kind": "lec-2", "scan": ObjectId(), **places.takhop_tambon.path}
    key = db.evidence.insert_one({**stored, "school_code": places.takhop_tambon.other}).inserted_id
    db.submissions.update_one({"_id": code_of(places)}, {"$set": {"state": "verified", "total": 1}})
    with acting_as(officer(places)):
        paper = papers.get(key)
        paper.submission = Submission.objects.get(pk=other)
        with pytest.raises(WriteRefused):
            papers.edit(paper)
    assert (db.evidence.find_one() or {})["submission_code"] == code_of(places)
