"""Title, names and sex of a row, understood together: what stands in one column says something about another."""

from __future__ import annotations

from app.enums import Sex
from app.rules.imports import names
from app.rules.imports.seen import mended, take, troubled
from app.rules.imports.terms import Repair, RowRead
from app.rules.titles import full_title


def understand(read: RowRead) -> None:
    """Put title, names and sex of the row's texts into it."""
    typed = read.typed
    if "title" in typed:
        take(read, "title", names.read_title(typed["title"]))
    if "name" in typed and not typed.get("first_name"):
        _whole_name(read)
    else:
        _own_columns(read)
    _sex(read)


def _own_columns(read: RowRead) -> None:
    """First and last name from their columns, what runs together in the first taken apart."""
    for field in ("first_name", "last_name"):
        if field in read.typed:
            take(read, field, names.read_name(read.typed[field], field))
    first = read.values.get("first_name")
    if not first:
        return
    text, kinds = read.typed["first_name"], []
    form, rest = names.split_title(first, read.values.get("title") or "")
    if form:
        title = full_title(form)
        if not read.values.get("title") and not troubled(read, "title"):
            read.values["title"] = title
            read.repairs.append(Repair("title", "title-split", read.typed.get("title", ""), title))
        first, kinds = rest, ["title-split"]
    if not read.typed.get("last_name"):
        first, last = _apart(first)
        if last:
            kinds.append("name-split")
            read.values["last_name"] = last
            read.repairs.append(Repair("last_name", "name-split", "", last))
    read.values["first_name"] = first
    if kinds:  # what was put right before is told with what came of it in the end
        kinds = [one.kind for one in read.repairs if one.field == "first_name"] + kinds
        read.repairs[:] = [one for one in read.repairs if one.field != "first_name"]
        read.repairs += mended("first_name", text, first, kinds)


def _apart(first: str) -> tuple[str, str]:
    """First and last name of a text that holds both; ("ก้อง", "") where it does not, or where either is no name."""
    one, _, last = first.partition(" ")
    if not last or names.read_name(one, "first_name").troubles or names.read_name(last, "last_name").troubles:
        return first, ""
    return one, last


def _whole_name(read: RowRead) -> None:
    """Title, first and last name from one column, where titles belong: only short ones are put right."""
    text, apart = read.typed["name"], read.typed.get("last_name", "")
    seen = names.read_name(text, "name")
    read.repairs.extend(seen.repairs)
    read.troubles.extend(seen.troubles)
    if apart or not text:
        take(read, "last_name", names.read_name(apart, "last_name"))
    if seen.value is None:
        if not text:
            read.values["first_name"] = None
        return
    form, rest = names.split_title(seen.value, read.values.get("title") or "")
    if form and not read.values.get("title") and not troubled(read, "title"):
        take(read, "title", names.read_title(form))
    first, _, last = (rest, "", "") if apart else rest.partition(" ")
    take(read, "first_name", names.read_name(first, "first_name"))
    if last:
        take(read, "last_name", names.read_name(last, "last_name"))
    elif not apart:
        read.troubles.extend(names.run_together("name", text).troubles)


def _sex(read: RowRead) -> None:
    title = read.values.get("title")
    by_title: Sex | None = names.sex_by_title(title) if title else None
    if text := read.typed.get("sex", ""):
        seen = names.read_sex(text, by_title)
        take(read, "sex", seen)
        if seen.value is not None or seen.troubles:
            return
    elif "sex" in read.typed:
        read.values["sex"] = None
    if title and by_title is not None:
        read.values["sex"] = by_title.value
        read.repairs.append(names.sex_repair(title, by_title))
