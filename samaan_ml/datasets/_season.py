"""Log effects of the day on demand: weekday, pay-day, time of year and festivals, by shop and category."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from samaan_ml.datasets._catalogue import CATEGORIES, Category
from samaan_ml.datasets._parameters import ShopSimulation
from samaan_ml.domain.calendar import Festival, festivals, is_pay_day
from samaan_ml.domain.panchang import days_between

__all__ = ["closing_days", "day_effects", "weekday_profile"]

_BUILD_UP_DAYS = {"diwali": 9, "dhanteras": 3, "holi": 4, "eid_al_fitr": 4, "pongal": 3, "christmas": 4}
"""Days before a festival on which its shopping begins; two for the others."""

_STRENGTH = {
    "diwali": {"GJ": 1.2, "KL": 0.3, "MH": 1.1, "TN": 0.8, "WB": 0.7},
    "holi": {"KL": 0.1, "MH": 0.7, "TN": 0.1, "UP": 1.2, "WB": 0.6},
    "navratri": {"GJ": 1.5, "KL": 0.5, "TN": 0.8},
    "ramzan": {"JK": 2.0, "KL": 1.0, "TS": 0.9, "UP": 0.9, "WB": 0.9},
    "eid_al_fitr": {"JK": 2.0, "KL": 1.0, "TS": 0.9, "UP": 0.9, "WB": 0.9},
    "eid_al_adha": {"JK": 2.0, "KL": 0.8, "TS": 0.9, "UP": 0.8, "WB": 0.8},
    "pongal": {"KL": 0.3, "TN": 1.3},
    "durga_puja": {"WB": 1.5},
    "ganesh_chaturthi": {"MH": 1.4},
    "chhath": {"BR": 1.5},
    "janmashtami": {"TN": 0.6},
}
"""How strongly a state keeps a festival, where that is not 1 (Ramzan and Eid: 0.5)."""

_CLOSED_ON = {"MH": ("holi",), "UP": ("holi",), "WB": ("durga_puja",), "TN": ("pongal",), "KL": ("onam",)}


def weekday_profile(category: Category) -> NDArray[np.float64]:
    """Return the log effect of Monday to Sunday, shape (7,), of mean zero."""
    profile = np.array([0.0, -0.03, -0.02, 0.0, 0.03, category.weekend / 2, category.weekend])
    return np.asarray(profile - profile.mean(), dtype=np.float64)


def day_effects(simulation: ShopSimulation) -> NDArray[np.float64]:
    """Return the log effect of each day on each category in each state, shape (days, states, categories)."""
    days = list(days_between(simulation.start, simulation.end))
    names = list(CATEGORIES)
    effects = np.zeros((len(days), len(simulation.states), len(names)))
    weekday = np.array([day.weekday() for day in days])
    pay = _pay_day_wave(days)
    day_of_year = np.array([day.timetuple().tm_yday for day in days])
    for c, name in enumerate(names):
        category = CATEGORIES[name]
        amplitude, peak = category.season
        wave = amplitude * np.cos(2 * np.pi * (day_of_year - peak) / 365.25)
        shared = weekday_profile(category)[weekday] + category.pay_day * pay + wave
        effects[:, :, c] = shared[:, None]
    for s, state in enumerate(simulation.states):
        effects[:, s, :] += _festival_waves(days, state)
    return effects


def closing_days(simulation: ShopSimulation, state: str) -> NDArray[np.bool_]:
    """Return the days on which a state's shops stay closed for a festival, shape (days,)."""
    closed = np.zeros(simulation.days, dtype=bool)
    for festival in _festivals_near(simulation.start, simulation.end, state):
        last = (festival.end - simulation.start).days
        if festival.name in _CLOSED_ON.get(state, ()) and 0 <= last < simulation.days:
            closed[last] = True
    return closed


def _pay_day_wave(days: list[date]) -> NDArray[np.float64]:
    """Return 1 on a pay-day, halving in three days, and a dip at the month's end."""
    wave = np.zeros(len(days))
    level = 0.0
    for i, day in enumerate(days):
        weight = 1.0 if day.day <= 3 or day.day >= 28 else 0.5
        level = weight if is_pay_day(day) else level * 0.8
        wave[i] = level - (0.3 if 24 <= day.day <= 30 and level < 0.3 else 0.0)
    return wave


def _festival_waves(days: list[date], state: str) -> NDArray[np.float64]:
    """Return the log effect of a state's festivals on each day and category, shape (days, categories)."""
    waves = np.zeros((len(days), len(CATEGORIES)))
    responses = {
        name: np.array([c.festivals.get(name, 0.0) for c in CATEGORIES.values()]) for name in _answered()
    }
    for festival in _festivals_near(days[0], days[-1], state):
        if festival.name not in responses:
            continue
        usual = 0.5 if festival.name in ("ramzan", "eid_al_fitr", "eid_al_adha") else 1.0
        strength = _STRENGTH.get(festival.name, {}).get(state, usual)
        build_up = _BUILD_UP_DAYS.get(festival.name, 2)
        begins = festival.start - timedelta(days=build_up)
        for day in days_between(max(begins, days[0]), min(festival.end, days[-1])):
            height = min(1.0, ((day - begins).days + 1) / (build_up + 1))
            waves[(day - days[0]).days] += strength * height * responses[festival.name]
    return waves


def _answered() -> set[str]:
    """Return the festivals that some category answers to."""
    return {name for category in CATEGORIES.values() for name in category.festivals}


def _festivals_near(start: date, end: date, state: str) -> list[Festival]:
    """Return a state's festivals that touch or follow a span of days."""
    found = [f for year in range(start.year - 1, end.year + 2) for f in festivals(year, state)]
    return [f for f in found if f.end >= start and f.start <= end + timedelta(days=30)]
