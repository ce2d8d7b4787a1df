"""The distribution of demand over a stretch of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Family = Literal["counts", "gamma", "normal"]

DAY_TO_DAY = 0.15
"""Correlation of neighbouring days' forecast errors where none is given."""
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class PeriodDemand:
    """Demand over a stretch of days, as a distribution in units.

    Parameters
    ----------
    mean : float
        Expected units.
    sd : float
        Standard deviation, units.
    family : {"counts", "gamma", "normal"}, default="counts"
        Whole pieces (negative binomial; Poisson where the variance is not above the mean), loose goods
        (gamma), or the textbook's normal.

    Raises
    ------
    ParameterError
        If mean or sd is negative or not finite, or the family is unknown.

    References
    ----------
    Silver, Pyke and Thomas (2017), Inventory and Production Management in Supply Chains, 4th ed., chapters 6
    and 9.

    Examples
    --------
    >>> demand = PeriodDemand(mean=20.0, sd=6.0)
    >>> demand.quantile(0.95)
    31.0
    >>> round(demand.expected_sales(20.0), 2)
    17.62
    """

    mean: float
    sd: float
    family: Family = "counts"

    def __post_init__(self) -> None:
        """Check the moments."""
        for name, value in (("mean", self.mean), ("sd", self.sd)):
            if not np.isfinite(value) or value < 0:
                raise ParameterError(f"'{name}' of PeriodDemand must be 0 or more; got {value!r}")
        if self.family not in ("counts", "gamma", "normal"):
            raise ParameterError(f"'family' must be 'counts', 'gamma' or 'normal'; got {self.family!r}")

    @classmethod
    def of_days(
        cls,
        means: Sequence[float] | Floats,
        sds: Sequence[float] | Floats,
        correlation: float = DAY_TO_DAY,
        family: Family = "counts",
    ) -> PeriodDemand:
        """Add days up whose errors are correlated: the variance of the sum, not the sum of quantiles.

        Parameters
        ----------
        means, sds : sequence of float, shape (days,)
            Expectation and standard deviation of each day, units.
        correlation : float, default=0.15
            Correlation of neighbouring days, from 0 up to but not 1; of days k apart its k-th power.
        family : {"counts", "gamma", "normal"}, default="counts"
            As in the class.

        Returns
        -------
        PeriodDemand

        Raises
        ------
        ParameterError
            If the correlation is outside its range or the lengths differ.

        Examples
        --------
        >>> round(PeriodDemand.of_days([5.0] * 4, [3.0] * 4, correlation=0.0).sd, 6)
        6.0
        """
        mean, sd = np.asarray(means, dtype=float), np.asarray(sds, dtype=float)
        if mean.shape != sd.shape or mean.ndim != 1:
            raise ParameterError(f"'means' and 'sds' must be of one length; got {mean.shape} and {sd.shape}")
        if not 0.0 <= correlation < 1.0:
            raise ParameterError(f"'correlation' must be 0 or more and below 1; got {correlation!r}")
        apart = np.abs(np.subtract.outer(np.arange(mean.size), np.arange(mean.size)))
        variance = float(sd @ (correlation**apart) @ sd)
        return cls(float(mean.sum()), float(np.sqrt(variance)), family)

    @classmethod
    def of_forecast(
        cls,
        forecast: pd.DataFrame,
        days: int,
        correlation: float = DAY_TO_DAY,
        family: Family = "counts",
    ) -> PeriodDemand:
        """Add the first days of one item's forecast up.

        Parameters
        ----------
        forecast : pandas.DataFrame
            Rows of one item in the order of dates: mean and quantiles (q0.1, ...).
        days : int
            Days of lead time and review together.
        correlation : float, default=0.15
            As in `of_days`.
        family : {"counts", "gamma", "normal"}, default="counts"
            As in the class.

        Returns
        -------
        PeriodDemand

        Raises
        ------
        ParameterError
            If the forecast is shorter than `days`.
        """
        if not 1 <= days <= len(forecast):
            raise ParameterError(
                f"'days' must be from 1 to the forecast's {len(forecast)} days; got {days!r}"
            )
        names = [name for name in forecast.columns if name.startswith("q0.")]
        levels = [float(name[1:]) for name in names]
        quantiles = forecast[names].to_numpy(dtype=float)[:days]
        return cls.of_quantiles(
            forecast["mean"].to_numpy(dtype=float)[:days], quantiles, levels, correlation, family
        )

    @classmethod
    def of_quantiles(
        cls,
        mean: Floats,
        quantiles: Floats,
        levels: Sequence[float],
        correlation: float = DAY_TO_DAY,
        family: Family = "counts",
    ) -> PeriodDemand:
        """Add days up whose quantiles are known.

        Parameters
        ----------
        mean : ndarray, shape (days,)
            Expected units of each day.
        quantiles : ndarray, shape (days, levels)
            Quantiles of each day, units.
        levels : sequence of float
            Their levels, increasing.
        correlation : float, default=0.15
            As in `of_days`.
        family : {"counts", "gamma", "normal"}, default="counts"
            As in the class.

        Returns
        -------
        PeriodDemand

        Examples
        --------
        >>> import numpy as np
        >>> days = np.full(7, 4.0), np.tile([2.0, 4.0, 6.0], (7, 1))
        >>> round(PeriodDemand.of_quantiles(*days, levels=[0.1, 0.5, 0.9]).sd, 2)
        6.02
        """
        sds = spread_of(mean, quantiles, levels)
        if family == "counts":
            sds = np.sqrt(np.maximum(sds**2, mean))  # pieces cannot vary less than Poisson
        return cls.of_days(mean, sds, correlation, family)

    def quantile(self, level: float) -> float:
        """Units that demand stays within with probability `level`; whole for counts.

        Raises
        ------
        ParameterError
            If `level` is not strictly between 0 and 1.
        """
        if not 0.0 < level < 1.0:
            raise ParameterError(f"'level' must be between 0 and 1; got {level!r}")
        if self.mean <= _LEAST:
            return 0.0
        return max(float(self._ppf(level)), 0.0)

    def chance_within(self, stock: float) -> float:
        """Probability that demand does not exceed the stock."""
        if self.mean <= _LEAST:
            return 1.0
        return self._cdf(stock, 0)

    def expected_sales(self, stock: float) -> float:
        """Expected units sold from a stock: E[min(demand, stock)].

        For pieces, part of one in stock counts as that part of a sale.
        """
        if stock <= 0 or self.mean <= _LEAST:
            return 0.0
        if self.family == "normal":
            from scipy import special

            sd = max(self.sd, _LEAST)
            z = (stock - self.mean) / sd
            density = float(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi))
            within = float(special.ndtr(z))
            return self.mean * within - sd * density + stock * (1.0 - within)
        # For gamma and (negative binomial) counts E[demand; demand <= s] is the mean times the chance of
        # staying within s (one less for counts) under a shape one larger.
        return self.mean * self._cdf(stock, 1) + stock * (1.0 - self._cdf(stock, 0))

    def _cdf(self, stock: float, more: int) -> float:
        """Chance of demand within the stock; with `more`, under the size-biased law of the same family."""
        from scipy import special

        if stock < 0:
            return 0.0
        if self.family == "normal":
            return float(special.ndtr((stock - self.mean) / max(self.sd, _LEAST)))
        if self.family == "gamma":
            shape, scale = self._gamma()
            return float(special.gammainc(shape + more, stock / scale))
        pieces = np.floor(stock) - more
        if pieces < 0:
            return 0.0
        size, chance = self._negative_binomial()
        if size is None:
            return float(special.pdtr(pieces, self.mean))
        return float(special.betainc(size + more, pieces + 1.0, chance))

    def _ppf(self, level: float) -> Any:
        """Quantile function of the family, not frozen: scipy takes longer to freeze than to answer."""
        from scipy import stats

        if self.family == "normal":
            return stats.norm.ppf(level, self.mean, max(self.sd, _LEAST))
        if self.family == "gamma":
            shape, scale = self._gamma()
            return stats.gamma.ppf(level, shape, scale=scale)
        size, chance = self._negative_binomial()
        return stats.poisson.ppf(level, self.mean) if size is None else stats.nbinom.ppf(level, size, chance)

    def _gamma(self) -> tuple[float, float]:
        """Shape and scale."""
        variance = max(self.sd, _LEAST * self.mean) ** 2
        return self.mean**2 / variance, variance / self.mean

    def _negative_binomial(self) -> tuple[float | None, float]:
        """Size and chance of scipy's parametrisation; no size where it is Poisson."""
        excess = self.sd**2 - self.mean
        if excess <= 1e-6 * self.mean:
            return None, 1.0
        return self.mean**2 / excess, self.mean / self.sd**2


