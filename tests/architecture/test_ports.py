"""Ports are one frozen dataclass, and the wiring has a builder of the right type for each of them."""

import dataclasses
from pathlib import Path

import pytest

from serving.ports import Ports
from serving.settings import Settings
from serving.wiring import Wiring
from serving.wiring._part import BUILDERS

PORTS = {field.name: field.type for field in dataclasses.fields(Ports) if field.name != "settings"}


@pytest.mark.parametrize("name", sorted(PORTS))
def test_each_port_has_a_builder_that_returns_its_type(name: str) -> None:
    assert BUILDERS[name].__annotations__["return"] == PORTS[name]


def test_a_part_is_built_once_on_first_use_and_ports_are_frozen(tmp_path: Path) -> None:
    wiring = Wiring(Settings(home=tmp_path))
    assert "items" not in wiring.parts
    first = wiring.items
    assert wiring.items is first
    with pytest.raises(dataclasses.FrozenInstanceError):
        wiring.items = first  # type: ignore[misc]


def test_a_part_that_was_given_takes_the_place_of_the_chosen_one(tmp_path: Path) -> None:
    clock = Wiring(Settings(home=tmp_path)).clock
    assert Wiring(Settings(home=tmp_path), clock=clock).clock is clock


def test_an_unknown_part_is_an_attribute_error(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="no attribute 'itmes'"):
        getattr(Wiring(Settings(home=tmp_path)), "itmes")  # noqa: B009 (mypy would refuse the attribute)
