"""How the validation rules are set, by the Department of Local Administration."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from wtforms import Field
from wtforms.validators import StopValidation

from app.documents.findings import RuleSetting
from app.fabmongo.errors import BadValue
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.values import number
from app.rules.catalogue import CATALOGUE, THRESHOLDS
from app.services.findings import RuleSettingRules
from app.views.base import LecView

RULE_LABELS = [(code, T(rule.th, rule.en)) for code, rule in CATALOGUE.items()]
# A document knows nothing of the rules, so what a rule is called is told to its field here.
RuleSetting.code.choices = RULE_LABELS


class ThresholdsWidget:
    """One labelled number for each threshold of the rule."""

    def __call__(self, field: ThresholdsField, **kwargs: Any) -> Markup:
        if not field.texts:
            return Markup('<p class="muted">{}</p>').format(T("กฎนี้ไม่มีเกณฑ์ให้กำหนด", "This rule has no thresholds."))
        parts = []
        for place, (name, text) in enumerate(field.texts.items()):
            one, key = THRESHOLDS[name], field.id if place == 0 else f"{field.id}-{name}"
            parts.append(
                Markup(
                    '<div class="field"><label class="field__label" for="{key}">{label}</label>'
                    '<input class="form-control" type="text" inputmode="numeric" id="{key}" name="{name}" '
                    'value="{text}"></div>'
                ).format(key=key, label=T(one.th, one.en), name=f"{field.name}-{name}", text=text)
            )
        return Markup('<div class="fields fields-2">{}</div>').format(Markup("").join(parts))


class ThresholdsField(Field):
    """The thresholds of one rule, those that are stored with it and no others."""

    widget = ThresholdsWidget()
    texts: dict[str, str]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Values come from one input each; what cannot be read stays in its box."""
        self.process_errors = []
        self.data = self.object_data = dict(data) if isinstance(data, dict) else {}
        self.texts = {name: str(value) for name, value in self.data.items() if name in THRESHOLDS}
        for name in self.texts if formdata else ():
            typed = formdata.get(f"{self.name}-{name}")
            if typed is None:
                continue
            self.texts[name] = typed
            try:
                self.data[name] = number(typed)
            except BadValue as error:
                one = THRESHOLDS[name]
                self.process_errors.append(f"{T(one.th, one.en)}: {error.text}")

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()


def _thresholds_text(text: Any) -> str:
    """The thresholds in words, from the generated text "percent: 20, persons: 10"."""
    parts = [part.partition(": ") for part in str(text or "").split(", ") if part]
    return " · ".join(f"{T(THRESHOLDS[name].th, THRESHOLDS[name].en)} {value}" for name, _, value in parts)


class RuleSettingView(LecView):
    """The rules come with the system; their weight and their thresholds are the department's."""

    datamodel = MongoInterface(RuleSetting, RuleSettingRules())
    route_base = "/rule-settings"
    menu_label = T("กฎการตรวจสอบ", "Validation rules")
    edit_title = T("กำหนดกฎการตรวจสอบ", "Set a validation rule")
    base_permissions = ["can_list", "can_show", "can_edit"]
    lead = T(
        "“ต้องแก้ไข” ห้ามรับรองข้อมูล “ต้องชี้แจง” รับรองได้เมื่อชี้แจงแล้ว “ควรทราบ” แจ้งให้ทราบเท่านั้น มีผลเมื่อตรวจสอบข้อมูลครั้งต่อไป",
        "Errors stop certifying, warnings until they are explained, notices never. Changes count from the next check.",
    )
    base_order = ("severity", "asc")
    list_columns = ["code", "severity", "active", "thresholds"]
    search_columns = ["code", "severity", "active"]
    show_columns = ["code", "severity", "active", "thresholds", "changed_by", "changed_on"]
    edit_columns = ["severity", "active", "thresholds"]
    label_columns = {"code": T("กฎ", "Rule")}
    formatters_columns = {"thresholds": _thresholds_text}
    edit_form_extra_fields = {"thresholds": ThresholdsField(T("เกณฑ์", "Thresholds"))}
