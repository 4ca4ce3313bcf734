"""Files of records over REST: fetched, replaced and removed inside the scope, checked as the forms check them."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_appbuilder.api import expose

from app.fabmongo.api.answers import ApiError, plain_error
from app.fabmongo.api.base import endpoint
from app.fabmongo.api.etags import require_match
from app.fabmongo.columns import kind_of
from app.fabmongo.errors import BadValue
from app.fabmongo.files import FILES, download_of
from app.fabmongo.labels import T
from app.fabmongo.reasons import give, sent_reason
from app.fabmongo.uploads import checked_upload, most_bytes, put_upload

PART = "file"
"""Name of the part of a multipart body that is the file."""
FRAME = 64 * 1024
"""Bytes of a multipart body that are not the file."""
NO_FILE = T(
    "ต้องส่งไฟล์เป็นส่วน file ของ multipart/form-data",
    "The file must come as the part “file” of multipart/form-data.",
)
NEEDED = T("ต้องมีไฟล์ จึงลบไม่ได้ แต่แทนที่ได้", "A file is needed here: it can be replaced, not removed.")


class FileRoutes:
    """The routes /<pk>/files/<column> of a resource; the columns are those of the view's pages."""

    datamodel: Any
    show_columns: Any
    shown_files: list[str]
    """File columns that are given out."""
    edited_files: list[str]
    """File columns that may be replaced."""
    _reachable: Any
    _values: Any
    _saved: Any

    @expose("/<pk>/files/<column>", methods=["GET"])
    @endpoint("show")
    def get_file(self, pk: str, column: str) -> Response:
        """A file of a record, as a download."""
        item = self._reachable(pk)
        found = getattr(item, column).get() if self._has_file(item, column, self.shown_files) else None
        if found is None:
            raise plain_error(404)
        return download_of(found)

    @expose("/<pk>/files/<column>", methods=["PUT"])
    @endpoint("edit")
    def put_file(self, pk: str, column: str) -> Response:
        """Store a file in a column, instead of the one that is there."""
        item, field = self._file_to_change(pk, column)
        most = most_bytes(field) + FRAME
        request.max_content_length = min(request.max_content_length or most, most)
        if request.mimetype != "multipart/form-data":
            raise plain_error(415)
        posted = request.files.get(PART)
        if posted is None or not posted.filename:
            raise ApiError(400, NO_FILE, {column: NO_FILE})
        try:
            put_upload(item, field, column, checked_upload(field, posted))
        except BadValue as error:
            raise ApiError(422, error.text, {column: error.text}) from None
        return self._saved(pk, item)

    @expose("/<pk>/files/<column>", methods=["DELETE"])
    @endpoint("edit")
    def delete_file(self, pk: str, column: str) -> Response:
        """Take the file out of a column."""
        item, field = self._file_to_change(pk, column)
        if field.required:
            raise ApiError(422, NEEDED, {column: NEEDED})
        put_upload(item, field, column, None)
        return self._saved(pk, item)

    def _has_file(self, item: Any, column: str, offered: list[str]) -> bool:
        field = item._fields.get(column)
        mine = column in offered or column not in self.datamodel.obj._fields
        return mine and kind_of(field) in FILES and not getattr(field, "secret", False)

    def _file_to_change(self, pk: str, column: str) -> tuple[Any, Any]:
        item = self._reachable(pk)
        if not self._has_file(item, column, self.edited_files):
            raise plain_error(404)
        require_match(item, self._values(item))
        give(item, sent_reason())
        return item, item._fields[column]
