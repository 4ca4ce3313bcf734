"""Form fields that take what people type: any digits, local dates, references by searching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from app.fabmongo.display import NOT_OF_ITS_KIND, as_stored, record_name
from app.fabmongo.errors import BadValue
from app.fabmongo.formats import formats
from app.fabmongo.labels import T
from app.fabmongo.values import day, identifier, moment, moment_text, number
from app.fabmongo.widgets import AjaxSelectWidget

Pairs = list[tuple[str, Any]]
"""(stored text, label) of each choice, in order."""


def select_choices(pairs: Pairs) -> list[SelectChoice]:
    """Choices in the form WTForms wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


class TextField(StringField):
    """Text cleaned the application's way; `code` text gets plain digits too. Empty is None."""

    def __init__(self, *args: Any, code: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            clean = formats().clean_code if self.code else formats().clean_text
            self.data = clean(valuelist[0]) or None


class LongTextField(TextField, TextAreaField):
    """Text of several lines."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = valuelist[0].replace("\r\n", "\n").strip() or None


class ConvertedField(Field):
    """One line of text turned into a value; what was typed is kept when it cannot be."""

    widget = TextInput()
    typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        try:
            return "" if self.data is None else self.written(self.data)
        except NOT_OF_ITS_KIND:
            return as_stored(self.data, None)  # it stands there to be put right

    def written(self, value: Any) -> str:
        return str(value)

    def converted(self, text: str) -> Any:
        raise NotImplementedError

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            # What cannot be read is told once; whether it is missing or too large is another matter.
            raise StopValidation()

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        self.typed = str(valuelist[0])
        self.data = None
        if self.typed.strip():
            try:
                self.data = self.converted(self.typed)
            except BadValue as error:
                raise ValueError(str(error.text)) from error


class NumberField(ConvertedField):
    """A number, by `convert` (int, float or Decimal)."""

    def __init__(self, *args: Any, convert: Callable[[str], Any] = int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.convert = convert

    def converted(self, text: str) -> Any:
        return number(text, self.convert)


class DayField(ConvertedField):
    """A date as the application writes and reads dates."""

    def written(self, value: Any) -> str:
        return formats().edit_date(value)

    def converted(self, text: str) -> Any:
        return day(text)


class MomentField(ConvertedField):
    """A date with the time of day, in the people's own time; stored in UTC."""

    def written(self, value: Any) -> str:
        return moment_text(value)

    def converted(self, text: str) -> Any:
        return moment(text)


class UuidField(ConvertedField):
    """A UUID as text."""

    def converted(self, text: str) -> Any:
        return identifier(text)


class ChoiceField(SelectField):
    """A choice whose stored form is given back as the document wants it (an enum member)."""

    def __init__(self, *args: Any, choices: Pairs, enum_class: Any = None, **kwargs: Any) -> None:
        self.enum_class = enum_class
        self.pairs = choices
        super().__init__(*args, coerce=self._coerce, choices=select_choices(choices), **kwargs)

    def _coerce(self, value: Any) -> Any:
        if value in ("", None):
            return None
        if self.enum_class is None:
            return value
        return value if isinstance(value, self.enum_class) else self.enum_class(value)

    def iter_choices(self) -> Any:
        for value, label in self.pairs:
            yield Choice(value, label, self._coerce(value) == self.data, {})

    def pre_validate(self, form: Any) -> None:
        typed = str(getattr(self.data, "value", self.data))
        if self.data is not None and typed not in {value for value, _ in self.pairs}:
            raise StopValidation(str(T("ไม่มีตัวเลือกนี้", "There is no such choice.")))


class ChoicesField(SelectMultipleField):
    """Several choices of an enum."""

    def __init__(self, *args: Any, choices: Pairs, enum_class: Any, **kwargs: Any) -> None:
        self.pairs = choices
        super().__init__(*args, coerce=enum_class, choices=select_choices(choices), **kwargs)

    def iter_choices(self) -> Any:
        chosen = self.data or []
        for value, label in self.pairs:
            yield Choice(value, label, self.coerce(value) in chosen, {})

    def pre_validate(self, form: Any) -> None:
        # Coercion to the enum has refused everything else already.
        return


class LinesField(LongTextField):
    """A list of values, one a line; `convert` makes a value of a line or raises BadValue, `write` is its inverse."""

    data: Any

    def __init__(
        self, *args: Any, convert: Callable[[str], Any] | None = None, write: Callable[[Any], str] = str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.convert, self.write = convert, write
        self.typed: str | None = None

    def _value(self) -> str:
        return "\n".join(self.write(item) for item in self.data or []) if self.typed is None else self.typed

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        lines = [line.strip() for line in valuelist[0].splitlines() if line.strip()]
        if self.convert is None:
            self.data = lines
            return
        self.typed, self.data = str(valuelist[0]), []
        try:
            self.data = [self.convert(line) for line in lines]
        except BadValue as error:
            raise ValueError(str(error.text)) from error

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()


class RelatedField(Field):
    """A reference chosen by searching; the posted key is looked up inside the person's scope."""

    widget = AjaxSelectWidget()
    many = False

    def __init__(self, *args: Any, interface: Any, select_url: Callable[[], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.interface = interface
        self.select_url = select_url
        self.refused = False

    def chosen(self) -> list[tuple[str, str]]:
        """The (key, text) pairs to show as chosen."""
        items: Any = self.data if self.many else [self.data]
        return [(str(item.pk), record_name(item)) for item in items or [] if hasattr(item, "pk")]

    def process_formdata(self, valuelist: list[Any]) -> None:
        keys = [key for key in valuelist if key]
        kept = {str(item.pk): item for item in self._current() if hasattr(item, "pk")}
        found = {
            str(item.pk): item
            for item in self.interface.get_many([key for key in keys if key not in kept])
        }
        items = [kept.get(key) or found.get(key) for key in keys]
        self.refused = None in items
        present = [item for item in items if item is not None]
        self.data = present if self.many else (present[0] if present else None)

    def _current(self) -> list[Any]:
        value = self.object_data
        return list(value or []) if self.many else [value]

    def pre_validate(self, form: Any) -> None:
        if self.refused:
            raise StopValidation(
                str(
                    T(
                        "ไม่พบรายการที่เลือกในพื้นที่ของท่าน โปรดค้นหาและเลือกใหม่",
                        "What was chosen is not in your area. Search and choose again.",
                    )
                )
            )


class RelatedManyField(RelatedField):
    """Several references chosen by searching."""

    many = True
