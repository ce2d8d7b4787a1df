"""A whole simulated world at once: what the shops recorded, and apart from it the truth."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from samaan_ml.datasets._parameters import ShopSimulation
from samaan_ml.datasets._promises import simulate_promises
from samaan_ml.datasets._udhaar import simulate_udhaar
from samaan_ml.datasets._world import KiranaWorld
from samaan_ml.exceptions import DataError
from samaan_ml.tables import SCHEMAS, ShopData, check, write_table

__all__ = ["SimulatedWorld", "Truth", "simulate"]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a real shop never knows. For scoring only: no model may read it.

    Parameters
    ----------
    demand : pandas.DataFrame
        shop_id, item_id, date, rate (mean of the demand), demand (units wanted), of every open day.
    series : pandas.DataFrame
        shop_id, item_id, elasticity, base_rate, dispersion, launched_on, dropped_on, substitute_id,
        cross_elasticity.
    offers : pandas.DataFrame
        shop_id, item_id, date: the Mondays of the weeks under offer.
    days : pandas.DataFrame
        shop_id, date, status: open, closed, or not_entered (open, yet without rows).
    customers : pandas.DataFrame
        shop_id, customer_id, income, willingness, limit_paise, joined_on, left_on.
    """

    demand: pd.DataFrame
    series: pd.DataFrame
    offers: pd.DataFrame
    days: pd.DataFrame
    customers: pd.DataFrame

    def save(self, folder: Path | str) -> None:
        """Write each table to `<name>.parquet` in a folder."""
        for each in fields(self):
            write_table(getattr(self, each.name), Path(folder) / f"{each.name}.parquet")

    @classmethod
    def load(cls, folder: Path | str) -> Truth:
        """Read what `save` wrote.

        Raises
        ------
        DataError
            When a file is absent.
        """
        paths = {each.name: Path(folder) / f"{each.name}.parquet" for each in fields(cls)}
        for path in paths.values():
            if not path.is_file():
                raise DataError(f"'{path}' does not exist; the truth of a simulated world is read from it")
        return cls(**{name: pd.read_parquet(path) for name, path in paths.items()})


@dataclass(frozen=True, slots=True)
class SimulatedWorld:
    """The tables of a simulated world and, apart from them, its truth."""

    data: ShopData
    truth: Truth


def simulate(simulation: ShopSimulation | None = None, seed: int = 0) -> SimulatedWorld:
    """Simulate shops whose owners act by habit.

    Parameters
    ----------
    simulation : ShopSimulation or None, default=None
        Parameters; None takes the defaults.
    seed : int, default=0
        Same parameters and seed, same world to the byte.

    Returns
    -------
    SimulatedWorld
        `data` as a shop has it; `truth` to score with.

    Examples
    --------
    >>> world = simulate(ShopSimulation(n_shops=1, n_items=20, days=70), seed=1)
    >>> len(world.data.sales) > 0
    True
    >>> sorted(world.truth.series.columns)[:3]
    ['base_rate', 'cross_elasticity', 'dispersion']
    """
    world = KiranaWorld(simulation, seed)
    world.run()
    ledger, customers = simulate_udhaar(world.market)
    promises = simulate_promises(world.market, ledger, customers)
    own = [("ledger", ledger), ("promises", promises)]
    tables = {name: check(table, SCHEMAS[name]) for name, table in [*world.data(), *own]}
    truth = Truth(world.demand(), _series_truth(world), world.offers(), _days_truth(world), customers)
    return SimulatedWorld(ShopData(**tables), truth)


def _series_truth(world: KiranaWorld) -> pd.DataFrame:
    """Write down what is hidden about each series."""
    market = world.market
    start, days = pd.Timestamp(market.simulation.start), market.simulation.days
    series = market.series
    other = series["item_id"].to_numpy()[market.substitute]
    dropped = start + pd.to_timedelta(series["last_day"], unit="D")
    return series[["shop_id", "item_id", "elasticity", "base_rate", "dispersion"]].assign(
        launched_on=start + pd.to_timedelta(series["launch_day"], unit="D"),
        dropped_on=dropped.where(series["last_day"] < days - 1),
        substitute_id=pd.Series(other).where(market.cross > 0, None),
        cross_elasticity=market.cross,
    )


def _days_truth(world: KiranaWorld) -> pd.DataFrame:
    """Write down why a shop's day has rows or none."""
    market = world.market
    status = pd.DataFrame(market.open_days).replace({True: "open", False: "closed"})
    status = status.mask(pd.DataFrame(market.open_days & ~market.recorded), "not_entered")
    status.columns = market.shops["shop_id"]
    status.insert(0, "date", pd.date_range(market.simulation.start, periods=market.simulation.days))
    table = status.melt(id_vars="date", var_name="shop_id", value_name="status")
    return table[["shop_id", "date", "status"]].sort_values(["shop_id", "date"], ignore_index=True)
