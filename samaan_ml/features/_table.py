"""The features, declared once: their order in a row, driver, window and the table that they need.

The kernel writes the blocks of a row in the order of `feature_table`; `row_layout` tells it how wide each block is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["CALENDAR_NAMES", "Feature", "RowLayout", "feature_table", "row_layout"]

Needs = Literal["", "calendar", "attributes", "prices", "stock", "groups"]


class Feature(NamedTuple):
    """One feature of a row.

    Parameters
    ----------
    name : str
        Unique name.
    driver : str
        What it says about demand: level, trend, weekday, season, event, price, stock or kind.
    window : int, default=0
        Columns before the origin that it looks back on; 0 where there is no fixed number.
    needs : str, default=""
        The table it comes from, beside the sales; empty for the sales alone. "attributes" are items and shops,
        "groups" the sums over several series.
    """

    name: str
    driver: str
    window: int = 0
    needs: Needs = ""


class RowLayout(NamedTuple):
    """Widths of the blocks of a row, in their order; the last one stands once for each group."""

    level: int
    season: int
    calendar: int
    attributes: int
    price: int
    group: int


CALENDAR_NAMES = (
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


def feature_table(recipe: FeatureRecipe) -> tuple[Feature, ...]:
    """List the features of a recipe in the kernel's order."""
    blocks = (_level, _season, _calendar, _attributes, _prices)
    rows = [feature for block in blocks for feature in block(recipe)]
    return (*rows, *(feature for columns in recipe.groups for feature in _group(recipe, columns)))


def row_layout(recipe: FeatureRecipe) -> RowLayout:
    """Measure the blocks of a row."""
    blocks = (_level, _season, _calendar, _attributes, _prices)
    level, season, calendar, attributes, price = (len(block(recipe)) for block in blocks)
    return RowLayout(level, season, calendar, attributes, price, len(_group(recipe, ())))


def _day(recipe: FeatureRecipe) -> str:
    """Name the driver of the place in the season."""
    return "weekday" if recipe.frequency == "D" else "season"


def _level(recipe: FeatureRecipe) -> list[Feature]:
    """Declare what depends on series and origin alone."""
    w = recipe.windows
    return [
        *(Feature(f"mean_{n}", "trend", n) for n in w),
        Feature("log_level", "level"),
        Feature("log_size", "level"),
        Feature("ewma_fast", "trend"),
        Feature("ewma_slow", "trend"),
        *(Feature(f"nonzero_{n}", "level", n) for n in (w[2], w[4], w[-2])),
        Feature("since_sale", "trend"),
        Feature("since_sale_scaled", "trend"),
        *(Feature(f"std_{n}", "level", n) for n in (w[2], w[4])),
        Feature("age", "level"),
        Feature("year_growth", "season", recipe.year + w[2]),
        Feature("last_value", "trend", 1),
        Feature("stock_short", "stock", w[0], "stock"),
        Feature("stock_month", "stock", w[2], "stock"),
    ]


def _season(recipe: FeatureRecipe) -> list[Feature]:
    """Declare the target's phase in the season and its place in the year before."""
    return [
        *(Feature(f"phase_{k}", _day(recipe), k * recipe.season) for k in recipe.phases),
        Feature("phase_last", _day(recipe), recipe.season),
        Feature("year_ago_week", "season", recipe.year),
        Feature("year_ago_month", "season", recipe.year),
        Feature("year_ago", "season", recipe.year),
        Feature("step", "trend"),
    ]


def _calendar(recipe: FeatureRecipe) -> list[Feature]:
    """Declare what is known of the target's date."""
    drivers = (_day(recipe), *("season",) * 4, *("event",) * 5)
    return [
        *(Feature(name, driver) for name, driver in zip(CALENDAR_NAMES, drivers, strict=True)),
        *(Feature(f"flag_{name}", "event") for name in recipe.flags),
        *(Feature(f"calendar_{name}", "event", 0, "calendar") for name in recipe.covariates),
    ]


def _attributes(recipe: FeatureRecipe) -> list[Feature]:
    """Declare what the item and the shop are like."""
    return [Feature(name, "kind", 0, "attributes") for name, _ in recipe.attributes]


def _prices(recipe: FeatureRecipe) -> list[Feature]:
    """Declare the price at the target against what it was, and the further columns by series and date."""
    if not recipe.has_price:
        return []
    w = recipe.windows
    return [
        Feature("price", "kind", 0, "prices"),
        Feature("price_step", "price", 1, "prices"),
        Feature("price_month", "price", w[2], "prices"),
        Feature("price_quarter", "price", w[4], "prices"),
        Feature("price_year", "price", recipe.year, "prices"),
        Feature("price_age", "price", 400, "prices"),
        *(
            Feature(f"price_{name}{end}", "price", 0, "prices")
            for name in recipe.price_covariates
            for end in ("", "_step")
        ),
    ]


def _group(recipe: FeatureRecipe, columns: tuple[str, ...]) -> list[Feature]:
    """Declare trend, phase, year and festival of a sum that a series belongs to."""
    g, w, year = "+".join(columns) or "all", recipe.windows, recipe.year
    return [
        Feature(f"{g}:week", "trend", w[2], "groups"),
        Feature(f"{g}:month", "trend", w[4], "groups"),
        Feature(f"{g}:phase", _day(recipe), recipe.phases[1] * recipe.season, "groups"),
        Feature(f"{g}:year_ago_week", "season", year, "groups"),
        Feature(f"{g}:year_ago_month", "season", year, "groups"),
        Feature(f"{g}:year_growth", "season", year + w[2], "groups"),
        Feature(f"{g}:share", "level", w[2], "groups"),
        Feature(f"{g}:event", "event", 0, "groups"),
    ]
