"""The connection to MongoDB, the indexes of every document, and whether the server answers."""

from __future__ import annotations

from typing import Any, Protocol

import mongoengine
import pymongo
from mongoengine.connection import get_connection
from pymongo import IndexModel
from pymongo.errors import ConfigurationError, InvalidName, InvalidURI, OperationFailure, PyMongoError

from app.documents.agencies import Agency
from app.documents.areas import District, Province
from app.documents.certifications import Certification
from app.documents.corrections import Correction
from app.documents.evidence import Evidence, ListedStudent, ListUpload
from app.documents.extensions import Extension
from app.documents.findings import FindingCheck, RuleSetting, StoredFinding
from app.documents.imports import (
    ImportCells,
    ImportHead,
    ImportLayout,
    ImportRow,
    ImportRun,
    ImportSchool,
    ReadingTurn,
)
from app.documents.lao import Lao
from app.documents.notices import Delivery, Notice
from app.documents.proclamations import Proclamation, StudentMove
from app.documents.reports import ReportRow, ReportRun
from app.documents.retention import RetentionRun
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.steps import SubmissionStep
from app.documents.students import Student
from app.documents.submissions import Submission
from app.errors import Problem
from app.fabmongo.audit import AuditEntry
from app.fabmongo.security.models import Permission, PermissionView, Role, User, ViewMenu
from app.fabmongo.unknown_fields import leave_unknown_fields
from app.patience import ANSWER_WITHIN, PAGES, Patience
from config import ConfigError

DOCUMENTS: tuple[type[mongoengine.Document], ...] = (
    Province, District, Lao, Agency, School, Student, Round, Submission, Proclamation, StudentMove,
    SubmissionStep, Certification, Extension, Correction, Evidence, ListedStudent, ListUpload,
    StoredFinding, RuleSetting, FindingCheck,
    Notice, Delivery, ReportRun, ReportRow, ImportRun, ImportSchool, ImportRow, ImportLayout, ImportHead,
    ImportCells, ReadingTurn, RetentionRun,
    User, Role, AuditEntry, Permission, ViewMenu, PermissionView,
)  # fmt: skip
"""Every document class with a collection of its own."""
for _document in DOCUMENTS:
    # Two versions run side by side during an upgrade: a field that the newer one stored closes no page of the older.
    leave_unknown_fields(_document)


class Installation(Protocol):
    """What is needed of the installation's settings."""

    @property
    def mongodb_uri(self) -> str: ...

    @property
    def database_name(self) -> str: ...


def connect(settings: Installation, patience: Patience = PAGES) -> None:
    """Name the process's database; nothing is sent yet, so that processes forked later open connections of their own.

    Connecting again with the same settings changes nothing. Raises ConfigError on an address that cannot be one.
    """
    try:
        mongoengine.connect(
            db=settings.database_name,
            host=settings.mongodb_uri,
            uuidRepresentation="standard",
            appname="lec",
            connect=False,
            **patience.for_client(),
        )
    except (InvalidURI, InvalidName, ConfigurationError) as error:
        raise ConfigError(
            "ค่า MONGODB_URI ใช้ไม่ได้: ต้องเป็นที่อยู่ของ MongoDB เช่น mongodb://127.0.0.1:27017/lec?replicaSet=rs0",
            f"MONGODB_URI cannot be used ({type(error).__name__}): it must be an address such as "
            "mongodb://127.0.0.1:27017/lec?replicaSet=rs0.",
        ) from None


def ping() -> None:
    """Return when a MongoDB that can do transactions answers within 5 seconds, else raise Problem."""
    try:
        with pymongo.timeout(ANSWER_WITHIN):
            hello: dict[str, Any] = get_connection().admin.command("hello")
    except PyMongoError as error:
        raise Problem(
            f"MongoDB ไม่ตอบ ({_reason(error)}): ตรวจสอบว่าเปิดเครื่องแม่ข่ายแล้ว และค่า MONGODB_URI ถูกต้อง",
            f"MongoDB does not answer ({_reason(error)}): see that the server runs and MONGODB_URI is right.",
        ) from error
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Problem(
            "MongoDB นี้ทำงานเดี่ยว แต่ LEC ต้องใช้ replica set: เปิด mongod ด้วย --replSet แล้วสั่ง rs.initiate()",
            "This MongoDB stands alone, but LEC needs a replica set: start mongod with --replSet, run rs.initiate().",
        )


def ensure_indexes() -> None:
    """Create the indexes that are missing, one command a collection. Raises Problem where one cannot be made."""
    for document in DOCUMENTS:
        specs = [dict(spec) for spec in document._meta["index_specs"]]
        for spec in specs:
            spec.pop("cls", None)
        if not specs:
            continue
        try:
            document._get_collection().create_indexes([IndexModel(spec.pop("fields"), **spec) for spec in specs])
        except OperationFailure as error:
            name = document._get_collection_name()
            raise Problem(
                f"สร้างดัชนีของ {name} ไม่ได้ ({_reason(error)}): ลบดัชนีหรือข้อมูลที่ขัดกันก่อน แล้วลองใหม่ "
                "(flask --app app indexes แสดงดัชนีที่ต่างจากที่กำหนด)",
                f"The indexes of {name} could not be made ({_reason(error)}): remove the index or the rows that "
                "conflict, then try again (`flask --app app indexes` names those that differ).",
            ) from error


def _reason(error: PyMongoError) -> str:
    """A word for an error: MongoDB's own where it gave one. Never the text, which may hold values of rows."""
    details = getattr(error, "details", None) or {}
    return str(details.get("codeName") or type(error).__name__)
