"""The ledger's speed: entries derived, chained and turned into features a second.

    python benchmarks/ledger.py [--entries 1000000] [--out FILE]

Prints CPU seconds for one long khata (account, statement, chain), for a ledger table of many shops (features of
every customer) and for one shop's entries answered without pandas. Numbers are simulated from a seed.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from samaan_ml.domain.khata import chain
from samaan_ml.domain.ledger import LedgerEntry, account
from samaan_ml.domain.statements import statement
from samaan_ml.udhaar import LedgerFeatures

START = datetime(2024, 1, 1, 6, tzinfo=UTC)


def one_khata(n: int) -> list[LedgerEntry]:
    """Build a long khata: two credits, then a payment of both."""
    return [
        LedgerEntry(
            entry_id=f"e{i}",
            shop_id="s1",
            customer_id="c1",
            kind="payment" if i % 3 == 2 else "credit",
            amount_paise=20_000 if i % 3 == 2 else 10_000,
            at=START + timedelta(hours=i),
        )
        for i in range(n)
    ]


def ledger_table(n: int, seed: int = 0) -> pd.DataFrame:
    """Draw a ledger of 50 shops with 1,000 customers each."""
    rng = np.random.default_rng(seed)
    seconds = rng.integers(0, 700 * 86_400, n)
    return pd.DataFrame(
        {
            "shop_id": rng.integers(0, 50, n).astype(str),
            "customer_id": rng.integers(0, 1_000, n).astype(str),
            "at": pd.Timestamp(START) + pd.to_timedelta(seconds, unit="s"),
            "kind": rng.choice(["credit", "payment"], n, p=[0.6, 0.4]),
            "amount_paise": rng.integers(1_000, 200_000, n),
            "due_on": pd.Series(pd.NaT, index=range(n), dtype="datetime64[ns]"),
        }
    )


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=1_000_000, help="rows of the ledger table")
    parser.add_argument("--khata", type=int, default=20_000, help="entries of one customer")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    args = parser.parse_args()
    khata, table = one_khata(args.khata), ledger_table(args.entries)
    day = date(2026, 6, 1)
    works: dict[str, tuple[int, Callable[[], object]]] = {
        "account of one khata": (len(khata), lambda: account(khata, day)),
        "statement of one khata": (len(khata), lambda: statement(khata)),
        "hash chain of one khata": (len(khata), lambda: chain(khata)),
        "features of one shop's entries": (len(khata), lambda: LedgerFeatures(day).transform_entries(khata)),
        "features of a ledger table": (len(table), lambda: LedgerFeatures(day).transform(table)),
    }
    figures = {}
    print(f"{'what':<32} {'entries':>9} {'CPU s':>8} {'entries/s':>12}")
    for name, (n, work) in works.items():
        seconds = timed(work)
        figures[name] = {"entries": n, "cpu_s": seconds, "entries_per_s": n / seconds}
        print(f"{name:<32} {n:>9,} {seconds:>8.2f} {n / seconds:>12,.0f}")
    if args.out:
        args.out.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
