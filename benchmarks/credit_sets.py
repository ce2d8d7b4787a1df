"""Public credit sets for benchmarks/credit.py, each as features X and outcome y (1 = bad).

`--data DIR` is a folder of sets. Known by name: credit_superlender, credit_taiwan. Any other folder
`credit_*` is read by convention: `target.json` with {"table": file, "target": column, "bad": value,
"drop": [columns]} beside one CSV or Parquet table.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from samaan_ml.udhaar import LedgerFeatures

CreditSet = tuple[pd.DataFrame, np.ndarray]


def taiwan(folder: Path) -> CreditSet:
    """UCI default of credit card clients: payment behaviour of six months to default in the next."""
    frame = pd.read_csv(folder / "UCI_Credit_Card.csv").drop(columns="ID")
    y = frame.pop("default.payment.next.month").to_numpy()
    return frame, y


def superlender(folder: Path) -> CreditSet:
    """SuperLender's repeat credits, turned into a ledger; X are `LedgerFeatures` and nothing else.

    Each customer's features are taken at the moment the labelled credit was given, with it on the khata.
    """
    loans = pd.read_csv(folder / "loans.csv", parse_dates=["approveddate"])
    ledger = superlender_ledger(folder)
    as_of = {
        ("superlender", row.customerid): row.approveddate.tz_localize("UTC").to_pydatetime()
        for row in loans.itertuples()
    }
    X = LedgerFeatures(as_of, zone="Africa/Lagos").transform(ledger)
    bad = (loans["good_bad_flag"] == "Bad").astype(int)
    y = pd.Series(bad.to_numpy(), index=loans["customerid"]).loc[X.index.get_level_values("customer_id")]
    # Promises are not in the data; some peers cannot read a column without a value.
    return X.dropna(axis=1, how="all").reset_index(drop=True), y.to_numpy()


def superlender_ledger(folder: Path) -> pd.DataFrame:
    """Turn the loans into ledger entries: what fell due as credits, what was repaid as payments.

    A credit of 60 or 90 days is due in monthly parts. The amounts of single repayments are not in the data:
    the first repayment is taken to be one part, the closing of the credit the rest.
    """
    past = pd.read_csv(
        folder / "previous_loans.csv",
        parse_dates=["approveddate", "closeddate", "firstduedate", "firstrepaiddate"],
    )
    now = pd.read_csv(folder / "loans.csv", parse_dates=["approveddate"])
    now["firstduedate"] = now["approveddate"].dt.normalize() + pd.to_timedelta(
        now["termdays"].clip(upper=30), "D"
    )
    entries = []
    for row in pd.concat([past, now]).itertuples():
        parts = max(int(row.termdays) // 30, 1)
        shares = _split(round(row.totaldue * 100), parts)
        due = row.firstduedate.normalize()
        entries += [
            (row.customerid, row.approveddate, "credit", share, due + pd.Timedelta(days=30 * i))
            for i, share in enumerate(shares)
        ]
        if pd.notna(row.closeddate):
            entries += _repayments(row, shares)
    ledger = pd.DataFrame(entries, columns=["customer_id", "at", "kind", "amount_paise", "due_on"])
    ledger["at"] = ledger["at"].dt.tz_localize("UTC")
    return ledger.assign(shop_id="superlender")


def _repayments(row: object, shares: list[int]) -> list[tuple[object, ...]]:
    """Write the first repayment and the closing of one credit."""
    customer, closed = row.customerid, row.closeddate  # type: ignore[attr-defined]
    first = min(row.firstrepaiddate, closed) if pd.notna(row.firstrepaiddate) else closed  # type: ignore[attr-defined]
    first = max(first, row.approveddate)  # type: ignore[attr-defined]
    if len(shares) == 1 and (closed - first) > pd.Timedelta(days=1):
        shares = _split(shares[0], 2)
    if len(shares) == 1:
        return [(customer, closed, "payment", shares[0], pd.NaT)]
    return [
        (customer, first, "payment", shares[0], pd.NaT),
        (customer, closed, "payment", sum(shares[1:]), pd.NaT),
    ]


def _split(amount: int, parts: int) -> list[int]:
    """Split an amount into whole parts that sum to it."""
    return [amount // parts + (i < amount % parts) for i in range(parts)]


def by_convention(folder: Path) -> CreditSet:
    """Read any other set, see the module's docstring."""
    told = json.loads((folder / "target.json").read_text())
    path = folder / told["table"]
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    bad = frame.pop(told["target"]).astype(str) == str(told["bad"])
    return frame.drop(columns=told.get("drop", [])), bad.to_numpy().astype(int)


KNOWN: dict[str, Callable[[Path], CreditSet]] = {
    "credit_superlender": superlender,
    "credit_taiwan": taiwan,
}


def find_sets(data: Path) -> dict[str, Callable[[], CreditSet]]:
    """Return a loader for each credit set in a folder of sets (or for the one set the folder is)."""
    folders = sorted(data.glob("credit_*")) or [data]
    found: dict[str, Callable[[], CreditSet]] = {}
    for folder in folders:
        if folder.name in KNOWN:
            found[folder.name] = lambda f=folder: KNOWN[f.name](f)  # type: ignore[misc]
        elif (folder / "target.json").exists():
            found[folder.name] = lambda f=folder: by_convention(f)  # type: ignore[misc]
    return found
