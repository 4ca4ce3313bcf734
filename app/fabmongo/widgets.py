"""Form widgets as plain HTML with data attributes: no inline script, no inline style."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup
from wtforms.widgets import html_params

from app.fabmongo.labels import T

BLANK = Markup("<option value></option>")


def options(choices: Iterable[tuple[str, Any, bool]]) -> Markup:
    """<option> elements of (value, text, chosen)."""
    return Markup("").join(
        Markup("<option {}>{}</option>").format(html_params(value=value, selected=chosen), text)
        for value, text, chosen in choices
    )


def _classes(kwargs: dict[str, Any], *names: str) -> str:
    return " ".join([*names, str(kwargs.pop("class_", "") or kwargs.pop("class", ""))]).strip()


class AjaxSelectWidget:
    """A <select> that holds only what is chosen and asks `data-url` for the rest while typing."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        kwargs["class"] = _classes(kwargs, "form-control", "ajax-select")
        attributes = {
            "name": field.name,
            "data-url": field.select_url(),
            "data-placeholder": str(T("พิมพ์เพื่อค้นหา", "Type to search")),
            "data-allow-clear": "false" if field.flags.required else "true",
            **kwargs,
        }
        if field.many:
            attributes["multiple"] = True
        blank = "" if field.many else BLANK
        chosen = options((key, text, True) for key, text in field.chosen())
        return Markup("<select {}>{}{}</select>").format(html_params(**attributes), blank, chosen)


class CheckboxListWidget:
    """Choices as a list of check boxes, easier on a phone than a multiple select."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.pop("class_", None)
        boxes = Markup("").join(
            Markup('<label class="check"><input type="checkbox" {}> <span>{}</span></label>').format(
                html_params(name=field.name, value=value, checked=chosen), label
            )
            for value, label, chosen, *_ in field.iter_choices()
        )
        return Markup('<div class="check-list" id="{}">{}</div>').format(field.id, boxes)
