"""What every model has in common: parameters by name, copies, and a form that a notebook shows."""

from __future__ import annotations

import html
import inspect
from collections.abc import Mapping
from typing import Any, Self

from samaan_ml.exceptions import ParameterError

__all__ = ["Estimator"]


class Estimator:
    """Base of the models: what the constructor was given, by name, in the manner of scikit-learn.

    A constructor stores each argument under its own name and does nothing else; what is learned is kept in
    attributes that end in `_`. So `sklearn.base.clone`, `Pipeline` and the searches work without scikit-learn being
    imported here.
    """

    @classmethod
    def _parameter_names(cls) -> list[str]:
        """List the constructor's parameters."""
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters by name.

        Parameters
        ----------
        deep : bool, default=True
            Whether to add the parameters of parameters that are models, as `name__parameter`.
        """
        found = {name: getattr(self, name) for name in self._parameter_names()}
        if not deep:
            return found
        nested = {
            f"{name}__{key}": value
            for name, each in found.items()
            if hasattr(each, "get_params") and not isinstance(each, type)
            for key, value in each.get_params().items()
        }
        return found | nested

    def set_params(self, **params: Any) -> Self:
        """Set constructor parameters by name; `name__parameter` sets one of a parameter that is a model.

        Raises
        ------
        ParameterError
            When there is no such parameter.
        """
        known = self._parameter_names()
        for name, value in params.items():
            own, _, inner = name.partition("__")
            if own not in known:
                raise ParameterError(f"'{name}' is not a parameter of {type(self).__name__}; it has {known}")
            if inner:
                getattr(self, own).set_params(**{inner: value})
            else:
                setattr(self, name, value)
        return self

    def clone(self) -> Self:
        """Make an unfitted model with the same parameters."""
        return type(self)(**self.get_params(deep=False))

    def __repr__(self) -> str:
        """Show the parameters that differ from their defaults."""
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._changed().items())})"

    def _changed(self) -> dict[str, Any]:
        """Return the parameters that differ from their defaults."""
        defaults = inspect.signature(type(self).__init__).parameters
        return {
            name: value
            for name, value in self.get_params(deep=False).items()
            if not _same(value, defaults[name].default)
        }

    def _facts(self) -> Mapping[str, Any]:
        """Return what was learned, in a few figures for people; empty before `fit`."""
        return {}

    def _repr_html_(self) -> str:
        """Show parameters and what was learned as a small table, without scripts or network."""
        facts = self._facts()
        state = "fitted" if facts else "not fitted"
        rows = [*self.get_params(deep=False).items(), *facts.items()]
        cells = "".join(
            f"<tr><td>{html.escape(str(name))}</td><td>{html.escape(_short(value))}</td></tr>"
            for name, value in rows
        )
        head = f"<strong>{html.escape(type(self).__name__)}</strong> ({state})"
        return f"<div>{head}<table>{cells}</table></div>"


def _same(value: Any, default: Any) -> bool:
    """Return whether a value is the default; what cannot be compared is not."""
    try:
        return value is default or bool(value == default)
    except (TypeError, ValueError):
        return False


def _short(value: Any) -> str:
    """Write a value in a cell's width."""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
