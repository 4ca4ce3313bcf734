"""Files in GridFS: stored when the write is certain, fetched inside the scope."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import gridfs
from bson import ObjectId
from flask import Response, abort, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from markupsafe import Markup
from mongoengine.connection import get_db
from pymongo.errors import PyMongoError
from werkzeug.utils import secure_filename

from app.fabmongo.columns import kind_of
from app.fabmongo.labels import T

log = logging.getLogger(__name__)

FILES = ("file", "image")
CHUNK = 255 * 1024


@dataclass
class Upload:
    """A file that was posted, not stored yet."""

    key: ObjectId
    name: str
    content_type: str
    stream: Any


class FileName(str):
    """A file's name on a page; it knows where the file is, so that a view can make a link."""

    pk: Any
    column: str


def file_name(proxy: Any) -> str:
    """The name of a stored file, or of one that is just being uploaded; its key where it is gone."""
    item = getattr(proxy, "instance", None)
    upload = (getattr(item, "_uploads", None) or {}).get(proxy.key)
    if upload is not None and upload.key == proxy.grid_id:
        return str(upload.name)
    known = (getattr(item, "_file_names", None) or {}).get(proxy.grid_id)
    if known:
        return str(known)
    found = proxy.get()
    return str(found.filename or proxy.grid_id) if found else str(T("(ไม่มีไฟล์แล้ว)", "(the file is gone)"))


def prefetch(items: list[Any], names: list[str]) -> None:
    """Fetch the names of the files in the named columns of rows of a view: one `find` for a column."""
    for name in names:
        mine = [item for item in items if kind_of(item._fields.get(name)) in FILES and item._data.get(name)]
        if not mine:
            continue
        field = mine[0]._fields[name]
        query = {"_id": {"$in": [item._data[name].grid_id for item in mine]}}
        found = get_db(field.db_alias)[f"{field.collection_name}.files"].find(query, {"filename": 1})
        texts = {raw["_id"]: raw.get("filename") for raw in found}
        for item in mine:
            item.__dict__.setdefault("_file_names", {}).update(texts)


def shown_file(proxy: Any) -> FileName | str:
    """A file as a page shows it."""
    if not proxy:
        return ""
    name = FileName(file_name(proxy))
    item = proxy.instance
    name.pk, name.column = getattr(item, "pk", None), proxy.key
    return name


# -- in the write path ---------------------------------------------------------------------


def _columns(document_class: Any) -> list[Any]:
    return [field for field in document_class._fields.values() if kind_of(field) in FILES]


def _bucket(field: Any) -> Any:
    return gridfs.GridFSBucket(get_db(field.db_alias), field.collection_name)


def missing(document: Any, before: Any) -> list[str]:
    """Columns whose file is neither the stored one, nor being uploaded, nor in GridFS: an old one brought back."""
    uploads = getattr(document, "_uploads", None) or {}
    found = []
    for field in _columns(type(document)):
        proxy = document._data.get(field.name)
        key = getattr(proxy, "grid_id", None)
        if key is None or key == (before or {}).get(field.db_field):
            continue
        if field.name in uploads and uploads[field.name].key == key:
            continue
        if not get_db(field.db_alias)[f"{field.collection_name}.files"].find_one({"_id": key}, {"_id": 1}):
            found.append(field.name)
    return found


@contextmanager
def stored(document: Any, before: Any, raw: Any) -> Iterator[None]:
    """Store the uploads of a document around its write; what no row points at afterwards is deleted.

    GridFS takes no part in transactions: a file is there before its row and goes after its row.
    """
    uploads = getattr(document, "_uploads", None) or {}
    fields = {field.name: field for field in _columns(type(document))}
    mine = [(fields[name], one) for name, one in uploads.items() if raw.get(fields[name].db_field) == one.key]
    done = []
    try:
        for field, one in mine:
            done.append((field, one.key))
            one.stream.seek(0)
            metadata = {"contentType": one.content_type}
            _bucket(field).upload_from_stream_with_id(one.key, one.name, one.stream, metadata=metadata)
        yield
    except BaseException:
        _delete(done)
        raise
    document.__dict__.pop("_uploads", None)
    old = ((field, (before or {}).get(field.db_field)) for field in fields.values())
    _delete([(field, key) for field, key in old if key is not None and key != raw.get(field.db_field)])


def _delete(files: list[tuple[Any, Any]]) -> None:
    for field, key in files:
        try:
            _bucket(field).delete(key)
        except gridfs.NoFile:
            continue
        except PyMongoError as error:
            # The row is right; the chunks that are left over cost room and nothing else.
            log.error("file %s was left behind: %s", key, type(error).__name__)


# -- on a page -----------------------------------------------------------------------------


class FilesMixin:
    """Links to the files of a view's rows, and the route that gives them out: /file/<pk>/<column>."""

    datamodel: Any
    endpoint: Any
    formatters_columns: Any
    show_columns: Any
    list_columns: Any
    edit_columns: Any
    columns_for: Any
    _reachable: Any

    def _init_properties(self) -> None:
        super()._init_properties()  # type: ignore[misc]
        self.formatters_columns = dict(self.formatters_columns)
        for name in self.datamodel.get_columns_list():
            if self.datamodel.kind(name) in FILES:
                self.formatters_columns.setdefault(name, self._file_link)

    def _file_link(self, value: Any) -> Any:
        if not isinstance(value, FileName) or value.pk is None:
            return value
        address = url_for(f"{self.endpoint}.file", pk=value.pk, column=value.column)
        return Markup('<a href="{}" download>{}</a>').format(address, str(value))

    def _offers_file(self, item: Any, column: str) -> bool:
        field = item._fields.get(column)
        offered = self.columns_for(type(item), [*self.show_columns, *self.list_columns, *self.edit_columns])
        return column in offered and kind_of(field) in FILES and not getattr(field, "secret", False)

    @expose("/file/<pk>/<column>", methods=["GET"])
    @has_access
    @permission_name("show")
    def file(self, pk: str, column: str) -> Response:
        """A file of a record in reach; always to be saved, never shown as a page of ours."""
        item = self._reachable(pk)
        found = getattr(item, column).get() if self._offers_file(item, column) else None
        if found is None:
            abort(404)
        return download_of(found)


def download_of(found: Any) -> Response:
    """A stored file as a download, whatever is in it."""
    response = Response(_chunks(found), mimetype="application/octet-stream")
    name = str(found.filename or "file")
    plain = secure_filename(name) or "file"
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Length"] = str(found.length)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _chunks(found: Any) -> Iterator[bytes]:
    while part := found.read(CHUNK):
        yield part
