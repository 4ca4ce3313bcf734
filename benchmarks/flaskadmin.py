"""The same pages by Flask-Admin 2.2 on its MongoEngine backend, tuned as its users would tune it.

Tuned means: the list fetches its own columns only and all its schools by one command (select_related), references are
AJAX selects instead of 30,000 options, the list's count is the driver's estimate where nothing is filtered, and the
indexes are LEC's. It checks no CSRF token, keeps no audit and no version: a bare save.
"""

from __future__ import annotations

import os
from typing import Any

from bson import ObjectId
from flask import Flask, abort, g, redirect, session
from flask_admin import Admin, AdminIndexView
from flask_admin.contrib.mongoengine import ModelView
from flask_admin.contrib.mongoengine.filters import BaseMongoEngineFilter
from flask_babel import Babel
from mongoengine import DateTimeField, Document, FloatField, ReferenceField, StringField, connect, get_db

from app.enums import Grade, Sex, StudentStatus
from benchmarks.counting import Counted

LIST = ["first_name", "last_name", "national_id", "school", "grade", "room", "sex", "status"]
FORM = [
    "national_id", "title", "first_name", "last_name", "sex", "birth_date", "nationality", "religion", "school",
    "student_no", "grade", "room", "admitted_on", "status", "left_on", "weight_kg", "height_cm",
]  # fmt: skip
LEVELS = {"country": None, "province": "province_code", "district": "district_code", "lao": "lao_code"}


def choices(enum: Any) -> list[tuple[str, str]]:
    return [(member.value, member.th) for member in enum]


class School(Document):
    meta = {"collection": "schools", "strict": False, "auto_create_index": False}
    id = StringField(primary_key=True)
    name_th = StringField()
    lao_code, district_code, province_code = StringField(), StringField(), StringField()

    def __str__(self) -> str:
        return str(self.name_th)


class Student(Document):
    meta = {"collection": "students", "strict": False, "auto_create_index": False}
    national_id = StringField(required=True, max_length=13)
    student_no = StringField(max_length=20)
    title = StringField(required=True, max_length=30)
    first_name = StringField(required=True, max_length=80)
    last_name = StringField(required=True, max_length=80)
    sex = StringField(required=True, choices=choices(Sex))
    birth_date = DateTimeField(required=True)
    nationality = StringField(max_length=40)
    religion = StringField(max_length=40)
    weight_kg = FloatField()
    height_cm = FloatField()
    school = ReferenceField(School, db_field="school_code", required=True)
    grade = StringField(required=True, choices=choices(Grade))
    room = StringField(max_length=10)
    status = StringField(required=True, choices=choices(StudentStatus))
    admitted_on = DateTimeField(required=True)
    left_on = DateTimeField()
    lao_code, district_code, province_code = StringField(), StringField(), StringField()


def scope() -> dict[str, str]:
    """The rows of the person signed in, who is read anew for each request."""
    if "scope" not in g:
        key = session.get("user")
        user = get_db().users.find_one({"_id": ObjectId(key)}, {"area_level": 1, "area_codes": 1}) if key else None
        if user is None:
            abort(401)
        field = LEVELS[user["area_level"]]
        g.scope = {field: user["area_codes"][user["area_level"]]} if field else {}
    return dict(g.scope)


class FilterPrefix(BaseMongoEngineFilter):
    def apply(self, query: Any, value: str) -> Any:
        return query.filter(**{f"{self.column}__startswith": value})

    def operation(self) -> str:
        return "starts with"


class FilterCode(BaseMongoEngineFilter):
    def apply(self, query: Any, value: str) -> Any:
        return query.filter(**{self.column: value})

    def operation(self) -> str:
        return "is"


class StudentAdmin(ModelView):
    column_list = column_export_list = LIST
    column_filters = (FilterPrefix("last_name", "last_name"), FilterCode("school", "school"),
                      FilterCode("lao_code", "lao"))  # fmt: skip
    column_searchable_list = ("first_name", "last_name", "national_id", "student_no")
    column_default_sort = "id"
    column_formatters = {
        "national_id": lambda view, context, row, name: f"{row.national_id[:1]}xxxxxxxx{row.national_id[-4:]}"
    }
    column_formatters_export = column_formatters
    column_choices = {"sex": choices(Sex), "grade": choices(Grade), "status": choices(StudentStatus)}
    column_details_list = FORM
    form_columns = FORM
    form_ajax_refs = {"school": {"fields": ["name_th"]}}
    page_size = 25
    can_view_details = can_export = True
    can_delete = False

    def is_accessible(self) -> bool:
        return "user" in session

    def get_query(self) -> Any:
        return self.model.objects(**scope())

    def get_list(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["execute"] = False
        count, query = super().get_list(*args, **kwargs)
        return count, query.only(*LIST).select_related(1)


def application() -> Flask:
    """The whole application on the database of MONGODB_URI."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    Babel(app)  # it is installed with LEC, and Flask-Admin uses it wherever it is
    connect(host=os.environ["MONGODB_URI"], uuidRepresentation="standard")
    admin = Admin(app, index_view=AdminIndexView(url="/"))
    admin.add_view(StudentAdmin(Student, name="students", endpoint="students", url="/students"))

    @app.get("/sign-in/<username>")
    def sign_in(username: str) -> Any:
        session["user"] = str(get_db().users.find_one({"username": username})["_id"])
        return redirect("/")

    app.wsgi_app = Counted(app.wsgi_app)  # type: ignore[method-assign]
    return app
