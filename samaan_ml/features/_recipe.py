"""What the feature rows hold for a given panel.

A recipe is learned from the training panel and kept with the model: which attributes, groups, events and
covariates there are and how they are numbered. It turns any later panel, down to the history of one series,
into the same features.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from samaan_ml.features._panel import Panel

__all__ = ["OPEN", "FeatureRecipe", "learn_recipe"]

Floats = npt.NDArray[np.float32]
_MOST_FLAGS = 6
OPEN = "open"
"""Name of the covariate that is 0 on a day the shop, or the item's counter, is closed."""
_FLAG_YEARLY = 15  # an event that comes more often in a year is a state of the day, not a festival


@dataclass(frozen=True, slots=True)
class FeatureRecipe:
    """The learned shape of the features.

    Parameters
    ----------
    frequency : {"D", "W"}
        Of the panel.
    attributes : tuple of (str, tuple of str)
        Attribute columns and their values, whose places are their codes.
    groups : tuple of tuple of str
        Columns whose values together name the groups a series belongs to.
    flags, festivals : tuple of str
        Frequent and rare events.
    covariates : tuple of str
        Numeric columns of the calendar.
    price_covariates : tuple of str
        Numeric columns of the prices.
    has_price, has_stock : bool
        Whether the tables were there.
    unit : float
        Typical size of one sale, the scale of levels.
    usual_prices : tuple of (str, float), default=()
        Median price by kind of item, and of all under the empty name: what an item without prices is given.
    """

    frequency: Literal["D", "W"]
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    groups: tuple[tuple[str, ...], ...]
    flags: tuple[str, ...]
    festivals: tuple[str, ...]
    covariates: tuple[str, ...]
    price_covariates: tuple[str, ...]
    has_price: bool
    has_stock: bool
    unit: float
    usual_prices: tuple[tuple[str, float], ...] = ()
    windows: tuple[int, ...] = field(init=False)
    phases: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Derive the windows from the frequency."""
        daily = self.frequency == "D"
        windows = (7, 14, 28, 56, 91, 182, 364, 728) if daily else (1, 2, 4, 8, 13, 26, 52, 104)
        object.__setattr__(self, "windows", windows)
        object.__setattr__(self, "phases", (4, 13, 52) if daily else (1, 2, 3))

    @property
    def season(self) -> int:
        """Length of the season in columns."""
        return 7 if self.frequency == "D" else 52

    @property
    def year(self) -> int:
        """Columns from a date to the same weekday a year before."""
        return 364 if self.frequency == "D" else 52

    @property
    def kind(self) -> str:
        """Attribute that names what an item is like: the first of the groups' that is no id; empty without one."""
        named = [name for columns in self.groups for name in columns if name not in ("shop_id", "item_id")]
        return named[0] if named else next((name for name, _ in self.attributes if name == "category"), "")

    def get_state(self) -> dict[str, object]:
        """Return the recipe as plain values."""
        state = asdict(self)
        state.pop("windows")
        state.pop("phases")
        return state

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> FeatureRecipe:
        """Rebuild a recipe from `get_state`'s values, also after JSON made lists of its tuples."""
        return cls(
            frequency=state["frequency"],
            attributes=tuple((str(name), tuple(map(str, values))) for name, values in state["attributes"]),
            groups=tuple(tuple(map(str, names)) for names in state["groups"]),
            flags=tuple(state["flags"]),
            festivals=tuple(state["festivals"]),
            covariates=tuple(state["covariates"]),
            price_covariates=tuple(state["price_covariates"]),
            has_price=bool(state["has_price"]),
            has_stock=bool(state["has_stock"]),
            unit=float(state["unit"]),
            usual_prices=tuple((str(kind), float(price)) for kind, price in state.get("usual_prices", ())),
        )


def learn_recipe(panel: Panel) -> FeatureRecipe:
    """Decide from a training panel which features it can have."""
    attributes = _attribute_columns(panel)
    flags, festivals = _split_events(panel)
    positive = panel.units[panel.units > 0] if panel.units.size < 5_000_000 else _sampled_positive(panel)
    recipe = FeatureRecipe(
        frequency=panel.frequency,
        attributes=tuple((name, _values(panel, name)) for name in attributes),
        groups=_groups(panel, attributes),
        flags=flags,
        festivals=festivals,
        covariates=tuple(name for name in panel.calendar.covariates if name != OPEN),
        price_covariates=tuple(name for name in panel.price_covariates if name != OPEN),
        has_price=panel.unit_price is not None or bool(panel.price_covariates),
        has_stock=panel.in_stock_share is not None,
        unit=float(np.median(positive)) if len(positive) else 1.0,
    )
    return replace(recipe, usual_prices=_usual_prices(panel, recipe.kind))


def _usual_prices(panel: Panel, kind: str) -> tuple[tuple[str, float], ...]:
    """Take the median of the last prices by kind, and of all."""
    if panel.unit_price is None:
        return ()
    last = panel.unit_price[:, panel.n_dates - 1]
    known = last > 0
    if not known.any():
        return ()
    found = {"": float(np.median(last[known]))}
    if kind in panel.series.columns:
        kinds = panel.series[kind].astype("str").to_numpy()
        for name in np.unique(kinds[known]):
            found[str(name)] = float(np.median(last[known & (kinds == name)]))
    return tuple(found.items())


def _sampled_positive(panel: Panel) -> Floats:
    """Take the sales of every so-manieth series only."""
    part = panel.units[:: max(panel.units.size // 5_000_000, 1)]
    return part[part > 0]


def _values(panel: Panel, name: str) -> tuple[str, ...]:
    """List an attribute's values."""
    return tuple(sorted(panel.series[name].dropna().astype("str").unique()))


def _attribute_columns(panel: Panel) -> list[str]:
    """Choose the attributes with few values: they carry over to new items, ids do not."""
    chosen = []
    for name in panel.series.columns:
        if name in ("shop_id", "item_id"):
            continue
        n_values = panel.series[name].nunique()
        if 2 <= n_values <= max(2, min(60, panel.n_series // 4)):
            chosen.append(str(name))
    return chosen


def _groups(panel: Panel, attributes: list[str]) -> tuple[tuple[str, ...], ...]:
    """Choose the sums of series worth a feature: by shop and finest item attribute, item over shops, all."""
    series = panel.series
    n_shops, n_items = series["shop_id"].nunique(), series["item_id"].nunique()
    per_item = [a for a in attributes if series.groupby("item_id", observed=True)[a].nunique().max() <= 1]
    finest = max(per_item, key=lambda a: series[a].nunique(), default=None)
    groups: list[tuple[str, ...]] = []
    if finest is not None and n_items >= 10:
        groups.append(("shop_id", finest) if n_shops > 1 else (finest,))
    if n_shops > 1 and n_items > 1:
        groups.append(("item_id",))
        groups.append(("shop_id",))
    elif panel.n_series > 1:
        groups.append(())
    return tuple(groups)


def _split_events(panel: Panel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell frequent events, which become flags, from festivals."""
    calendar = panel.calendar
    columns_a_year = 365.25 if panel.frequency == "D" else 52.2
    years = max(len(calendar.dates) / columns_a_year, 1.0)
    flags: list[tuple[float, str]] = []
    festivals: list[tuple[float, str]] = []
    for i, name in enumerate(calendar.events):
        yearly = float(calendar.occurs[:, :, i].sum(axis=1).max() / years)
        (flags if yearly > _FLAG_YEARLY else festivals).append((yearly, name))
    flags.sort(reverse=True)
    return tuple(n for _, n in flags[:_MOST_FLAGS]), tuple(n for _, n in festivals)
