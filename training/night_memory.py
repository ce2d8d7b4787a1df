"""What the nights remember: standardised errors summed per shop and item group, so that a lasting shift is found.

Each night the day that came is compared with what was forecast for it. A series' sum of the day, less its forecast,
is divided by the usual size of such errors; two CUSUM sums (Page 1954) follow it, one upwards, one downwards. The
limit is set so that one series, watched for a month without a shift, raises an alarm with at most the stated
probability, with a margin for the number of series that are watched together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from training.json_files import read_json, write_json

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FALSE_ALARMS_A_MONTH", "NightMemory", "SeriesMemory", "limit_for", "usual_errors"]

FALSE_ALARMS_A_MONTH = 0.05
"""Stated probability that anything at all raises an alarm in a month of nights without a shift."""
_SLACK = 1.5
_LARGEST_STEP = 4.0
"""A single day counts for so many standard deviations at most: one wild day alone is no shift."""
_FORGETTING = 0.97
_FEWEST_DAYS = 5
_NIGHTS = 30
_CALM_NIGHTS = 7
_KEPT_NIGHTS = 60
SCHEMA_VERSION = 1


@dataclass(slots=True)
class SeriesMemory:
    """What is remembered of a shop or an item group.

    Parameters
    ----------
    up, down : float
        The CUSUM sums.
    mean_square : float
        Usual square of the relative error, forgotten slowly.
    days : int
        Days seen.
    ratio : float
        What came, divided by what was forecast, of late.
    since : str or None
        First day of the shift that is told.
    calm : int
        Nights since the last one beyond the slack, while a shift is told.
    """

    up: float = 0.0
    down: float = 0.0
    mean_square: float = 0.0
    days: int = 0
    ratio: float = 1.0
    since: str | None = None
    calm: int = 0
    begun: str | None = None

    @property
    def alarmed(self) -> bool:
        """Return whether a shift is told."""
        return self.since is not None

    def see(self, day: date, actual: float, forecast: float, usual: float, limit: float) -> bool:
        """Take in one day; tell whether it begins an alarm.

        Parameters
        ----------
        day : date
            The day.
        actual, forecast : float
            Units that came and that were expected.
        usual : float
            Usual size of the relative error, where nothing is remembered yet.
        limit : float
            The sums' limit.
        """
        error = (actual - forecast) / max(forecast, 1e-9)
        size = math.sqrt(max(self.mean_square, usual**2)) if self.days >= _FEWEST_DAYS else usual
        step = max(-_LARGEST_STEP, min(_LARGEST_STEP, error / max(size, 1e-6)))
        if self.up == self.down == 0.0:
            self.begun = day.isoformat()
        self.up, self.down = max(0.0, self.up + step - _SLACK), max(0.0, self.down - step - _SLACK)
        self.ratio = 0.5 * self.ratio + 0.5 * actual / max(forecast, 1e-9)
        if abs(step) <= 2.0:
            weight = _FORGETTING if self.days else 0.0
            self.mean_square = weight * self.mean_square + (1 - weight) * error**2
        self.days += 1
        if self.alarmed:
            self._recover(abs(step) <= 1.5)
            return False
        if max(self.up, self.down) > limit:
            self.since, self.calm = self.begun or day.isoformat(), 0
            return True
        return False

    def _recover(self, calm: bool) -> None:
        """Count calm nights; after a week of them the shift is over."""
        self.calm = self.calm + 1 if calm else 0
        if self.calm >= _CALM_NIGHTS:
            self.since, self.up, self.down, self.calm = None, 0.0, 0.0, 0


def limit_for(series: int, false_alarms_a_month: float = FALSE_ALARMS_A_MONTH) -> float:
    """Return the CUSUM limit for so many series watched side by side.

    For normal errors the sums pass a limit h by chance on a night with probability of about exp(-2 k h') times a
    constant, k the slack and h' = h + 1.166 (Siegmund 1985); both sides of all series share what is stated.

    Examples
    --------
    >>> round(limit_for(1), 1), round(limit_for(100), 1)
    (1.7, 3.2)
    """
    nightly = false_alarms_a_month / (_NIGHTS * 2 * max(series, 1))
    low, high = 1.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _nightly(middle) > nightly else (low, middle)
    return high


def _nightly(limit: float) -> float:
    """Return the probability that a night passes a limit by chance, by Siegmund's approximation of the run length."""
    reach = limit + 1.166
    length = (math.exp(2 * _SLACK * reach) - 2 * _SLACK * reach - 1) / (2 * _SLACK**2)
    return 1 / length


@dataclass(slots=True)
class NightMemory:
    """What all nights remember, by shop and by item group; kept in one file.

    Parameters
    ----------
    series : dict of str to SeriesMemory
        By "shop NAME" or "group NAME".
    last : str or None
        The last day taken in; a night that is taken up again takes it in once.
    model : str or None
        Version of the model whose errors are remembered; another one's are new.
    nights : list of dict
        Coverage and ratio of the last nights.
    """

    series: dict[str, SeriesMemory] = field(default_factory=dict)
    last: str | None = None
    model: str | None = None
    nights: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> NightMemory:
        """Read it; a file that is absent or of another kind remembers nothing."""
        if not path.is_file():
            return cls()
        said = read_json(path)
        if said.get("schema_version") != SCHEMA_VERSION:
            return cls()
        series = {name: SeriesMemory(**each) for name, each in said["series"].items()}
        return cls(series, said["last"], said["model"], said["nights"])

    def write(self, path: Path) -> None:
        """Write it, with what the operator reads."""
        kept = {name: asdict(each) for name, each in sorted(self.series.items())}
        said = {"schema_version": SCHEMA_VERSION, "series": kept, "last": self.last, "model": self.model}
        write_json(path, {**said, "nights": self.nights[-_KEPT_NIGHTS:], "report": self.report()})

    def see(self, told: pd.DataFrame, usual: Mapping[str, float], model: str | None = None) -> list[str]:
        """Take in the days that were forecast and have come; give a sentence for each new alarm.

        Parameters
        ----------
        told : pandas.DataFrame
            Columns shop_id, group, date, units, mean, `q0.1` and `q0.9`: what came and what was forecast.
        usual : mapping of str to float
            Usual size of the relative error of a day, by series.
        model : str or None, default=None
            Version of the model that forecast.
        """
        if model != self.model:
            self.series, self.model = {}, model
        fresh = told if self.last is None else told[told["date"].astype(str).str[:10] > self.last]
        for day, rows in fresh.groupby(fresh["date"].astype(str).str[:10], sort=True):
            self._see_day(date.fromisoformat(str(day)), rows, usual)
            self.last = str(day)
        return self.sentences()

    def _see_day(self, day: date, rows: pd.DataFrame, usual: Mapping[str, float]) -> None:
        """Take in one day."""
        sums = {
            f"{kind} {name}": (float(each["units"].sum()), float(each["mean"].sum()))
            for kind, column in (("shop", "shop_id"), ("group", "group"))
            for name, each in rows.groupby(column, observed=True)
        }
        limit = limit_for(len(sums))
        for name, (actual, forecast) in sums.items():
            if forecast > 0:
                memory = self.series.setdefault(name, SeriesMemory())
                memory.see(day, actual, forecast, usual.get(name, 0.5), limit)
        inside = ((rows["units"] >= rows["q0.1"]) & (rows["units"] <= rows["q0.9"])).mean()
        total, expected = float(rows["units"].sum()), float(rows["mean"].sum())
        alarms = sum(each.alarmed for each in self.series.values())
        told = {"as_of": day.isoformat(), "coverage": float(inside), "ratio": total / max(expected, 1e-9)}
        self.nights.append({**told, "alarms": alarms})

    def sentences(self) -> list[str]:
        """Return which shifts are told."""
        return [
            f"{name.split(' ', 1)[0]} '{name.split(' ', 1)[1]}' sells {each.ratio:.2f} times what was forecast since "
            f"{each.since}"
            for name, each in sorted(self.series.items())
            if each.alarmed
        ]

    def report(self) -> dict[str, Any]:
        """Return what the operator's page shows."""
        return {"nights": self.nights[-20:], "alarms": self.sentences(), "fallbacks": [], "decisions": None}


def usual_errors(sales: pd.DataFrame, groups: Mapping[str, str], days: int = 56) -> dict[str, float]:
    """Return the usual relative error of a day by series: half the variance of its sum's change from the week before.

    Parameters
    ----------
    sales : pandas.DataFrame
        Columns shop_id, item_id, date and units.
    groups : mapping of str to str
        Group by item.
    days : int, default=56
        Days that count.
    """
    late = sales[sales["date"] > sales["date"].max() - np.timedelta64(days, "D")]
    late = late.assign(group=[groups.get(str(item), "other") for item in late["item_id"]])
    found: dict[str, float] = {}
    for kind, column in (("shop", "shop_id"), ("group", "group")):
        table = late.pivot_table("units", "date", column, aggfunc="sum", observed=True)
        for name in table.columns:
            found[f"{kind} {name}"] = _relative(table[name].fillna(0.0).to_numpy(dtype=float))
    return found


def _relative(values: npt.NDArray[np.float64]) -> float:
    """Return the size of a series' weekly change as a share of its mean; a change is the error of two days."""
    changes = values[7:] - values[:-7]
    if len(changes) < _FEWEST_DAYS or values.mean() <= 0:
        return 0.5
    return max(float(np.std(changes)) / math.sqrt(2) / float(values.mean()), 0.05)
