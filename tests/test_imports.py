"""Who may import whom, read off the syntax tree: the arrows of docs/architecture.md."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Leaves that anybody in app may use.
LEAVES = {"app.clock", "app.enums", "app.thai", "app.errors"}
# room: what of the project it may import, itself apart
ALLOWED: dict[str, set[str]] = {
    "app.clock": set(),
    "app.enums": set(),
    "app.thai": {"app.errors"},
    "app.errors": set(),
    "app.fabmongo": set(),
    "app.rules": LEAVES,
    "app.documents": {"app.enums", "app.fabmongo"},
    "app.log_filter": set(),
    "app.queues": set(),
    "app.monitoring": LEAVES | {"app.queues", "app.log_filter", "config"},
    "app.broker": set(),
    "app.queued": set(),
    "app.migrations": LEAVES,
    "app.parked": {"app.queued"},
    "app.jobs": LEAVES | {"app.queues"},
    "app.reports": LEAVES | {"app.documents", "app.rules", "app.fabmongo"},
    "app.notices": LEAVES | {"app.rules", "app.fabmongo"},
    "app.services": LEAVES
    | {"app.documents", "app.rules", "app.jobs", "app.fabmongo", "app.notices", "app.reports", "config"}
    | {"app.monitoring", "app.queues"},
    "app.formats": LEAVES | {"app.fabmongo", "app.rules"},
    "app.views": LEAVES
    | {"app.services", "app.documents", "app.fabmongo", "app.reports", "app.notices", "app.formats", "app.rules"}
    | {"app.queues"},
    "app.backup": LEAVES | {"config"},
    "app.indexes": {"app"},
    "app.checking": LEAVES | {"app.indexes", "app.migrations", "app.monitoring", "app.notices", "config"},
    "app.demo": LEAVES | {"app.documents", "app.services", "app.rules", "app.fabmongo", "config"},
    "app.gunicorn_settings": {"app.monitoring"},
    "app.devservers": LEAVES | {"config", "app.queues", "app.gunicorn_settings"},
    "tasks": LEAVES
    | {"app", "app.broker", "app.jobs", "app.parked", "app.queued", "app.services", "app.reports", "app.notices"}
    | {"app.monitoring"},
}
WEB = {"flask", "flask_login", "werkzeug", "flask_appbuilder"}
# room: outside packages it must not touch
FORBIDDEN: dict[str, set[str]] = {
    "app.rules": WEB | {"mongoengine", "pymongo", "celery", "flask_babel", "wtforms"},
    "app.migrations": WEB | {"mongoengine", "celery"},
    "app.documents": WEB | {"celery", "wtforms"},
    "app.views": {"celery"},
    "app.fabmongo": {"celery"},
}
# From Flask a service may take the settings of the running application, never the request.
REQUEST_NAMES = {"request", "g", "session", "has_request_context"}


def modules() -> list[tuple[str, Path]]:
    """(dotted name, file) of every module of the project."""
    found = []
    for top in ("app", "tasks"):
        for path in sorted((ROOT / top).rglob("*.py")):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found.append((dotted.removesuffix(".__init__"), path))
    return found


def room_of(name: str, rooms: dict[str, set[str]]) -> str | None:
    """The longest room that `name` lies in."""
    inside = [room for room in rooms if name == room or name.startswith(room + ".")]
    return max(inside, key=len) if inside else None


def imports_of(path: Path) -> set[str]:
    """Every imported dotted name, `from x import y` as x and as x.y; those for types alone left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_module_imports_only_what_its_room_may(name: str, path: Path) -> None:
    room = room_of(name, ALLOWED)
    if room is None:
        assert not any(i.startswith("app.devservers") for i in imports_of(path)), "only run.py starts servers"
        return
    for imported in imports_of(path):
        top = imported.split(".")[0]
        if top in ("app", "tasks", "config"):
            target = room_of(imported, {**ALLOWED, "app": set(), "config": set()}) or top
            assert target == room or target in ALLOWED[room], f"{name} may not import {imported}"
        assert top not in FORBIDDEN.get(room, set()), f"{name} may not import {imported}"


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_services_and_jobs_never_look_at_the_request(name: str, path: Path) -> None:
    if not name.startswith(("app.services", "app.reports", "app.notices", "tasks")):
        return
    taken = {i.removeprefix("flask.") for i in imports_of(path) if i.startswith("flask.")}
    assert not taken & REQUEST_NAMES, f"{name} reads the request"


def test_only_run_starts_servers_and_only_the_worker_makes_the_application() -> None:
    assert "app.create_app" in imports_of(ROOT / "tasks" / "worker.py")
    assert any(name.startswith("app.devservers") for name in imports_of(ROOT / "run.py"))


def test_fabmongo_s_own_tests_need_nothing_else_of_the_project() -> None:
    for path in sorted((ROOT / "tests" / "fabmongo").rglob("*.py")):
        for imported in imports_of(path):
            if imported.split(".")[0] in ("app", "tasks", "config") and imported != "app":
                assert imported.startswith("app.fabmongo"), f"{path} imports {imported}"
