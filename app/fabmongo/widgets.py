"""Form widgets as plain HTML with data attributes: no inline script, no inline style."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape
from wtforms.widgets import html_params

from app.fabmongo.labels import T


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
        blank = "" if field.many else "<option value></option>"
        options = "".join(
            f'<option value="{escape(key)}" selected>{escape(text)}</option>'
            for key, text in field.chosen()
        )
        return Markup(f"<select {html_params(**attributes)}>{blank}{options}</select>")


class CheckboxListWidget:
    """Choices as a list of check boxes, easier on a phone than a multiple select."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.pop("class_", None)
        boxes = "".join(
            f'<label class="check"><input type="checkbox" name="{escape(field.name)}" '
            f'value="{escape(value)}"{" checked" if chosen else ""}> '
            f"<span>{escape(label)}</span></label>"
            for value, label, chosen, *_ in field.iter_choices()
        )
        return Markup(f'<div class="check-list" id="{escape(field.id)}">{boxes}</div>')
