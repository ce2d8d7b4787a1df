"""The register of builders: one function a part, under the part's name."""

from collections.abc import Callable
from typing import Any, TypeVar

Build = TypeVar("Build", bound=Callable[[Any], object])

BUILDERS: dict[str, Callable[[Any], object]] = {}
"""The function that builds each part from the wiring."""


def part(build: Build) -> Build:
    """Register a function as the builder of the part with its name."""
    BUILDERS[build.__name__] = build
    return build
