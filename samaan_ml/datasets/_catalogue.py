"""The simulated shop's goods: 168 items in thirteen categories, and how each category sells.

`catalogue.csv` lists them, within a category by popularity. Names and figures are made up for the simulator;
no brand and no price list stands behind them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["CATEGORIES", "Category", "Item", "catalogue"]

_GOODS = Path(__file__).with_name("catalogue.csv")


@dataclass(frozen=True, slots=True)
class Category:
    """How the goods of a category sell and are supplied.

    Parameters
    ----------
    units_per_day : float
        Median item's daily demand in a shop of middling size.
    elasticity : float
        Mean own-price elasticity of its items.
    margin_ratio : float
        Usual margin as a share of the price.
    weekend : float
        Extra log demand on Sundays; half of it on Saturdays.
    pay_day : float
        Extra log demand on the day after wages.
    season : tuple of float, default=(0.0, 0.0)
        Log amplitude of the year's wave and the day of the year of its peak.
    festivals : dict of str to float, default={}
        Extra log demand at the height of a festival.
    shelf_days : float, default=0.0
        Days until what lies on the shelf is spoiled; 0 for goods that keep.
    daily : bool, default=False
        Delivered every morning instead of at a weekly visit.
    loose : bool, default=False
        Sold from the sack: no printed MRP.
    case_units : int, default=6
        Units in a case; orders are whole cases.
    gst_percent : int, default=5
        Slab of the goods and services tax.
    """

    units_per_day: float
    elasticity: float
    margin_ratio: float
    weekend: float
    pay_day: float
    season: tuple[float, float] = (0.0, 0.0)
    festivals: dict[str, float] = field(default_factory=dict)
    shelf_days: float = 0.0
    daily: bool = False
    loose: bool = False
    case_units: int = 6
    gst_percent: int = 5


class Item(NamedTuple):
    """One item of the catalogue: its id, category, price in rupees and rank in popularity (0 is first)."""

    item_id: str
    category: str
    price: float
    rank: int


CATEGORIES: dict[str, Category] = {
    "staples": Category(
        2.6, -4.5, 0.12, 0.15, 0.45, (0.04, 330),
        {"diwali": 0.25, "pongal": 0.35, "onam": 0.35, "durga_puja": 0.2, "ramzan": 0.2, "navratri": -0.05},
        case_units=5,
    ),
    "oil_ghee": Category(
        1.4, -5.0, 0.10, 0.12, 0.5, (0.05, 320),
        {"diwali": 0.6, "dhanteras": 0.3, "holi": 0.35, "navratri": 0.15, "ramzan": 0.25, "pongal": 0.3},
        case_units=4,
    ),
    "spices": Category(
        0.9, -2.8, 0.20, 0.1, 0.3, (0.03, 340),
        {"diwali": 0.3, "eid_al_fitr": 0.4, "eid_al_adha": 0.4, "pongal": 0.2, "onam": 0.25},
    ),
    "dairy": Category(
        11.0, -3.0, 0.10, 0.08, 0.05, (0.08, 135),
        {"navratri": 0.15, "janmashtami": 0.35, "ramzan": 0.25, "raksha_bandhan": 0.2,
         "wedding_season": 0.06},
        shelf_days=2.5, daily=True, case_units=1,
    ),
    "bakery_eggs": Category(
        5.0, -3.2, 0.16, 0.2, 0.05, (0.06, 10),
        {"christmas": 0.5, "new_year": 0.4, "navratri": -0.25, "ramzan": 0.15, "pitru_paksha": -0.1},
        shelf_days=4.0, daily=True, case_units=1,
    ),
    "vegetables": Category(
        6.0, -2.6, 0.24, 0.2, 0.1, (0.06, 20),
        {"navratri": 0.1, "pongal": 0.3, "onam": 0.4, "ganesh_chaturthi": 0.15, "chhath": 0.4,
         "ramzan": 0.15},
        shelf_days=3.5, daily=True, loose=True, case_units=1, gst_percent=0,
    ),
    "snacks": Category(
        3.4, -4.2, 0.18, 0.25, 0.12, (0.0, 0.0),
        {"diwali": 0.55, "holi": 0.45, "raksha_bandhan": 0.2, "eid_al_fitr": 0.2, "durga_puja": 0.25},
        case_units=12,
    ),
    "tea_coffee": Category(
        1.5, -3.5, 0.14, 0.08, 0.35, (0.2, 5),
        {"diwali": 0.1, "wedding_season": 0.05},
    ),
    "cold_drinks": Category(
        3.0, -4.5, 0.20, 0.3, 0.1, (0.7, 140),
        {"holi": 0.4, "diwali": 0.3, "ramzan": 0.35, "new_year": 0.4,
         "wedding_season": 0.1, "durga_puja": 0.25},
        case_units=12, gst_percent=18,
    ),
    "sweets_chocolate": Category(
        2.6, -4.0, 0.22, 0.2, 0.12, (0.08, 340),
        {"diwali": 1.1, "dhanteras": 0.6, "raksha_bandhan": 0.8, "holi": 0.4, "eid_al_fitr": 0.7,
         "christmas": 0.35, "makar_sankranti": 0.5, "bhai_dooj": 0.5, "durga_puja": 0.4,
         "ganesh_chaturthi": 0.5, "karva_chauth": 0.2},
        case_units=12,
    ),
    "personal_care": Category(
        1.6, -4.0, 0.17, 0.12, 0.4, (0.04, 150),
        {"diwali": 0.25, "karva_chauth": 0.2, "wedding_season": 0.08, "eid_al_fitr": 0.2, "onam": 0.15},
        gst_percent=18,
    ),
    "household": Category(
        1.4, -3.8, 0.18, 0.15, 0.4, (0.05, 230),
        {"diwali": 0.45, "dhanteras": 0.35, "pongal": 0.25, "durga_puja": 0.2, "holi": 0.15},
        gst_percent=18,
    ),
    "puja": Category(
        1.0, -2.4, 0.28, 0.1, 0.1, (0.0, 0.0),
        {"diwali": 1.2, "dhanteras": 0.8, "navratri": 0.7, "chaitra_navratri": 0.5, "ganesh_chaturthi": 0.7,
         "maha_shivaratri": 0.5, "durga_puja": 0.8, "akshaya_tritiya": 0.3, "chhath": 0.7, "janmashtami": 0.4,
         "karva_chauth": 0.4, "pitru_paksha": 0.15, "wedding_season": 0.08},
    ),
}  # fmt: skip


def catalogue(n_items: int) -> list[Item]:
    """Return so many items, spread over the categories; past the named ones, numbered variants.

    Examples
    --------
    >>> [item.item_id for item in catalogue(3)]
    ['atta-5kg', 'mustard-oil-1l', 'haldi-100g']
    """
    named = _by_rank()
    items: list[Item] = []
    variant = 0
    while len(items) < n_items:
        suffix = f"-v{variant + 1}" if variant else ""
        lap = [item._replace(item_id=item.item_id + suffix) for item in named]
        items += lap[: n_items - len(items)]
        variant += 1
    return items


@lru_cache(maxsize=1)
def _by_rank() -> tuple[Item, ...]:
    """Read the named goods, rank by rank, so that any first part of them holds every category."""
    ranks = dict.fromkeys(CATEGORIES, 0)
    items = []
    with _GOODS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            category = row["category"]
            items.append(Item(row["item_id"], category, float(row["price"]), ranks[category]))
            ranks[category] += 1
    return tuple(sorted(items, key=lambda item: item.rank))
