"""A list whose chosen record shows its related lists below it."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access

from app.fabmongo.views import MongoModelView


class MongoMasterDetailView(MongoModelView):
    """A list whose chosen record shows its related lists below."""

    list_template = "fabmongo/master_detail.html"

    @expose("/list/")
    @expose("/list/<pk>")
    @has_access
    def list(self, pk: str | None = None) -> Any:
        widgets = self._list()
        item = self._reachable(pk) if pk else None
        if item is not None:
            widgets = self._get_related_views_widgets(item, widgets=widgets)
        return self.render_template(
            self.list_template, title=self.list_title, widgets=widgets, item=item, pk=pk,
            related_views=self._visible_related() if item is not None else [],
        )
