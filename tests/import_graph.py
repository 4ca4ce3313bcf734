"""The project's modules as a graph, read off the syntax tree: who imports whom, where, and in which circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOPS = ("app", "tasks")
SINGLE = ("config", "config_addresses", "run")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

Graph = Mapping[str, frozenset[str]]


@cache
def modules() -> dict[str, Path]:
    """Dotted name to file, of every module of the project."""
    files = [path for top in TOPS for path in sorted((ROOT / top).rglob("*.py"))]
    files += [ROOT / f"{name}.py" for name in SINGLE]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


@cache
def statements(path: Path) -> tuple[tuple[str, bool], ...]:
    """(imported dotted name, whether inside a function); `from x import y` as x.y; those for types alone left out."""
    return tuple(statements_in(path.read_text(encoding="utf-8"), path))


def statements_in(text: str, path: Path | None = None) -> Iterator[tuple[str, bool]]:
    """The same of a text."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    yield from _imports(tree, lazy=False, path=path)


def _imports(node: ast.AST, *, lazy: bool, path: Path | None) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, lazy) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{path}: relative import"
            yield from ((f"{child.module}.{alias.name}", lazy) for alias in child.names)
        yield from _imports(child, lazy=lazy or isinstance(child, FUNCTIONS), path=path)


def module_of(imported: str) -> str:
    """The module that an imported name lies in: itself, or the one before the last dot."""
    return imported if imported in modules() else imported.rpartition(".")[0] or imported


def graph() -> Graph:
    """Each module of the project with the modules of the project that it imports, lazily or not, itself apart."""
    known = modules()
    return {
        name: frozenset(module_of(imported) for imported, _ in statements(path)) & known.keys() - {name}
        for name, path in known.items()
    }


def lazy_imports() -> dict[str, set[str]]:
    """Module to the modules that its functions import."""
    found: dict[str, set[str]] = {}
    for name, path in modules().items():
        if taken := {_outside(imported) for imported, lazy in statements(path) if lazy}:
            found[name] = taken
    return found


def _outside(imported: str) -> str:
    """A module of the project by its name; of anything else the package, for its insides are its makers' own."""
    module = module_of(imported)
    return module if module in modules() else imported.split(".")[0]


def part_of(whole: Graph, top: str) -> Graph:
    """The modules at and under `top`, with the edges between them."""
    inside = {name for name in whole if name == top or name.startswith(f"{top}.")}
    return {name: whole[name] & inside for name in inside}


def circles(whole: Graph) -> list[frozenset[str]]:
    """The strongly connected components of more than one module, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[frozenset[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in sorted(whole[name]):
            if target not in order:
                visit(target)
            if target in stack:
                low[name] = min(low[name], low[target])
        if low[name] == order[name]:
            at = stack.index(name)
            members = frozenset(stack[at:])
            del stack[at:]
            if len(members) > 1:
                found.append(members)

    for name in sorted(whole):
        if name not in order:
            visit(name)
    return found


def height(whole: Graph) -> int:
    """How many floors a graph has at least: its longest chain of imports, each circle taken as one."""
    circle = {name: members for members in circles(whole) for name in members}

    @cache
    def floor(name: str) -> int:
        mates = circle.get(name, frozenset({name}))
        below = {target for mate in mates for target in whole[mate]} - mates
        return 1 + max((floor(target) for target in below), default=0)

    return max(map(floor, whole), default=0)
