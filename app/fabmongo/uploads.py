"""Choosing a file on a form: its size, what an image really is, replacing and removing."""

from __future__ import annotations

import io
from typing import Any

from bson import ObjectId
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import Field
from wtforms.widgets import html_params

from app.fabmongo.columns import kind_of
from app.fabmongo.errors import BadValue
from app.fabmongo.files import Upload, file_name
from app.fabmongo.labels import T

MOST_BYTES = 10 * 1024 * 1024
"""Largest upload, unless the column says `max_bytes`."""
IMAGES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
"""Words of a file column's `accepts`: what may be uploaded, by the file's first bytes."""


def image_type(head: bytes) -> str | None:
    """The type of an image by its first 12 bytes; what it is called does not count."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in IMAGES if head.startswith(magic)), None)


def checked_upload(column: Any, posted: FileStorage) -> Upload:
    """What was posted for a column, ready to be stored; raises BadValue on one too large or an image that is none."""
    size = posted.stream.seek(0, io.SEEK_END)
    posted.stream.seek(0)
    most = most_bytes(column)
    if size > most:
        raise BadValue(T("ไฟล์ใหญ่เกิน {mb} MB", "The file is larger than {mb} MB.", mb=f"{most / 2**20:g}"))
    found = file_type(posted.stream.read(12))
    posted.stream.seek(0)
    accepted = accepted_types(column)
    if accepted and found not in accepted:
        names = ", ".join(word.upper() for word in column.accepts)
        raise BadValue(T("ไม่ใช่ไฟล์ {names}", "Not a file of these kinds: {names}", names=names))
    if kind_of(column) == "image" and found not in {kind for _, kind in IMAGES} | {TYPES["webp"]}:
        raise BadValue(T("ไม่ใช่รูปภาพ PNG, JPEG, GIF หรือ WebP", "Not a PNG, JPEG, GIF or WebP image."))
    name = str(posted.filename).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char for char in name if char.isprintable())[:200] or "file"
    return Upload(ObjectId(), name, found or "application/octet-stream", posted.stream)


def accepted_types(column: Any) -> list[str]:
    """The types that a column takes; none are all."""
    return [TYPES[word] for word in getattr(column, "accepts", None) or ()]


def most_bytes(column: Any) -> int:
    """The largest file a column takes."""
    return int(getattr(column, "max_bytes", None) or MOST_BYTES)


def put_upload(item: Any, column: Any, name: str, upload: Upload | None) -> None:
    """Let a document name an upload, which the write path will store, or no file any more."""
    proxy = column.get_proxy_obj(key=name, instance=item)
    if upload is not None:
        proxy.grid_id = upload.key
        item.__dict__.setdefault("_uploads", {})[name] = upload
    item._data[name] = proxy


def file_type(head: bytes) -> str | None:
    """The type of a PDF or an image by its first 12 bytes."""
    return TYPES["pdf"] if head.startswith(b"%PDF-") else image_type(head)


class UploadWidget:
    """What is stored, a box to remove it, and an input for another one."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        parts = [Markup("<input {}>").format(html_params(type="file", name=field.name, accept=field.accept, **kwargs))]
        if field.current:
            remove = html_params(type="checkbox", name=f"{field.name}-remove", value="1", checked=field.removed)
            text = T("ลบไฟล์นี้", "Remove this file")
            parts.insert(0, Markup('<p class="file-now">{}</p>').format(field.current))
            parts.append(Markup('<label class="check"><input {}><span>{}</span></label>').format(remove, text))
        if field.upload is not None:
            again = T("ยังไม่ได้บันทึก โปรดเลือกไฟล์อีกครั้ง", "Nothing was saved: choose the file again.")
            parts.append(Markup('<span class="field__help">{}</span>').format(again))
        return Markup("").join(parts)


class UploadField(Field):
    """A GridFS file; `data` stays the stored one until the form is written onto a document."""

    widget = UploadWidget()
    upload: Upload | None = None
    removed = False

    def __init__(self, *args: Any, column: Any, **kwargs: Any) -> None:
        self.column, self.image = column, kind_of(column) == "image"
        kwargs["validators"] = []
        super().__init__(*args, **kwargs)
        self.flags.required = column.required

    @property
    def accept(self) -> str:
        images = (TYPES[word] for word in ("png", "jpg", "gif", "webp") if self.image)
        return ",".join(accepted_types(self.column) or images)

    @property
    def current(self) -> str:
        """The name of what is stored."""
        item = getattr(self.object_data, "instance", None)
        stored = getattr(item, "_stored", None) or {}
        return file_name(self.object_data) if self.object_data and self.column.db_field in stored else ""

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        self.removed = bool(formdata is not None and formdata.get(f"{self.name}-remove"))

    def process_formdata(self, valuelist: list[Any]) -> None:
        posted = next((one for one in valuelist if isinstance(one, FileStorage) and one.filename), None)
        if posted is None:
            return
        try:
            self.upload = checked_upload(self.column, posted)
        except BadValue as error:
            raise ValueError(str(error.text)) from None

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        self.errors = list(self.process_errors)
        missing = not self.upload and (self.removed or not self.object_data)
        if self.column.required and missing and not self.errors:
            self.errors.append(str(T("ต้องเลือกไฟล์", "A file is needed.")))
        return not self.errors

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.upload is None and not self.removed:
            return
        put_upload(obj, self.column, name, self.upload)
