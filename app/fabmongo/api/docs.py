"""Swagger UI from this server alone: a static page, its starter and the files of flask-swagger-ui."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Response, redirect, request, send_from_directory
from flask_appbuilder.baseviews import BaseView, expose

STATIC = Path(__file__).parent / "static"


def swagger_folder() -> Path | None:
    """Where Swagger UI's files are installed; None where the package is missing."""
    spec = find_spec("flask_swagger_ui")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0]) / "dist" if places else None


class ApiDocsView(BaseView):
    """The page shows the OpenAPI document; what it sends carries the token that is typed into it."""

    route_base = "/api/docs"
    default_view = "page"

    def _file(self, name: str) -> Any:
        if self.appbuilder.sm.current_user is None:
            return redirect(f"{self.appbuilder.get_url_for_login}?next={request.path}")
        return send_from_directory(STATIC, name)

    @expose("/")
    def page(self) -> Response | Any:
        return self._file("docs.html")

    @expose("/start.js")
    def start(self) -> Response | Any:
        return self._file("start.js")
