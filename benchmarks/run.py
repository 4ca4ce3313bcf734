"""One whole run: servers, country, turns, exports; the results go to `benchmarks.report`."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import config
from app import create_app
from app.devservers.mongo import EmbeddedMongo
from app.devservers.valkey import EmbeddedValkey
from benchmarks import measure
from benchmarks.client import Client
from benchmarks.country import Country, Person, prepare
from benchmarks.measure import Export, NotThere, Series, Turn
from benchmarks.systems import ByHand, FlaskAdmin, Product, Server, environment

DEEP = 10_000
"""The page far down, counted from 1."""
EXPORTS = 5

LIST, DEEP_KEY, DEEP_SKIP = "list", "page 10,000, by its link", "page 10,000, by its number"
PREFIX, SCHOOL, SHOW, EDIT, SAVE = "last-name prefix", "school filter", "show", "edit form", "save"


@dataclass
class Results:
    """Everything that was measured: (role, page) → system → series, and system → export."""

    country: Country
    pages: dict[tuple[str, str], dict[str, Series]] = field(default_factory=dict)
    exports: dict[str, Export] = field(default_factory=dict)
    seconds: float = 0.0


def run(folder: Path, rounds: int, say: Callable[[str], None]) -> Results:
    """Measure everything with `rounds` turns a page; the data stays in `folder` for the next run."""
    start = time.perf_counter()
    with _servers(folder, say) as (country, servers):
        results = Results(country)
        browsers: dict[tuple[str, str], Client] = {
            (person.role, server.name): server.sign_in(person.username, person.password)
            for person in country.people
            for server in servers
        }
        for person in country.people:
            for page, turns in _pages(person, servers, browsers):
                results.pages[person.role, page] = measure.take_turns(turns, rounds)
                say(f"{person.role}: {page}")
        results.exports = _exports(country, servers, browsers)
        say("export")
    results.seconds = time.perf_counter() - start
    return results


@contextmanager
def _servers(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[Country, list[Server]]]:
    with ExitStack() as stack:
        mongo = stack.enter_context(EmbeddedMongo(folder / "mongo", database="lec_bench"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "valkey"))
        env = environment(mongo.uri, valkey.url, folder, secrets.token_hex(32))
        country = prepare(create_app(config.load(env)))
        say(f"seeded in {country.seeded_in:.0f} s" if country.seeded_in else "the data was there")
        servers: list[Server] = []
        for kind in (Product, ByHand, FlaskAdmin):
            servers.append(kind(folder / "log", env))
            stack.callback(servers[-1].stop)
        for server in servers:
            server.wait_ready()
        yield country, servers


def _pages(
    person: Person, servers: list[Server], browsers: dict[tuple[str, str], Client]
) -> Iterator[tuple[str, dict[str, Turn]]]:
    """Each page's name and a turn for each system."""
    places = list(enumerate(servers))

    def turn(server: Server, place: int, path: Callable[[Server, int], str], holds: str) -> Turn:
        return measure.reading(browsers[person.role, server.name], lambda: path(server, place), holds)

    def turns(path: Callable[[Server, int], str], holds: str = "") -> dict[str, Turn]:
        return {server.name: turn(server, place, path, holds) for place, server in places}

    yield LIST, turns(lambda server, _: server.list())
    if person.rows > DEEP * 25:
        yield DEEP_SKIP, turns(lambda server, _: server.list(page=DEEP - 1))
        links: dict[str, str] = {}
        yield DEEP_KEY, turns(lambda server, _: _deep_link(server, browsers[person.role, server.name], links))
    yield PREFIX, turns(lambda server, _: server.list(prefix=person.prefix), person.prefix)
    yield SCHOOL, turns(lambda server, _: server.list(school=person.school), person.school_name)
    yield SHOW, turns(lambda server, place: server.show(person.pks[place]))
    yield EDIT, turns(lambda server, place: server.edit(person.pks[place]))
    yield SAVE, {
        server.name: measure.saving(browsers[person.role, server.name], server.edit(person.pks[place]))
        for place, server in places
    }


def _deep_link(server: Server, client: Client, links: dict[str, str]) -> str:
    """The address of the deep page as the page before it links to it."""
    if not server.by_key:
        raise NotThere("no paging by key")
    if server.name not in links:
        found = server.next_link(measure.visit(client, server.list(page=DEEP - 2)).text)
        if found is None:
            raise NotThere("no link to the next page")
        links[server.name] = found
    return links[server.name]


def _exports(country: Country, servers: list[Server], browsers: dict[tuple[str, str], Client]) -> dict[str, Export]:
    found = {server.name: Export() for server in servers}
    for _ in range(EXPORTS):
        for server in servers:
            if not found[server.name].missing:
                measure.export_times(server, browsers["dla", server.name], country.big_lao, found[server.name])
    for server in servers:
        export = found[server.name]
        if not export.missing:
            exporter, reader = browsers["dla", server.name], browsers["lao", server.name]
            measure.list_meanwhile(server, exporter, reader, country.big_lao, export)
    return found


def bench_folder() -> Path:
    """Where the data is kept: LEC_BENCH_DIR, or var/bench."""
    return Path(os.environ.get("LEC_BENCH_DIR") or config.ROOT / "var" / "bench").resolve()
