"""Every error the library raises on purpose.

SamaanError                       root; its text is fit to show
├── RuleError (domain)            a rule of the shop's world is broken
├── DataError                     the data given cannot be used        (logical: fix the input)
│   └── TableError                a table's rows, each problem by row and reason
├── ParameterError                a parameter is out of its range      (logical: fix the call)
├── NotFittedError                a model was asked before it learned  (logical: fit first)
├── MissingExtraError             an optional dependency is not installed
└── ArtifactError                 a model folder is absent, altered or of another version (technical)
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from samaan_ml.domain.errors import RuleError, SamaanError

__all__ = [
    "ArtifactError",
    "DataError",
    "LeakageWarning",
    "MissingExtraError",
    "NotFittedError",
    "ParameterError",
    "Problem",
    "RuleError",
    "SamaanError",
    "TableError",
    "UnseenDataWarning",
    "not_fitted",
]

_SHOWN = 20


class DataError(SamaanError, ValueError):
    """The data given cannot be used as it is."""


class UnseenDataWarning(UserWarning):
    """Rows hold categories or columns that the model did not see in training."""


class LeakageWarning(UserWarning):
    """A column looks as if it had been filled in after the outcome it is to predict."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a table cannot be used.

    Parameters
    ----------
    row : int or None
        Position of the row in the table as given, from 0; None for the table as a whole.
    column : str or None
        The column at fault; None where the row as a whole is.
    reason : str
        What is wrong and what was got, in words for people.
    code : str, default="invalid"
        What is wrong, in one stable word for programs, such as "column_missing", "not_a_number" or "repeated_row".
    """

    row: int | None
    column: str | None
    reason: str
    code: str = "invalid"

    def __str__(self) -> str:
        """Write the problem as `row 3, units: negative (-2.0)`."""
        place = ", ".join(
            part
            for part in (None if self.row is None else f"row {self.row}", self.column)
            if part is not None
        )
        return f"{place}: {self.reason}" if place else self.reason


class TableError(DataError):
    """A table broke its schema; all problems are listed, not only the first.

    Parameters
    ----------
    table : str
        Name of the table.
    problems : sequence of Problem
        Every problem found.
    """

    def __init__(self, table: str, problems: Sequence[Problem]) -> None:
        self.table = table
        self.problems = tuple(problems)
        shown = "\n".join(f"  {problem}" for problem in self.problems[:_SHOWN])
        rest = len(self.problems) - _SHOWN
        more = f"\n  and {rest} more" if rest > 0 else ""
        count = f"{len(self.problems)} problem" + ("s" if len(self.problems) != 1 else "")
        super().__init__(f"table '{table}' has {count}:\n{shown}{more}")


class ParameterError(SamaanError, ValueError):
    """A parameter is outside what its documentation allows."""


class NotFittedError(SamaanError, ValueError, AttributeError):
    """A model was asked for an answer before `fit`, or lacks the history it needs."""


def not_fitted(message: str) -> NotFittedError:
    """Make a `NotFittedError` that is scikit-learn's own too, where scikit-learn is loaded."""
    if "sklearn" not in sys.modules:
        return NotFittedError(message)
    from sklearn.exceptions import NotFittedError as TheirNotFittedError

    class _NotFittedHereOrThereError(NotFittedError, TheirNotFittedError):  # type: ignore[misc]
        """Both errors in one."""

    return _NotFittedHereOrThereError(message)


class MissingExtraError(SamaanError, ImportError):
    """An optional dependency is not installed.

    Parameters
    ----------
    package : str
        The package that could not be imported.
    extra : str
        The extra of this project that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"'{package}' is not installed; run: pip install 'samaan-sathi[{extra}]'")
        self.package = package
        self.extra = extra


class ArtifactError(SamaanError, RuntimeError):
    """A model folder is absent, altered, or written by an incompatible version."""
