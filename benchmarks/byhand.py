"""The same pages as a good programmer writes them for this one purpose: Flask, pymongo, one template."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Flask, Response, abort, redirect, render_template, request, session
from pymongo import MongoClient

from app.enums import Grade, Sex, StudentStatus
from benchmarks.counting import Counted

Raw = dict[str, Any]

PAGE = 25
COUNT_BOUND = 10_000
COLUMNS = ("first_name", "last_name", "national_id", "school_code", "grade", "room", "sex", "status")
FORM = (
    "national_id", "title", "first_name", "last_name", "sex", "birth_date", "nationality", "religion", "school_code",
    "student_no", "grade", "room", "admitted_on", "status", "left_on", "weight_kg", "height_cm",
)  # fmt: skip
CHOICES = {
    name: {member.value: member.th for member in enum}
    for name, enum in (("grade", Grade), ("sex", Sex), ("status", StudentStatus))
}
DATES, NUMBERS = {"birth_date", "admitted_on", "left_on"}, {"weight_kg", "height_cm"}
FIELDS = dict.fromkeys(COLUMNS, 1)
LEVELS = {"country": None, "province": "province_code", "district": "district_code", "lao": "lao_code"}


class Echo:
    """What a csv writer writes to: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def masked(number: str) -> str:
    return f"{number[:1]}xxxxxxxx{number[-4:]}"


class Register:
    """What the pages ask of the database, each time for the person signed in."""

    def __init__(self, db: Any) -> None:
        self.db = db

    def scope(self) -> Raw:
        """The rows of the person signed in, who is read anew for each request."""
        key = session.get("user")
        needed = {"area_level": 1, "area_codes": 1, "active": 1}
        user = self.db.users.find_one({"_id": ObjectId(key)}, needed) if key else None
        if not user or not user["active"]:
            abort(401)
        field = LEVELS[user["area_level"]]
        return {field: user["area_codes"][user["area_level"]]} if field else {}

    def names(self, query: Raw) -> dict[str, str]:
        return {row["_id"]: row["name_th"] for row in self.db.schools.find(query, {"name_th": 1})}

    def names_of(self, codes: set[str]) -> dict[str, str]:
        return self.names({"_id": {"$in": list(codes)}})

    def wanted(self) -> tuple[Raw, str]:
        """(query, order) of the list that the address asks for."""
        query, order = self.scope(), "_id"
        query |= {f"{name}_code": request.args[name] for name in ("school", "lao") if request.args.get(name)}
        if prefix := request.args.get("prefix"):
            query["last_name"] = {"$gte": prefix, "$lt": prefix + "\uffff"}
            order = "last_name"
        return query, order

    def one(self, pk: str) -> Raw:
        query = self.scope()
        row: Raw | None = self.db.students.find_one({"_id": ObjectId(pk), **query}) if ObjectId.is_valid(pk) else None
        return row or abort(404)

    def count(self, query: Raw) -> int:
        students = self.db.students
        found = students.count_documents(query, limit=COUNT_BOUND + 1) if query else students.estimated_document_count()
        return int(found)

    def page(self, query: Raw, order: str, page: int) -> list[Raw]:
        return list(self.db.students.find(query, FIELDS).sort(order, 1).skip(page * PAGE).limit(PAGE))

    def lines(self, query: Raw, order: str) -> Iterator[str]:
        """The file of a list, some hundred lines at a time."""
        writer = csv.writer(Echo())
        schools = self.names({name: query[name] for name in LEVELS.values() if name and name in query})
        yield "\ufeff" + writer.writerow(COLUMNS)
        block: list[str] = []
        for row in self.db.students.find(query, FIELDS).sort(order, 1).batch_size(1000):
            block.append(writer.writerow(cells(row, schools)))
            if len(block) == 500:
                yield "".join(block)
                block.clear()
        yield "".join(block)


def cells(row: Raw, schools: dict[str, str]) -> list[str]:
    return [
        row["first_name"], row["last_name"], masked(row["national_id"]), schools.get(row["school_code"], ""),
        CHOICES["grade"][row["grade"]], row.get("room") or "", CHOICES["sex"][row["sex"]],
        CHOICES["status"][row["status"]],
    ]  # fmt: skip


def application() -> Flask:
    """The whole application on the database of MONGODB_URI."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    register = Register(MongoClient(os.environ["MONGODB_URI"]).get_default_database())
    reading_pages(app, register)
    writing_pages(app, register)
    app.wsgi_app = Counted(app.wsgi_app)  # type: ignore[method-assign]
    return app


def reading_pages(app: Flask, register: Register) -> None:
    """Signing in, the list, one student and the file."""

    @app.get("/sign-in/<username>")
    def sign_in(username: str) -> str:
        session["user"] = str(register.db.users.find_one({"username": username})["_id"])
        session["token"] = secrets.token_urlsafe()
        return "ok"

    @app.get("/students")
    def students() -> str:
        query, order = register.wanted()
        page = request.args.get("page", 0, int)
        count = register.count(query)
        if after := request.args.get("after"):
            query["_id"] = {"$gt": ObjectId(after)}
            page = 0
        rows = register.page(query, order, page)
        schools = register.names_of({row["school_code"] for row in rows})
        shown = [(row["_id"], cells(row, schools)) for row in rows]
        return render_template("byhand.html", mode="list", rows=shown, columns=COLUMNS, count=count, page=page)

    @app.get("/students/<pk>")
    def show(pk: str) -> str:
        row = register.one(pk)
        row |= {"school": register.names_of({row["school_code"]}).get(row["school_code"])}
        return render_template("byhand.html", mode="show", row=row, columns=FORM)

    @app.get("/students.csv")
    def export() -> Response:
        return Response(register.lines(*register.wanted()), mimetype="text/csv")


def writing_pages(app: Flask, register: Register) -> None:
    """The form of one student."""

    @app.get("/students/<pk>/edit")
    def form(pk: str) -> str:
        row = register.one(pk)
        return render_template(
            "byhand.html", mode="edit", row=row, columns=FORM, choices=CHOICES, dates=DATES, token=session["token"],
            school=register.names_of({row["school_code"]}).get(row["school_code"]),
        )  # fmt: skip

    @app.post("/students/<pk>/edit")
    def save(pk: str) -> Any:
        query = register.scope()
        if request.form.get("token") != session["token"]:
            abort(400)
        values = {name: typed(name, request.form.get(name, "").strip()) for name in FORM}
        school = register.db.schools.find_one({"_id": values["school_code"], **query})
        if school is None or not (values["first_name"] and values["last_name"]):
            abort(400)
        values |= {name: school[name] for name in ("lao_code", "district_code", "province_code")}
        done = register.db.students.update_one({"_id": ObjectId(pk), **query}, {"$set": values})
        return redirect(f"/students/{pk}") if done.matched_count else abort(404)


def typed(name: str, text: str) -> Any:
    """What was typed in a field, as it is stored."""
    if not text:
        return None
    if name in DATES:
        return datetime.strptime(text, "%Y-%m-%d")
    return float(text) if name in NUMBERS else text
