"""The correction register, to be read, filtered, downloaded and printed."""

from __future__ import annotations

from app.documents.corrections import Correction
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.views.base import LecView


def signed(effect: object) -> object:
    """An effect on a count with its sign: +1, 0, −1."""
    return f"{effect:+d}".replace("-", "−") if isinstance(effect, int) and effect else effect


class CorrectionView(LecView):
    """What was changed in the base of a round that corrects it; rows are written with the changes and never change."""

    datamodel = MongoInterface(Correction)
    route_base = "/corrections"
    menu_label = T("ทะเบียนการแก้ไข", "Corrections")
    lead = T(
        "การแก้ไขทะเบียนนักเรียนทุกรายการระหว่างรอบแก้ไข: เดิม ใหม่ ผลต่อจำนวน ผู้แก้ไข และเหตุผล",
        "Every change of a roster while a round corrects: before, after, effect on the count, who and why.",
    )
    empty_text = T(
        "เมื่อมีการแก้ไขทะเบียนนักเรียนในรอบแก้ไข รายการจะแสดงที่นี่", "Changes of rosters in a round that corrects appear here."
    )
    base_permissions = ["can_list", "can_show"]
    exclude_route_methods = {"history", "restore_value", "deleted", "undelete"}
    list_template = "corrections/list.html"
    list_columns = ["student_name", "deed", "fields", "effect", "reason", "made_by", "made_on", "school", "round"]
    search_columns = [
        "round", "school", "deed", "effect", "made_by", "made_on", "reason", "lao", "district", "province",
    ]  # fmt: skip
    show_columns = [
        "student_name", "school", "round", "deed", "fields", "effect", "reason", "made_by", "made_on", "lao",
        "district", "province",
    ]  # fmt: skip
    label_columns = {"effect": T("ผลต่อจำนวน", "Effect")}
    formatters_columns = {"effect": signed}
    base_order = ("made_on", "desc")
