"""How the validation rules are set: kept as documents, which `flask init` brings up to the catalogue."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.findings import RuleSetting
from app.enums import Severity
from app.errors import Problem
from app.fabmongo.writes import WriteRules
from app.rules.catalogue import ACROSS, CATALOGUE, DEFAULTS, Rule, Setting, Settings

Raw = dict[str, Any]


def load_settings(session: ClientSession | None = None) -> Settings:
    """Every rule's setting: as stored, and as declared where nothing is stored yet."""
    rows = RuleSetting._get_collection().find({"_id": {"$in": list(CATALOGUE)}}, session=session)
    return {**DEFAULTS, **{row["_id"]: _setting(row) for row in rows}}


def _setting(row: Raw) -> Setting:
    thresholds = CATALOGUE[row["_id"]].default_thresholds() | (row.get("thresholds") or {})
    return Setting(Severity(row["severity"]), bool(row.get("active", True)), thresholds)


def sync_rules() -> None:
    """Store the catalogue's rules; what an administrator changed on one is kept. Repeating it changes nothing."""
    settings = RuleSetting._get_collection()
    stored = {row["_id"]: row for row in settings.find()}
    for code, rule in CATALOGUE.items():
        row = stored.pop(code, {})
        wanted = _wanted(rule, row)
        if any(row.get(name) != value for name, value in wanted.items()):
            change = {"$set": wanted | {"changed_on": stored_now()}, "$setOnInsert": {"active": True}}
            settings.update_one({"_id": code}, change, upsert=True)
    settings.delete_many({"_id": {"$in": list(stored)}})


def _wanted(rule: Rule, row: Raw) -> Raw:
    """The fields of a rule's row: declared ones where nobody changed them; `baseline` remembers what was declared."""
    declared: Raw = {"severity": rule.severity.value, "thresholds": rule.default_thresholds()}
    before, now = row.get("baseline") or {}, row.get("thresholds") or {}
    kept = {
        name: now[name]
        for name in declared["thresholds"]
        if name in now and now[name] != (before.get("thresholds") or {}).get(name)
    }
    severity = row.get("severity")
    return {
        "title_th": rule.th, "title_en": rule.en, "baseline": declared,
        "severity": severity if severity not in (None, before.get("severity")) else declared["severity"],
        "thresholds": {**declared["thresholds"], **kept},
    }  # fmt: skip


class RuleSettingRules(WriteRules):
    """What must hold of a setting: known thresholds within their bounds, and duplicates that can be resolved."""

    def before_write(self, actor: Any, document: RuleSetting, before: Raw | None) -> None:
        rule = CATALOGUE.get(document.pk)
        if rule is None or before is None:
            raise Problem(
                "กฎการตรวจสอบเพิ่มเองไม่ได้ ระบบกำหนดไว้แล้ว",
                "Validation rules come with the system and are not added by hand.",
            )
        if rule is ACROSS and document.severity is Severity.ERROR:
            raise Problem(
                "กฎนี้แก้ไขได้โดยสถานศึกษาสองแห่งพร้อมกันเท่านั้น จึงต้องเป็น “ต้องชี้แจง” หรือ “ควรทราบ”",
                "Two schools have to settle this one, so it is a warning or a notice.",
                "severity",
            )
        _check_thresholds(rule, document.thresholds or {})


def _check_thresholds(rule: Rule, values: Raw) -> None:
    known = {one.name: one for one in rule.thresholds}
    if set(values) != set(known):
        raise Problem("เกณฑ์ไม่ครบ โปรดเปิดหน้านี้ใหม่", "Thresholds are missing. Open the page again.", "thresholds")
    for name, one in known.items():
        if type(values[name]) is not int or not one.low <= values[name] <= one.high:
            raise Problem(
                f"{one.th}: ต้องเป็นจำนวนเต็ม {one.low:,} ถึง {one.high:,}",
                f"{one.en}: must be a whole number from {one.low:,} to {one.high:,}.",
                "thresholds",
            )
