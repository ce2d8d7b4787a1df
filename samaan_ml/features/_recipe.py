"""What the feature rows hold for a given panel, and the arrays the kernel reads.

A recipe is learned from the training panel and kept with the model: which attributes, groups, events and
covariates there are and how they are numbered. It turns any later panel, down to the history of one series,
into the same features.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError

if TYPE_CHECKING:
    from samaan_ml.features._panel import Calendar, Panel

__all__ = ["FeatureRecipe", "KernelInputs", "feature_drivers", "feature_names"]

Floats = npt.NDArray[np.float32]
_MOST_FLAGS = 6
_FLAG_YEARLY = 15  # an event that comes more often in a year is a state of the day, not a festival
_NEAR_DAYS = 4  # a festival is felt so many days before


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
        )


@dataclass(frozen=True, slots=True)
class KernelInputs:
    """The arrays `fill_rows` reads, in the order of its arguments after the rows."""

    units: Floats
    start: npt.NDArray[np.int64]
    price: Floats
    price_values: Floats
    stock: Floats
    groups_of_series: npt.NDArray[np.int32]
    group_units: Floats
    calendar: Floats
    previous: npt.NDArray[np.int32]
    region_of_series: npt.NDArray[np.int32]
    attributes: Floats

    def take(self, chosen: npt.NDArray[np.int64]) -> KernelInputs:
        """Keep some of the series; the groups stay whole."""
        return replace(
            self,
            units=self.units[chosen],
            start=self.start[chosen],
            price=self.price[chosen] if len(self.price) else self.price,
            price_values=self.price_values[:, chosen] if len(self.price_values) else self.price_values,
            stock=self.stock[chosen] if len(self.stock) else self.stock,
            groups_of_series=self.groups_of_series[chosen],
            region_of_series=self.region_of_series[chosen],
            attributes=self.attributes[chosen],
        )

    def rows(
        self,
        recipe: FeatureRecipe,
        series: npt.NDArray[np.int64],
        origins: npt.NDArray[np.int64],
        steps: npt.NDArray[np.int64],
    ) -> tuple[Floats, npt.NDArray[np.float64]]:
        """Compute feature rows and the level each of them starts from."""
        from samaan_ml.features._kernels import fill_rows

        out = np.empty((len(series), n_features(recipe)), dtype=np.float32)
        base = np.empty(len(series), dtype=np.float64)
        daily = recipe.frequency == "D"
        fill_rows(
            out,
            base,
            series,
            origins,
            steps,
            self.units,
            self.start,
            self.price,
            self.price_values,
            self.stock,
            self.groups_of_series,
            self.group_units,
            self.calendar,
            self.previous,
            self.region_of_series,
            self.attributes,
            np.asarray(recipe.windows, dtype=np.int64),
            np.asarray(recipe.phases, dtype=np.int64),
            recipe.season,
            recipe.year,
            0.1 if daily else 0.3,
            0.03 if daily else 0.1,
            recipe.unit,
        )
        return out, base


_CALENDAR_NAMES = (
    "phase",
    "day_of_month",
    "days_to_month_end",
    "month",
    "day_of_year",
    "festival",
    "days_to_festival",
    "next_festival",
    "days_since_festival",
    "last_festival",
)


def feature_names(recipe: FeatureRecipe) -> list[str]:
    """Name the features in the order of the kernel."""
    return [name for name, _ in _named_drivers(recipe)]


def feature_drivers(recipe: FeatureRecipe) -> list[str]:
    """Name the driver (level, trend, weekday, season, event, price, stock, kind) of each feature."""
    return [driver for _, driver in _named_drivers(recipe)]


def n_features(recipe: FeatureRecipe) -> int:
    """Count the features."""
    n_price = (6 + 2 * len(recipe.price_covariates)) if recipe.has_price else 0
    n_calendar = len(_CALENDAR_NAMES) + len(recipe.flags) + len(recipe.covariates)
    n_level = len(recipe.windows) + 16
    return (
        n_level
        + len(recipe.phases)
        + 5
        + n_calendar
        + len(recipe.attributes)
        + n_price
        + 8 * len(recipe.groups)
    )


def _named_drivers(recipe: FeatureRecipe) -> list[tuple[str, str]]:
    """List names and drivers in the kernel's order."""
    w, day = recipe.windows, "weekday" if recipe.frequency == "D" else "season"
    named = [(f"mean_{n}", "trend") for n in w]
    named += [("log_level", "level"), ("log_size", "level"), ("ewma_fast", "trend"), ("ewma_slow", "trend")]
    named += [(f"nonzero_{w[i]}", "level") for i in (2, 4, len(w) - 2)]
    named += [("since_sale", "trend"), ("since_sale_scaled", "trend")]
    named += [(f"std_{w[2]}", "level"), (f"std_{w[4]}", "level")]
    named += [("age", "level"), ("year_growth", "season"), ("last_value", "trend")]
    named += [("stock_short", "stock"), ("stock_month", "stock")]
    named += [(f"phase_{k}", day) for k in recipe.phases]
    named += [
        ("phase_last", day),
        ("year_ago_week", "season"),
        ("year_ago_month", "season"),
        ("year_ago", "season"),
    ]
    named += [("step", "trend")]
    drivers = (day, "season", "season", "season", "season", *("event",) * 5)
    named += list(zip(_CALENDAR_NAMES, drivers, strict=True))
    named += [(f"flag_{name}", "event") for name in recipe.flags]
    named += [(f"calendar_{name}", "event") for name in recipe.covariates]
    named += [(name, "kind") for name, _ in recipe.attributes]
    if recipe.has_price:
        named += [
            ("price", "kind"),
            ("price_step", "price"),
            ("price_month", "price"),
            ("price_quarter", "price"),
        ]
        named += [("price_year", "price"), ("price_age", "price")]
        for name in recipe.price_covariates:
            named += [(f"price_{name}", "price"), (f"price_{name}_step", "price")]
    for columns in recipe.groups:
        g = "+".join(columns) or "all"
        named += [(f"{g}:week", "trend"), (f"{g}:month", "trend"), (f"{g}:phase", day)]
        named += [
            (f"{g}:year_ago_week", "season"),
            (f"{g}:year_ago_month", "season"),
            (f"{g}:year_growth", "season"),
            (f"{g}:share", "level"),
        ]
        named += [(f"{g}:event", "event")]
    return named


