"""Udhaar in the simulated shops: who buys on credit, when they are paid, and whether they mean to repay.

Each customer has a hidden willingness to pay between 0 and 1, an income (monthly, factory, daily wages on
Saturdays, a farmer's harvests, a trader's odd days), a limit the shopkeeper set, and luck with money that
comes and goes. On an income day the customer repays all, a part or nothing; some lose their work for months,
some move away and never pay. The ledger shows only entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samaan_ml.datasets._market import Market, stream
from samaan_ml.domain.calendar import events_on
from samaan_ml.domain.panchang import days_between
from samaan_ml.rounding import half_away

__all__ = ["simulate_udhaar"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_INCOMES = ("salary", "factory", "weekly_wage", "harvest", "trade")
_INCOME_SHARES = (0.28, 0.17, 0.27, 0.13, 0.15)
_TERM_DAYS = {"salary": 30, "factory": 30, "weekly_wage": 14, "harvest": 60, "trade": 21}
_FEAST_DAYS = frozenset(
    {"diwali", "dhanteras", "durga_puja", "pongal", "eid_al_fitr", "holi", "onam", "navratri"}
)
_HARVESTS = frozenset({"rabi_harvest", "kharif_harvest", "pongal"})
_PAYMENT_STEP_PAISE = 1000
_IST_OFFSET = np.timedelta64(330, "m")


@dataclass(slots=True)
class _Customers:
    """State of all customers, arrays of shape (n_customers,)."""

    shop: NDArray[np.intp]
    number: NDArray[np.intp]
    income: NDArray[np.intp]
    willingness: Array
    visits_per_week: Array
    basket_paise: Array
    limit_paise: Array
    joins_day: NDArray[np.int64]
    pay_day: NDArray[np.int64]
    fortune: Array
    idle_until: NDArray[np.int64]
    left_day: NDArray[np.int64]
    balance_paise: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Day:
    """What a day is, for each customer where it differs by shop."""

    index: int
    date: date
    is_open: Flags
    feast: Flags
    harvest: Flags


def simulate_udhaar(market: Market) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ledger and, apart from it, the truth about its customers.

    The ledger has shop_id, customer_id, at, kind, amount_paise, due_on, entry_id, reverses; the truth
    shop_id, customer_id, income, willingness, limit_paise, joined_on, left_on.
    """
    simulation = market.simulation
    rng = stream(market.seed, "ledger")
    customers = _draw_customers(market, rng)
    entries: list[pd.DataFrame] = []
    for day in _days(market, customers.shop):
        rng = stream(market.seed, "ledger", day.index)
        entries += [_payments(day, customers, rng), _credits(day, customers, rng)]
        _live_on(day, customers, rng)
    ids = _customer_ids(market, customers)
    truth = ids.assign(
        income=np.array(_INCOMES)[customers.income],
        willingness=customers.willingness,
        limit_paise=customers.limit_paise.astype(np.int64),
        joined_on=_dates(simulation.start, customers.joins_day),
        left_on=_dates(simulation.start, customers.left_day).where(customers.left_day < simulation.days),
    )
    rows = pd.concat(entries, ignore_index=True) if entries else _no_entries()
    return _ledger(rows, ids, stream(market.seed, "ledger", simulation.days)), truth


