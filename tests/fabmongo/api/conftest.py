"""The zoo with its API: the same two zones, spoken to by programs."""

from __future__ import annotations

from typing import Any

import pytest

from app.fabmongo.api.setup import register_api
from tests.fabmongo import ark, zoo
from tests.fabmongo.api.shelter import AnimalApi, KeeperApi, Program, Shelter, ShelterApi, ShelterView
from tests.fabmongo.zoo import Animal, Keeper


@pytest.fixture(scope="session")
def _zoo_app(_connected: None, valkey_url: str) -> Any:
    for document in (Animal, Keeper, Shelter, ark.Ark):
        document.ensure_indexes()
    app, builder = zoo.make_app(valkey_url)
    with app.app_context():
        builder.add_view(ShelterView, "ShelterView")
        builder.add_view(ark.ArkView, "ArkView")
        register_api(builder, [AnimalApi, KeeperApi, ShelterApi, ark.ArkApi])
    return app, builder


@pytest.fixture
def in_a(the_zoo: Any) -> Program:
    """A program of a person in zone A."""
    return Program(the_zoo.app, the_zoo.a)


@pytest.fixture
def in_b(the_zoo: Any) -> Program:
    """A program of a person in zone B."""
    return Program(the_zoo.app, the_zoo.b)


@pytest.fixture
def boss(the_zoo: Any) -> Program:
    """A program of a person who reaches everything."""
    return Program(the_zoo.app, the_zoo.boss)