def learn_recipe(panel: Panel) -> FeatureRecipe:
    """Decide from a training panel which features it can have."""
    attributes = _attribute_columns(panel)
    flags, festivals = _split_events(panel)
    positive = panel.units[panel.units > 0] if panel.units.size < 5_000_000 else _sampled_positive(panel)
    return FeatureRecipe(
        frequency=panel.frequency,
        attributes=tuple((name, _values(panel, name)) for name in attributes),
        groups=_groups(panel, attributes),
        flags=flags,
        festivals=festivals,
        covariates=panel.calendar.covariates,
        price_covariates=panel.price_covariates,
        has_price=panel.unit_price is not None,
        has_stock=panel.in_stock_share is not None,
        unit=float(np.median(positive)) if len(positive) else 1.0,
    )


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


def calendar_arrays(recipe: FeatureRecipe, calendar: Calendar) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Compute the calendar's features by region and date, and where each date's festival fell before."""
    dates = calendar.dates
    n_regions, n_known = calendar.occurs.shape[:2]
    days = dates.astype("datetime64[D]").astype(np.int64)
    month_start = dates.astype("datetime64[M]")
    day_of_month = (dates - month_start.astype("datetime64[D]")).astype(np.int64) + 1
    month_end = (month_start + 1).astype("datetime64[D]").astype(np.int64)
    day_of_year = (dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    width = len(_CALENDAR_NAMES) + len(recipe.flags) + len(recipe.covariates)
    out = np.full((n_regions, n_known, width), np.nan, dtype=np.float32)
    out[:, :, 0] = (days + 3) % 7 if recipe.frequency == "D" else 0
    out[:, :, 1] = day_of_month
    out[:, :, 2] = month_end - days
    out[:, :, 3] = month_start.astype(np.int64) % 12 + 1
    out[:, :, 4] = day_of_year
    previous = np.full((n_regions, n_known), -1, dtype=np.int32)
    place = {name: i for i, name in enumerate(calendar.events)}
    reach = _NEAR_DAYS if recipe.frequency == "D" else 1
    for r in range(n_regions):
        held = [calendar.occurs[r, :, place[n]] if n in place else None for n in recipe.festivals]
        _festival_features(out[r, :, 5:10], previous[r], held, reach)
        for j, name in enumerate(recipe.flags):
            out[r, :, 10 + j] = calendar.occurs[r, :, place[name]] if name in place else 0.0
        for j, name in enumerate(recipe.covariates):
            if name in calendar.covariates:
                out[r, :, 10 + len(recipe.flags) + j] = calendar.values[r, :, calendar.covariates.index(name)]
    return out, previous


def _festival_features(
    out: Floats, previous: npt.NDArray[np.int32], occurs: list[npt.NDArray[np.bool_] | None], reach: int
) -> None:
    """Fill festival of the day, next and last festival with their distances, for one region."""
    n_known = out.shape[0]
    when = sorted(
        (int(c), code) for code, hits in enumerate(occurs) if hits is not None for c in np.flatnonzero(hits)
    )
    out[:, 0] = -1.0
    out[:, 1], out[:, 2], out[:, 3], out[:, 4] = 30.0, -1.0, 30.0, -1.0
    for c, code in reversed(when):
        low = max(c - 30, 0)
        out[low : c + 1, 1] = c - np.arange(low, c + 1)
        out[low : c + 1, 2] = code
        out[c, 0] = code
    for c, code in when:
        high = min(c + 31, n_known)
        out[c:high, 3] = np.arange(c, high) - c
        out[c:high, 4] = code
    before: dict[int, int] = {}
    anchored = np.full(n_known, 99, dtype=np.int64)
    for c, code in when:
        earlier = before.get(code)
        before[code] = c
        for offset in range(-reach, 2):
            column = c + offset
            distance = abs(offset)
            if 0 <= column < n_known and distance < anchored[column]:
                anchored[column] = distance
                has = earlier is not None and earlier + offset >= 0
                previous[column] = earlier + offset if has and earlier is not None else -1


def encode_attributes(recipe: FeatureRecipe, panel: Panel) -> Floats:
    """Number the attributes; NaN for a value that was not there in training."""
    out = np.full((panel.n_series, len(recipe.attributes)), np.nan, dtype=np.float32)
    for j, (name, values) in enumerate(recipe.attributes):
        if name in panel.series.columns:
            place = {value: i for i, value in enumerate(values)}
            text = panel.series[name].astype("str").to_numpy()
            out[:, j] = [place.get(value, np.nan) for value in text]
    return out


@dataclass(frozen=True, slots=True)
class GroupMemory:
    """Histories of the groups, kept with the model for requests that show only a part of a shop.

    Parameters
    ----------
    names : tuple of str
        Names of the groups.
    members : ndarray of int64, shape (n_groups,)
        Series each group had in training.
    first_day : int
        First column, in days from 1970.
    units : ndarray of float32, shape (n_groups, n_kept)
        Sums, NaN where unknown.
    """

    names: tuple[str, ...]
    members: npt.NDArray[np.int64]
    first_day: int
    units: Floats

    def aligned(self, name: str, first_day: int, step: int, n_dates: int) -> tuple[int, Floats] | None:
        """Find a group's members and its history on another time axis; None for a group never seen."""
        try:
            g = self.names.index(name)
        except ValueError:
            return None
        out = np.full(n_dates, np.nan, dtype=np.float32)
        offset = (self.first_day - first_day) // step
        low, high = max(offset, 0), min(offset + self.units.shape[1], n_dates)
        if high > low:
            out[low:high] = self.units[g, low - offset : high - offset]
        return int(self.members[g]), out

    def get_state(self) -> dict[str, object]:
        """Return the memory as plain values and arrays."""
        return {
            "names": np.asarray(self.names, dtype=np.str_),
            "members": self.members,
            "first_day": self.first_day,
            "units": self.units,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> GroupMemory:
        """Rebuild the memory from `get_state`'s values."""
        names = tuple(str(name) for name in state["names"])
        return cls(names, np.asarray(state["members"]), int(state["first_day"]), np.asarray(state["units"]))


def remember_groups(recipe: FeatureRecipe, panel: Panel, inputs: KernelInputs) -> GroupMemory:
    """Keep three years of every group's sums."""
    codes, names = group_codes(recipe, panel)
    members = np.bincount(codes[codes >= 0].ravel(), minlength=len(names)).astype(np.int64)
    kept = min(
        inputs.group_units.shape[1], 2 * recipe.year + 14 * recipe.season // (1 if recipe.season == 7 else 26)
    )
    first = int(panel.dates[-kept].astype("datetime64[D]").astype(np.int64))
    return GroupMemory(tuple(names), members, first, np.ascontiguousarray(inputs.group_units[:, -kept:]))


def group_codes(recipe: FeatureRecipe, panel: Panel) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Number the groups of every series and name them, over all kinds of groups."""
    codes = np.full((panel.n_series, len(recipe.groups)), -1, dtype=np.int32)
    names: list[str] = []
    for j, columns in enumerate(recipe.groups):
        label = np.full(panel.n_series, "", dtype=object)
        for name in columns:
            label = label + "\x1f" + panel.series[name].astype("str").to_numpy(dtype=object)
        found, inverse = np.unique(label.astype(str), return_inverse=True)
        codes[:, j] = inverse + len(names)
        names += [f"{j}{value}" for value in found]
    return codes, names


def kernel_inputs(
    recipe: FeatureRecipe, panel: Panel, demand: Floats | None = None, memory: GroupMemory | None = None
) -> KernelInputs:
    """Gather the arrays of a whole panel.

    Parameters
    ----------
    recipe : FeatureRecipe
        As learned.
    panel : Panel
        The histories.
    demand : ndarray of float32, shape (n_series, n_dates), or None, default=None
        Units with sold-out days put right; None takes the units as sold.
    memory : GroupMemory or None, default=None
        Histories of the groups in training, for those of which the panel shows a part only.
    """
    from samaan_ml.features._kernels import group_sums

    if panel.frequency != recipe.frequency:
        raise ParameterError(
            f"the model was fitted on frequency '{recipe.frequency}', got '{panel.frequency}'"
        )
    units = panel.units if demand is None else demand
    start = np.minimum(panel.first_sale(), panel.n_dates)
    codes, names = group_codes(recipe, panel)
    calendar, previous = calendar_arrays(recipe, panel.calendar)
    sums = group_sums(units, start, codes, len(names))
    if memory is not None:
        first, step = (
            int(panel.dates[0].astype("datetime64[D]").astype(np.int64)),
            1 if panel.frequency == "D" else 7,
        )
        complete_groups(sums, names, codes, memory, first, step)
    none = np.zeros((0, 0), dtype=np.float32)
    n_known = len(panel.calendar.dates)
    price, values = none, np.zeros((0, 0, 0), dtype=np.float32)
    if recipe.has_price:
        price = (
            np.full((panel.n_series, n_known), np.nan, np.float32)
            if panel.unit_price is None
            else panel.unit_price
        )
        values = _aligned_price_values(recipe, panel, price.shape)
    stock = none
    if recipe.has_stock:
        stock = panel.in_stock_share if panel.in_stock_share is not None else presumed_in_stock(units)
    return KernelInputs(
        units=np.ascontiguousarray(units),
        start=start,
        price=np.ascontiguousarray(price),
        price_values=values,
        stock=np.ascontiguousarray(stock),
        groups_of_series=codes,
        group_units=sums,
        calendar=calendar,
        previous=previous,
        region_of_series=panel.calendar.region_of_series,
        attributes=encode_attributes(recipe, panel),
    )


def presumed_in_stock(units: Floats) -> Floats:
    """Take the shelf for full on every known day, for a model that learned with stock and is asked without it."""
    return np.where(np.isnan(units), np.float32(np.nan), np.float32(1.0))


def complete_groups(
    sums: Floats,
    names: list[str],
    codes: npt.NDArray[np.int32],
    memory: GroupMemory,
    first_day: int,
    step: int,
) -> None:
    """Put the remembered history in place of a group's sum where less than nine tenths of its series are shown."""
    members = np.bincount(codes[codes >= 0].ravel(), minlength=len(names))
    for g, name in enumerate(names):
        found = memory.aligned(name, first_day, step, sums.shape[1])
        if found is not None and members[g] < 0.9 * found[0]:
            sums[g] = found[1]


def _aligned_price_values(recipe: FeatureRecipe, panel: Panel, shape: tuple[int, int]) -> Floats:
    """Bring the price covariates into the recipe's order, NaN where one is missing."""
    if not recipe.price_covariates:
        return np.zeros((0, 0, 0), dtype=np.float32)
    out = np.full((len(recipe.price_covariates), *shape), np.nan, dtype=np.float32)
    for j, name in enumerate(recipe.price_covariates):
        if panel.price_values is not None and name in panel.price_covariates:
            out[j] = panel.price_values[panel.price_covariates.index(name)]
    return out