def spread_of(mean: Floats, quantiles: Floats, levels: Sequence[float]) -> Floats:
    """Standard deviation of each day from its quantiles.

    The quantile function is drawn straight between the levels, from zero at the bottom, and on beyond the
    last level at an exponential tail's pace.

    Parameters
    ----------
    mean : ndarray, shape (days,)
        Expected units.
    quantiles : ndarray, shape (days, levels)
        Quantiles.
    levels : sequence of float
        Their levels, increasing.

    Returns
    -------
    ndarray, shape (days,)
    """
    grid = (np.arange(400) + 0.5) / 400
    at = np.asarray(levels, dtype=float)
    below, above = grid < at[0], grid > at[-1]
    sds = np.empty(mean.size)
    for day in range(mean.size):
        values = quantiles[day]
        drawn = np.interp(grid, at, values)
        if at.size > 1:
            falls = (values[1] - values[0]) / np.log(at[1] / at[0])
            rises = (values[-1] - values[-2]) / np.log((1 - at[-2]) / (1 - at[-1]))
            drawn[below] = np.maximum(values[0] + falls * np.log(grid[below] / at[0]), 0.0)
            drawn[above] = values[-1] + rises * np.log((1 - at[-1]) / (1 - grid[above]))
        sds[day] = np.sqrt(np.mean((drawn - drawn.mean()) ** 2))
    return sds


def estimate_correlation(errors: npt.ArrayLike) -> float:
    """Estimate the day-to-day correlation from forecast errors of past origins.

    Parameters
    ----------
    errors : array-like, shape (origins x series, days)
        Actual minus forecast; NaN does not count.

    Returns
    -------
    float
        The correlation (0 to 0.95) under which the variance of the errors' sums is as observed.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> estimate_correlation(rng.normal(size=(2000, 7))) < 0.02
    True
    """
    from scipy.optimize import brentq

    given = np.asarray(errors, dtype=float)
    given = given[~np.isnan(given).any(axis=1)]
    if len(given) < 30 or given.shape[1] < 2:
        return DAY_TO_DAY
    sd = given.std(axis=0)
    observed = float(given.sum(axis=1).var())
    apart = np.abs(np.subtract.outer(np.arange(sd.size), np.arange(sd.size)))

    def excess(correlation: float) -> float:
        return float(sd @ (correlation**apart) @ sd) - observed

    if excess(0.0) >= 0:
        return 0.0
    if excess(0.95) <= 0:
        return 0.95
    return float(brentq(excess, 0.0, 0.95))
