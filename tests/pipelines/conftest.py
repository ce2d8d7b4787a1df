"""A home to run pipelines in, and a registry to register with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.local import LocalRunner
from tests.pipelines.builders import ListRegistry


@pytest.fixture
def registry() -> ListRegistry:
    """An empty registry."""
    return ListRegistry()


@pytest.fixture
def make_runner(tmp_path: Path, registry: ListRegistry) -> Callable[..., LocalRunner]:
    """Runners in one home, as later calls of the command are."""

    def make(**more: Any) -> LocalRunner:
        return LocalRunner(tmp_path / "home", registry, **more)

    return make
