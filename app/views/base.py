"""What LEC's generated views share."""

from __future__ import annotations

from typing import Any

from app.fabmongo.views import MongoModelView


class LecView(MongoModelView):
    """A generated view with its place in the menu named after its list, and its form after the button to it."""

    menu_label: Any = ""
    joined_columns: tuple[str, ...] = ()
    """Columns a phone shows beside the first one, without a label: the rest of a name."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.list_title = cls.__dict__.get("list_title") or cls.menu_label
        cls.add_title = cls.__dict__.get("add_title") or cls.add_label
