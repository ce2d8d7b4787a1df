"""A ledger as plain arrays: the form in which features and outcomes are computed.

Both ways in, a ledger table (pandas) and domain entries (no pandas), end here, so that a model is trained
and served by the same arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.domain.ledger import SHOP_ZONE, shop_day
from samaan_ml.exceptions import DataError, RuleError

if TYPE_CHECKING:
    import pandas as pd

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

CREDIT, PAYMENT, WRITE_OFF, REVERSAL = 0, 1, 2, 3
KIND_CODES = {"credit": CREDIT, "payment": PAYMENT, "write_off": WRITE_OFF, "reversal": REVERSAL}
NEVER = np.iinfo(np.int64).max
"""An instant or a day that never comes."""
_EPOCH_ORDINAL = 719_163


@dataclass(frozen=True)
class LedgerColumns:
    """Entries that move money, sorted by customer and time; reversals are folded into `cancelled_at`.

    Parameters
    ----------
    customer : int array (n_entries,)
        Position of the entry's customer in `customers`.
    at : int array (n_entries,)
        Instant in microseconds since 1970, UTC.
    day : int array (n_entries,)
        The shop's calendar day, in days since 1970.
    kind : int array (n_entries,)
        CREDIT, PAYMENT or WRITE_OFF.
    amount : int array (n_entries,)
        Paise.
    due : int array (n_entries,)
        Due day of a credit, in days since 1970; the shop's usual terms where none was agreed.
    cancelled_at : int array (n_entries,)
        Instant of the entry's reversal; NEVER where it stands.
    customers : list of (shop_id, customer_id)
        Who they are, sorted.
    shop : int array (n_customers,)
        Position of each customer's shop.
    """

    customer: Ints
    at: Ints
    day: Ints
    kind: Ints
    amount: Ints
    due: Ints
    cancelled_at: Ints
    customers: list[tuple[str, str]]
    shop: Ints

    def standing(self, as_of: Ints) -> Bools:
        """Return which entries count at an instant a customer: entered by then and not yet reversed."""
        limit = as_of[self.customer]
        return (self.at <= limit) & (self.cancelled_at > limit)


def columns_from_frame(ledger: pd.DataFrame, zone: str = SHOP_ZONE, terms_days: int = 30) -> LedgerColumns:
    """Read a ledger table, see `samaan_ml.tables`.

    Raises
    ------
    TableError
        With every problem of the table.
    DataError
        If a reversal names no entry that could be its own.
    """
    import pandas as pd

    from samaan_ml.tables import LEDGER, check

    frame = check(ledger, LEDGER)
    shop_codes, shops = pd.factorize(frame["shop_id"].astype(str), sort=True)
    names, name_ids = pd.factorize(frame["customer_id"].astype(str), sort=True)
    keys, customer = np.unique(shop_codes.astype(np.int64) * len(name_ids) + names, return_inverse=True)
    shop_of = keys // len(name_ids) if len(name_ids) else keys
    at = pd.to_datetime(frame["at"], utc=True)
    day = at.dt.tz_convert(zone).dt.tz_localize(None).to_numpy().astype("datetime64[D]").astype(np.int64)
    due = pd.to_datetime(frame["due_on"]).to_numpy().astype("datetime64[D]")
    texts = {
        name: frame[name].astype(object).where(frame[name].notna(), None).to_numpy()
        for name in ("entry_id", "reverses")
        if name in frame
    }
    return _assemble(
        customer.astype(np.int64),
        at.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64),
        day,
        np.asarray(frame["kind"].map(KIND_CODES), dtype=np.int64),
        frame["amount_paise"].to_numpy(dtype=np.int64),
        np.where(np.isnat(due), day + terms_days, due.astype(np.int64)),
        texts.get("entry_id"),
        texts.get("reverses"),
        [(str(shops[s]), str(name_ids[k % len(name_ids)])) for s, k in zip(shop_of, keys, strict=True)],
        shop_of.astype(np.int64),
    )


def columns_from_entries(
    entries: Iterable[Any],
    zone: str = SHOP_ZONE,
    terms_days: int = 30,
    shop_id: str = "",
    also: Iterable[tuple[str, str]] = (),
) -> LedgerColumns:
    """Read domain entries (`LedgerEntry`, or `LedgerRow` messages of the one shop `shop_id`); no pandas.

    `also` names customers who have a place even without entries.
    """
    rows = list(entries)
    for number, row in enumerate(rows):
        if row.amount_paise < 1:
            raise RuleError(
                f"entry '{row.entry_id}' has an amount of {row.amount_paise} paise; amounts are positive",
                field=f"entries.{number}.amount_paise",
            )
    keys = [(getattr(row, "shop_id", shop_id), row.customer_id) for row in rows]
    customers = sorted({*keys, *also})
    place = {key: i for i, key in enumerate(customers)}
    shops = {shop: i for i, shop in enumerate(sorted({shop for shop, _ in customers}))}
    day = np.array([shop_day(row.at, zone).toordinal() - _EPOCH_ORDINAL for row in rows], dtype=np.int64)
    due = np.array(
        [NEVER if row.due_on is None else row.due_on.toordinal() - _EPOCH_ORDINAL for row in rows],
        dtype=np.int64,
    )
    microseconds = np.array([round(row.at.timestamp() * 1e6) for row in rows], dtype=np.int64)
    return _assemble(
        np.array([place[key] for key in keys], dtype=np.int64),
        microseconds,
        day,
        np.array([KIND_CODES[row.kind] for row in rows], dtype=np.int64),
        np.array([row.amount_paise for row in rows], dtype=np.int64),
        np.where(due == NEVER, day + terms_days, due),
        np.array([row.entry_id for row in rows], dtype=object),
        np.array([row.reverses for row in rows], dtype=object),
        customers,
        np.array([shops[shop] for shop, _ in customers], dtype=np.int64),
    )


def _assemble(
    customer: Ints,
    at: Ints,
    day: Ints,
    kind: Ints,
    amount: Ints,
    due: Ints,
    entry_id: np.ndarray[Any, Any] | None,
    reverses: np.ndarray[Any, Any] | None,
    customers: list[tuple[str, str]],
    shop: Ints,
) -> LedgerColumns:
    """Sort the entries and fold the reversals into the entries they cancel."""
    cancelled_at = np.full(len(at), NEVER, dtype=np.int64)
    reversal = np.flatnonzero(kind == REVERSAL)
    if len(reversal):
        target = _targets(reversal, customer, at, kind, amount, entry_id, reverses, shop)
        cancelled_at[target] = at[reversal]
    moves = np.flatnonzero(kind != REVERSAL)
    order = moves[np.lexsort((_id_ranks(entry_id, moves), at[moves], customer[moves]))]
    return LedgerColumns(
        customer[order], at[order], day[order], kind[order], amount[order], due[order], cancelled_at[order],
        customers, shop,
    )  # fmt: skip


def _id_ranks(entry_id: np.ndarray[Any, Any] | None, rows: Ints) -> Ints:
    """Rank entry ids as the domain does between entries of one instant; the given order without ids."""
    if entry_id is None or any(each is None for each in entry_id[rows]):
        return rows
    return np.unique(entry_id[rows].astype(str), return_inverse=True)[1].astype(np.int64)


def _targets(
    reversal: Ints,
    customer: Ints,
    at: Ints,
    kind: Ints,
    amount: Ints,
    entry_id: np.ndarray[Any, Any] | None,
    reverses: np.ndarray[Any, Any] | None,
    shop: Ints,
) -> Ints:
    """Find the entry each reversal cancels: by its id, or the latest earlier one of the same amount."""
    shop_of = shop[customer]
    by_id: dict[tuple[int, str], int] = {}
    if entry_id is not None:
        by_id = {(int(shop_of[i]), str(entry_id[i])): i for i in range(len(at)) if kind[i] != REVERSAL}
    by_amount: dict[tuple[int, int], list[int]] = {}
    wanted = {(int(customer[i]), int(amount[i])) for i in reversal}
    for i in np.lexsort((at, customer)):
        key = (int(customer[i]), int(amount[i]))
        if kind[i] != REVERSAL and key in wanted:
            by_amount.setdefault(key, []).append(int(i))
    taken: set[int] = set()
    found = []
    for i in reversal[np.argsort(at[reversal], kind="stable")]:
        named = None if reverses is None else reverses[i]
        match = by_id.get((int(shop_of[i]), str(named))) if named is not None else None
        if named is None:
            same = by_amount.get((int(customer[i]), int(amount[i])), [])
            match = next((j for j in reversed(same) if j not in taken and at[j] <= at[i]), None)
        if match is None or match in taken or customer[match] != customer[i]:
            raise DataError(
                f"reversal in row {i} of the sorted ledger names '{named}', which is no standing entry of that "
                "customer; correct 'reverses'"
            )
        taken.add(match)
        found.append((i, match))
    target = dict(found)
    return np.array([target[i] for i in reversal], dtype=np.int64)
