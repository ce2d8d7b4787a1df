"""The three areas that models are trained for, behind one interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from samaan_ml.artifacts import Persistable
from samaan_ml.exceptions import ParameterError
from samaan_ml.tables import ShopData
from training.evaluate import Evaluation, GateRules
from training.job import Hyperparameters, JobError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AREAS", "Area", "Prepared", "area_named", "check_settings"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Checked tables and what they are.

    Parameters
    ----------
    data : ShopData
        The tables.
    summary : mapping
        Digest, rows, first and last date, as `data.json` of the prepare job says.
    """

    data: ShopData
    summary: Mapping[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """Return a table that the prepare job saw to.

        Raises
        ------
        JobError
            When it is absent all the same.
        """
        table: pd.DataFrame | None = getattr(self.data, name)
        if table is None:
            raise JobError(f"table '{name}' is not among the prepared tables")
        return table


class Area(Protocol):
    """What one area's jobs are made of.

    Attributes
    ----------
    name : str
        demand, price or udhaar.
    required, optional : tuple of str
        Tables it needs, and tables it uses where they are there.
    settings : mapping of str to int
        Its hyperparameters with their defaults.
    rules : GateRules
        What its gate asks.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    settings: Mapping[str, int]
    rules: GateRules

    def fit(self, prepared: Prepared, settings: Hyperparameters) -> Persistable:
        """Fit the area's model on all of the data."""
        ...

    def evaluate(self, prepared: Prepared, settings: Hyperparameters) -> Evaluation:
        """Measure the area's model on held-out data beside its baseline."""
        ...


AREAS: dict[str, str] = {
    "demand": "training.forecast:DemandArea",
    "price": "training.pricing:PriceArea",
    "udhaar": "training.udhaar:UdhaarArea",
}


def area_named(name: str) -> Area:
    """Return an area by its name.

    Raises
    ------
    ParameterError
        When there is no such area.
    """
    if name not in AREAS:
        raise ParameterError(f"'{name}' is not an area; these are: {', '.join(AREAS)}")
    module, _, cls = AREAS[name].partition(":")
    area: Area = getattr(import_module(module), cls)()
    return area


def check_settings(area: Area, settings: Hyperparameters) -> None:
    """Refuse hyperparameters that the area does not have.

    Raises
    ------
    JobError
        Naming them and those it has.
    """
    unknown = sorted(set(settings.values) - set(area.settings))
    if unknown:
        known = ", ".join(area.settings)
        raise JobError(f"hyperparameter '{unknown[0]}' is unknown to area '{area.name}'; it has: {known}")
