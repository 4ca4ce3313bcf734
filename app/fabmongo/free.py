"""Form fields for values without a column of their own: free JSON, maps and places on the Earth."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from markupsafe import Markup
from wtforms import Field
from wtforms.validators import StopValidation
from wtforms.widgets import TextArea, html_params

from app.fabmongo.api.parsing import parse_value
from app.fabmongo.api.reading import value_json
from app.fabmongo.errors import BadValue
from app.fabmongo.fields import ConvertedField
from app.fabmongo.labels import T
from app.fabmongo.values import number


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


class JsonField(ConvertedField):
    """What JSON can say, as text: dicts, maps and lists of anything. Its values are those of the API."""

    widget = TextArea()

    def __init__(self, *args: Any, column: Any, lookup: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.column, self.lookup = column, lookup

    def written(self, value: Any) -> str:
        if not value:
            return ""
        return json.dumps(value_json(self.column, self.column.to_mongo(value), True), ensure_ascii=False, indent=2)

    def converted(self, text: str) -> Any:
        if self.object_data and text.replace("\r\n", "\n") == self.written(self.object_data):
            return self.object_data  # It may hold what JSON has no word for, such as a date.
        try:
            value = json.loads(text, parse_constant=_no_constant)
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise BadValue(_json_fault(error)) from None
        return parse_value(self.column, value, self.lookup)

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if valuelist and self.data is None and not self.typed.strip():  # type: ignore[union-attr]
            default = self.column.default
            self.data = default() if callable(default) else default


def _json_fault(error: Exception) -> Any:
    line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
    return T(
        'ไม่ใช่ JSON ที่ถูกต้อง ผิดที่บรรทัด {line} ตัวอักษรที่ {column} ตัวอย่าง {{"ชื่อ": "ค่า"}}',
        'Not valid JSON: wrong at line {line}, character {column}. Such as {{"name": "value"}}.',
        line=line, column=column,
    )  # fmt: skip


class PlaceWidget:
    """Two inputs of one name: latitude, then longitude."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        parts = []
        for index, (text, label) in enumerate(
            zip(field.texts(), (T("ละติจูด", "Latitude"), T("ลองจิจูด", "Longitude")), strict=True)
        ):
            own = {**kwargs, "aria-label": f"{field.label.text}: {label}"}
            own["id"] = field.id if index == 0 else f"{field.id}-2"
            own |= {"placeholder": str(label), "data-hint": True, "inputmode": "decimal"}
            parts.append(Markup("<input {}>").format(html_params(type="text", name=field.name, value=text, **own)))
        return Markup('<div class="fields-2 fields place">{}</div>').format(Markup("").join(parts))


class PlaceField(Field):
    """A point as latitude and longitude; both may be pasted into the first box, as maps give them."""

    widget = PlaceWidget()
    typed: list[str] | None = None

    def texts(self) -> tuple[str, str]:
        """What the two inputs show."""
        if self.typed is not None:
            return self.typed[0], self.typed[1]
        place = coordinates(self.data)
        return (repr(place[1]), repr(place[0])) if place else ("", "")

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        texts = [str(text).strip() for text in valuelist[:2]] + [""] * (2 - len(valuelist[:2]))
        if texts[0].count(",") == 1 and not texts[1]:
            texts = [part.strip() for part in texts[0].split(",")]
        self.typed, self.data = texts, None
        if any(texts):
            self.data = self._place(texts)

    def _place(self, texts: list[str]) -> list[float]:
        try:
            latitude, longitude = (number(text, float) for text in texts)
        except BadValue as error:
            raise ValueError(str(error.text)) from None
        if abs(latitude) > 90 or abs(longitude) > 180:
            raise ValueError(
                str(T("ละติจูดอยู่ระหว่าง -90 ถึง 90 ลองจิจูด -180 ถึง 180",
                      "Latitude lies between -90 and 90, longitude between -180 and 180."))
            )
        return [longitude, latitude]

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()


def coordinates(value: Any) -> list[float] | None:
    """[longitude, latitude] of a stored point, or None."""
    if isinstance(value, dict):
        value = value.get("coordinates")
    return [float(value[0]), float(value[1])] if isinstance(value, (list, tuple)) and len(value) == 2 else None
