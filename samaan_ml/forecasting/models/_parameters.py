"""Constraints of constructor parameters, checked once by `fit`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import Protocol, cast

import numpy as np

from samaan_ml.exceptions import ParameterError


class Constraint(Protocol):
    """What a parameter must be."""

    @property
    def description(self) -> str:
        """Finish the sentence "must be ..."."""

    def allows(self, value: object) -> bool:
        """Return whether a value keeps the constraint."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number within [low, high]; whole where `whole` is set."""

    low: float
    high: float = float("inf")
    whole: bool = False

    @property
    def description(self) -> str:
        """Finish the sentence "must be ..."."""
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} of {self.low:g} or more" + (
            f" and at most {self.high:g}" if self.high < float("inf") else ""
        )

    def allows(self, value: object) -> bool:
        """Return whether a value keeps the constraint."""
        kind = Integral if self.whole else Real
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, kind):
            return False
        return self.low <= float(cast("float", value)) <= self.high


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def description(self) -> str:
        """Finish the sentence "must be ..."."""
        return "one of " + ", ".join(f"'{word}'" for word in self.words)

    def allows(self, value: object) -> bool:
        """Return whether a value keeps the constraint."""
        return isinstance(value, str) and value in self.words


@dataclass(frozen=True, slots=True)
class Levels:
    """Increasing numbers strictly between 0 and 1."""

    description: str = "increasing numbers between 0 and 1, both excluded"

    def allows(self, value: object) -> bool:
        """Return whether a value keeps the constraint."""
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            return False
        if not all(isinstance(level, Real) and 0 < float(level) < 1 for level in value):
            return False
        return all(float(a) < float(b) for a, b in pairwise(value))


@dataclass(frozen=True, slots=True)
class Names:
    """One or more words."""

    description: str = "one or more names"

    def allows(self, value: object) -> bool:
        """Return whether a value keeps the constraint."""
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            return False
        return all(isinstance(name, str) and name for name in value)


@dataclass(frozen=True, slots=True)
class Absent:
    """None, or what another constraint allows."""

    other: Constraint

    @property
    def description(self) -> str:
        """Finish the sentence "must be ..."."""
        return f"None or {self.other.description}"

    def allows(self, value: object) -> bool:
        """Return whether a value keeps the constraint."""
        return value is None or self.other.allows(value)


def check_parameters(owner: object, constraints: Mapping[str, Constraint]) -> None:
    """Hold an object's attributes against their constraints.

    Raises
    ------
    ParameterError
        Naming the first parameter at fault, what it must be and what was got.
    """
    for name, constraint in constraints.items():
        value = getattr(owner, name)
        if not constraint.allows(value):
            raise ParameterError(
                f"'{name}' of {type(owner).__name__} must be {constraint.description}; got {value!r}"
            )
