"""The zoo with two zones: what belongs to A must be out of reach from B."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask

from app.fabmongo.api.setup import register_api
from app.fabmongo.scope import acting_as
from tests.fabmongo import ark, zoo
from tests.fabmongo.zoo import Animal, Keeper, Kind, Visitor


@dataclass
class Zoo:
    app: Flask
    builder: Any
    a: Any
    b: Any
    boss: Any
    cat: Animal
    dog: Animal

    def visitor(self, user: Any) -> Visitor:
        return Visitor(self.app, user)


@pytest.fixture(scope="session")
def _zoo_app(_connected: None, valkey_url: str) -> Any:
    for document in (Animal, Keeper):
        document.ensure_indexes()
    return zoo.make_app(valkey_url)


@pytest.fixture
def the_zoo(_zoo_app: Any, db: Any) -> Zoo:
    app, builder = _zoo_app
    with app.app_context():
        builder.sm.set_role("keeper", ("ผู้ดูแล", "Keeper"), [("(Animal|Keeper|KeeperMaster)View", ".*")])
        builder.sm.sync_permissions()
        builder.sm.set_role("keeper", ("ผู้ดูแล", "Keeper"), [("(Animal|Keeper|KeeperMaster)View", ".*")])
    Keeper(code="001", name="Ann", zone="A").save()
    Keeper(code="002", name="Bob", zone="B").save()
    cat = Animal(name="Tom", chip="111", kind=Kind.CAT, legs=4, zone="A")
    cat.keeper = Keeper.objects.get(code="001")
    dog = Animal(name="Rex", chip="222", kind=Kind.DOG, legs=3, zone="B")
    dog.keeper = Keeper.objects.get(code="002")
    return Zoo(
        app, builder,
        a=zoo.make_user("a", "zone", {"zone": "A"}),
        b=zoo.make_user("b", "zone", {"zone": "B"}),
        boss=zoo.make_user("boss", "country", {}),
        cat=cat.save(), dog=dog.save(),
    )


@pytest.fixture
def as_boss(the_zoo: Zoo) -> Iterator[Zoo]:
    """The test acts as somebody who sees everything."""
    with acting_as(the_zoo.boss):
        yield the_zoo


@pytest.fixture(scope="session")
def _ark_app(_connected: None, valkey_url: str) -> Any:
    for document in (Animal, Keeper, ark.Ark):
        document.ensure_indexes()
    app, builder = zoo.make_app(valkey_url)
    with app.app_context():
        builder.add_view(ark.ArkView, "ArkView")
        register_api(builder, [ark.ArkApi])
    return app, builder


@pytest.fixture
def the_ark(_ark_app: Any, the_zoo: Zoo) -> Zoo:
    """The people of the zoo before an application that has the ark's view."""
    return replace(the_zoo, app=_ark_app[0], builder=_ark_app[1])
