"""Units, revenue and profit at any price: the forecast's level times the price response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DemandResponse:
    """Expected demand as a function of the price, with its uncertainty.

    At today's price the units are those of the forecast; at another price they are multiplied by the ratio of
    the prices to the power of the elasticity. The mean is taken over the elasticity's posterior, so that not
    knowing it well counts; the interval follows the ends of the elasticity's interval and, where they are
    given, of the forecast.

    Parameters
    ----------
    units : numpy.ndarray, shape (n_items,)
        Expected units a day at today's price.
    price : numpy.ndarray, shape (n_items,)
        Today's price, any unit of money.
    elasticity, std_error : numpy.ndarray, shape (n_items,)
        Posterior of the elasticity.
    lower, upper : numpy.ndarray, shape (n_items,)
        Its interval.
    units_lower, units_upper : numpy.ndarray or None, shape (n_items,), default=None
        Interval of the units at today's price; None leaves the level out of the interval.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> response = DemandResponse(10 * one, 50 * one, -2 * one, 0 * one, -2.5 * one, -1.5 * one)
    >>> response.units_at(np.array([55.0]), np.array([0])).round(3).tolist()
    [8.264]
    """

    units: Floats
    price: Floats
    elasticity: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    units_lower: Floats | None = None
    units_upper: Floats | None = None

    def __post_init__(self) -> None:
        """Refuse levels and prices that cannot be."""
        if (np.asarray(self.units) < 0.0).any() or (np.asarray(self.price) <= 0.0).any():
            raise ParameterError("a demand response needs units of 0 or more and prices above 0")

    def take(self, rows: npt.NDArray[np.intp]) -> DemandResponse:
        """The response of some items, in their order; an item may stand more than once."""
        return DemandResponse(
            units=self.units[rows],
            price=self.price[rows],
            elasticity=self.elasticity[rows],
            std_error=self.std_error[rows],
            lower=self.lower[rows],
            upper=self.upper[rows],
            units_lower=None if self.units_lower is None else self.units_lower[rows],
            units_upper=None if self.units_upper is None else self.units_upper[rows],
        )

    def units_at(self, price: Floats, row: npt.NDArray[np.intp]) -> Floats:
        """Expected units a day of item `row[k]` at `price[k]`."""
        move = np.log(price / self.price[row])
        spread = self.std_error[row] * move
        return np.asarray(
            self.units[row] * np.exp(self.elasticity[row] * move + 0.5 * spread**2), dtype=float
        )

    def units_interval_at(self, price: Floats, row: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Units a day at the ends of the elasticity's interval, in ascending order."""
        move = np.log(price / self.price[row])
        steep, flat = np.exp(self.lower[row] * move), np.exp(self.upper[row] * move)
        low = self.units if self.units_lower is None else self.units_lower
        high = self.units if self.units_upper is None else self.units_upper
        return low[row] * np.minimum(steep, flat), high[row] * np.maximum(steep, flat)
