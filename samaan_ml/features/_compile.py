"""Compile loops to machine code, once: the result is cached beside the module."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function of numbers and arrays by numba, without the interpreter's lock and with its types kept."""
    return cast("F", njit(cache=True, nogil=True)(function))
