"""The lists below a record of those that refer to it: all of them are read together."""

from __future__ import annotations

from typing import Any

from app.fabmongo import arguments, chooser, paging
from app.fabmongo.interface import EXACT_COUNT_BOUND
from app.fabmongo.together import Wanted, read_pages


class RelatedListsMixin:
    """Part of a MongoModelView: its `related_views`, each a list of another view narrowed to the record."""

    datamodel: Any
    _related_views: Any

    def _visible_related(self) -> list[Any]:
        return [view for view in self._related_views or [] if view.may("list")]

    def _related_filters(self, item: Any, view: Any) -> Any:
        """The filters of another view's list that keep the rows which refer to the record."""
        other = view.datamodel
        column = other.get_related_fk(self.datamodel.obj)
        if column is None:
            raise LookupError(f"{type(view).__name__} has no column that refers to {self.datamodel.model_name}")
        many = other.is_relation_many_to_many(column)
        narrowed = other.FilterRelationManyToManyEqual if many else other.FilterRelationOneToManyEqual
        filters = other.get_filters()
        filters.add_filter_related_view(column, narrowed, self.datamodel.get_pk_value(item))
        return filters

    def _get_related_views_widgets(
        self, item: Any, orders: Any = None, pages: Any = None, page_sizes: Any = None,
        widgets: Any = None, **args: Any,
    ) -> dict[str, Any]:
        views = self._visible_related()
        filters = [self._related_filters(item, view) for view in views]
        lists = [self._wanted_page(view, one) for view, one in zip(views, filters, strict=True)]
        read = read_pages(lists, EXACT_COUNT_BOUND)
        widgets = widgets or {}
        widgets["related_views"] = [
            view._get_list_widget(
                filters=one, order_column=wanted.order[0], order_direction=wanted.order[1],
                page=wanted.page, page_size=wanted.size, rows=rows,
            )["list"]
            for view, one, wanted, rows in zip(views, filters, lists, read, strict=True)
        ]
        return widgets

    def _wanted_page(self, view: Any, filters: Any) -> Wanted:
        """The page of a related list that the address asks for."""
        order, (number, size) = arguments.order_of(view), arguments.page_of(view)
        joined = filters.get_joined_filters(view._base_filters)
        columns, at = chooser.columns_of(view, filters), paging.place(view, order, number, size)
        return Wanted(view.datamodel, columns, joined, order, number, size, at)
