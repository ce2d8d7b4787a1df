"""Promises to pay in the simulated shops: asked for by the shopkeeper, given by the customer, kept by some.

A promise moves no money: the ledger is what it is without. A customer who means to pay mostly names a day and an
amount that the next payment covers; another names any. Whether a promise was kept, the ledger shows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from samaan_ml.datasets._market import Market, stream
from samaan_ml.domain.ledger import SHOP_ZONE

__all__ = ["simulate_promises"]

_ASKED_EVERY_DAYS = 45
_LEAST_PAISE = 20_000
_LONGEST_DAYS = 21
_COLUMNS = ["shop_id", "customer_id", "amount_paise", "made_at", "pay_by"]


def simulate_promises(market: Market, ledger: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return what customers promised: shop_id, customer_id, amount_paise, made_at, pay_by.

    Parameters
    ----------
    market : Market
        Its seed draws the promises; nothing drawn elsewhere depends on them.
    ledger, customers : pandas.DataFrame
        Entries and the truth about customers, as `simulate_udhaar` returns them.
    """
    rng = stream(market.seed, "promises")
    whose = zip(customers["shop_id"], customers["customer_id"], strict=True)
    willing = dict(zip(whose, customers["willingness"].tolist(), strict=True))
    rows: list[tuple[object, ...]] = []
    for (shop, customer), khata in ledger.groupby(["shop_id", "customer_id"], sort=True):
        for amount, made_at, pay_by in _of_customer(khata, willing[shop, customer], rng):
            rows.append((shop, customer, amount, made_at, pay_by))
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table.astype({"amount_paise": "int64", "pay_by": "datetime64[ns]"}).assign(
        made_at=pd.to_datetime(table["made_at"], utc=True)
    )


def _of_customer(
    khata: pd.DataFrame, willingness: float, rng: np.random.Generator
) -> list[tuple[int, pd.Timestamp, pd.Timestamp]]:
    """Draw the promises of one customer: amount, instant, last day."""
    khata = khata.sort_values("at", kind="stable")
    sign = khata["kind"].map({"credit": 1, "payment": -1, "write_off": -1, "reversal": -1})
    balance = (khata["amount_paise"] * sign).cumsum().to_numpy()
    at = khata["at"].reset_index(drop=True)
    day = at.dt.tz_convert(SHOP_ZONE).dt.tz_localize(None).dt.normalize()
    paid = np.flatnonzero((khata["kind"] == "payment").to_numpy())
    amounts = khata["amount_paise"].to_numpy()
    found = []
    asked_on = day.iloc[0] + pd.Timedelta(days=int(rng.integers(_ASKED_EVERY_DAYS)))
    for i in np.flatnonzero((khata["kind"] == "credit").to_numpy()):
        if day[i] < asked_on or balance[i] < _LEAST_PAISE:
            continue
        asked_on = day[i] + pd.Timedelta(
            days=int(rng.integers(_ASKED_EVERY_DAYS // 2, 2 * _ASKED_EVERY_DAYS))
        )
        amount = int(balance[i] * rng.uniform(0.2, 0.8)) // 1000 * 1000
        pay_by = day[i] + pd.Timedelta(days=int(rng.integers(2, _LONGEST_DAYS)))
        ahead = paid[paid > i]
        means_it = rng.random() < willingness
        if means_it and len(ahead) and (day[ahead[0]] - day[i]).days <= _LONGEST_DAYS:
            amount, pay_by = min(amount, int(amounts[ahead[0]])), day[ahead[0]]
        found.append((amount, at[i] + pd.Timedelta(minutes=1), pay_by))
    return found