def _draw_customers(market: Market, rng: np.random.Generator) -> _Customers:
    """Draw the customers of all shops."""
    per_shop, n = (
        market.simulation.customers_per_shop,
        market.simulation.customers_per_shop * len(market.shops),
    )
    income = rng.choice(len(_INCOMES), n, p=_INCOME_SHARES)
    visits = np.clip(np.exp(rng.normal(0.2, 0.5, n)), 0.3, 5.0)
    basket = np.clip(np.exp(rng.normal(np.log(18000), 0.5, n)), 4000, 120000)
    weeks_of_limit = np.exp(rng.normal(np.log(6.0), 0.3, n))
    late = rng.random(n) < 0.35
    joins = np.where(late, rng.integers(0, max(1, market.simulation.days * 9 // 10), n), 0)
    return _Customers(
        shop=np.repeat(np.arange(len(market.shops)), per_shop),
        number=np.tile(np.arange(per_shop), len(market.shops)),
        income=income,
        willingness=np.round(rng.beta(3.2, 1.1, n), 4),
        visits_per_week=visits,
        basket_paise=basket,
        limit_paise=half_away(visits * basket * weeks_of_limit / 50000) * 50000 + 50000,
        joins_day=joins,
        pay_day=np.where(income == 1, rng.integers(6, 11, n), rng.integers(1, 6, n)),
        fortune=rng.normal(0.0, 1.0, n),
        idle_until=np.zeros(n, dtype=np.int64),
        left_day=np.full(n, market.simulation.days, dtype=np.int64),
        balance_paise=np.zeros(n, dtype=np.int64),
    )


def _days(market: Market, shop: NDArray[np.intp]) -> list[_Day]:
    """List the days with what they are to each customer."""
    simulation = market.simulation
    regions = market.shops["region"].tolist()
    days = []
    for index, each in enumerate(days_between(simulation.start, simulation.end)):
        events = {region: set(events_on(each, region)) for region in set(regions)}
        feast = np.array([bool(events[region] & _FEAST_DAYS) for region in regions])
        harvest = np.array([bool(events[region] & _HARVESTS) for region in regions])
        days.append(_Day(index, each, market.open_days[index][shop], feast[shop], harvest[shop]))
    return days


def _has_income(day: _Day, customers: _Customers, luck: Array) -> Flags:
    """Return who gets money today."""
    monthly = day.date.day == customers.pay_day
    saturday = np.full(len(luck), day.date.weekday() == 5)
    harvest = np.where(day.harvest, luck < 1 / 9, luck < 1 / 70)
    by_income = np.stack([monthly, monthly, saturday, harvest, luck < 1 / 7])
    return np.asarray(by_income[customers.income, np.arange(len(luck))], dtype=np.bool_)


def _payments(day: _Day, customers: _Customers, rng: np.random.Generator) -> pd.DataFrame:
    """Let those who got money repay all, a part or nothing."""
    n = len(customers.shop)
    paid_today = _has_income(day, customers, rng.random(n))
    asked = rng.random(n) < 0.02
    odds = np.log(customers.willingness + 0.02) - np.log(1.02 - customers.willingness)
    idle = customers.idle_until > day.index
    will = 1 / (
        1 + np.exp(-(0.7 * odds + 1.4 * customers.fortune + 1.2 - 2.5 * idle - 0.5 * (asked & ~paid_today)))
    )
    acts = (paid_today | asked) & (rng.random(n) < will) & (customers.left_day > day.index)
    whole = rng.random(n) < 0.5 + 0.4 * customers.willingness
    share = np.where(whole, 1.0, rng.beta(2.0, 2.5, n))
    amount = np.ceil(customers.balance_paise * share / _PAYMENT_STEP_PAISE) * _PAYMENT_STEP_PAISE
    amount = np.minimum(amount, customers.balance_paise).astype(np.int64)
    rows = np.flatnonzero(acts & day.is_open & (amount > 0))
    customers.balance_paise[rows] -= amount[rows]
    return _entries(day, rows, "payment", amount[rows], rng)


def _credits(day: _Day, customers: _Customers, rng: np.random.Generator) -> pd.DataFrame:
    """Let customers buy on udhaar: more before a feast and towards the month's end, up to their limit."""
    n = len(customers.shop)
    here = (customers.joins_day <= day.index) & (customers.left_day > day.index) & day.is_open
    short_of_cash = 1.35 if day.date.day >= 20 else 1.0
    idle = customers.idle_until > day.index
    chance = (
        customers.visits_per_week
        / 7
        * short_of_cash
        * np.where(day.feast, 1.6, 1.0)
        * np.where(idle, 1.3, 1.0)
    )
    basket = customers.basket_paise * np.where(day.feast, 1.4, 1.0) * np.exp(rng.normal(0.0, 0.45, n))
    amount = (np.maximum(half_away(basket / 500), 2) * 500).astype(np.int64)
    within = customers.balance_paise + amount <= customers.limit_paise
    lenient = rng.random(n) < 0.1
    rows = np.flatnonzero(here & (rng.random(n) < chance) & (within | lenient))
    customers.balance_paise[rows] += amount[rows]
    terms = np.array([_TERM_DAYS[name] for name in _INCOMES])[customers.income[rows]]
    return _entries(day, rows, "credit", amount[rows], rng, terms)


def _live_on(day: _Day, customers: _Customers, rng: np.random.Generator) -> None:
    """Turn luck: fortunes wander, work is lost, some move away."""
    n = len(customers.shop)
    customers.fortune = 0.95 * customers.fortune + rng.normal(0.0, np.sqrt(1 - 0.95**2), n)
    loses_work = (rng.random(n) < 0.0004) & (customers.idle_until <= day.index)
    length = rng.integers(45, 150, n)
    customers.idle_until = np.where(loses_work, day.index + length, customers.idle_until)
    moves = rng.random(n) < 0.0008 * (1.05 - customers.willingness) ** 2 + 0.00005
    customers.left_day = np.where(moves, np.minimum(customers.left_day, day.index + 1), customers.left_day)


def _entries(
    day: _Day,
    rows: NDArray[np.intp],
    kind: str,
    amount: NDArray[np.int64],
    rng: np.random.Generator,
    terms: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Write a day's entries of one kind, at minutes between 8 in the morning and 9 in the evening."""
    midnight = np.datetime64(day.date, "ns")
    at = midnight + rng.integers(8 * 60, 21 * 60, len(rows)).astype("timedelta64[m]") - _IST_OFFSET
    due = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[ns]")
    if terms is not None:
        due = midnight + terms.astype("timedelta64[D]").astype("timedelta64[ns]")
    return pd.DataFrame(
        {
            "customer": rows,
            "at": at.astype("datetime64[ns]"),
            "kind": kind,
            "amount_paise": amount,
            "due_on": due,
        }
    )


def _no_entries() -> pd.DataFrame:
    """Return the entries of a world without customers."""
    none: dict[str, list[object]] = {
        name: [] for name in ("customer", "at", "kind", "amount_paise", "due_on")
    }
    types = {"customer": "int64", "at": "datetime64[ns]", "amount_paise": "int64", "due_on": "datetime64[ns]"}
    return pd.DataFrame(none).astype(types)


def _ledger(rows: pd.DataFrame, ids: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Number the entries and add reversals of a few that were entered wrongly and then once more."""
    rows = rows.sort_values(["at", "customer"], kind="stable", ignore_index=True)
    numbers = [f"e{number:06d}" for number in range(1, len(rows) + 1)]
    rows["entry_id"] = pd.Series(numbers, index=rows.index, dtype="str")
    wrong = rows[(rng.random(len(rows)) < 0.006) & (rows["kind"] == "credit")]
    twice = wrong.assign(entry_id=wrong["entry_id"] + "d", at=wrong["at"] + pd.Timedelta(minutes=1))
    reversed_ = wrong.assign(
        kind="reversal",
        entry_id=wrong["entry_id"] + "r",
        reverses=wrong["entry_id"] + "d",
        at=wrong["at"] + pd.Timedelta(minutes=9),
        due_on=None,
    )
    table = pd.concat([rows.assign(reverses=None), twice.assign(reverses=None), reversed_], ignore_index=True)
    table["due_on"] = table["due_on"].astype("datetime64[ns]")
    who = ids.iloc[table["customer"].to_numpy()].reset_index(drop=True)
    table = pd.concat([who, table.drop(columns="customer")], axis=1)
    table["at"] = table["at"].dt.tz_localize("UTC")
    return table.sort_values(["shop_id", "customer_id", "at"], kind="stable", ignore_index=True)


def _customer_ids(market: Market, customers: _Customers) -> pd.DataFrame:
    """Return shop_id and customer_id of all customers; the numbers say nothing of the person."""
    shop_ids = market.shops["shop_id"].to_numpy()[customers.shop]
    return pd.DataFrame({"shop_id": shop_ids, "customer_id": [f"cust-{k + 1:03d}" for k in customers.number]})


def _dates(start: date, days: NDArray[np.int64]) -> pd.Series:
    """Turn day numbers into dates."""
    return pd.Series(np.datetime64(start, "ns") + days.astype("timedelta64[D]").astype("timedelta64[ns]"))
