"""What would raise a limit: the smallest payment that does, with proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from samaan_ml.domain.credit_limit import LimitPolicy
from samaan_ml.domain.ledger import LedgerEntry, account, shop_day, until
from samaan_ml.domain.promises import Promise
from samaan_ml.udhaar._features import AsOf, instant
from samaan_ml.udhaar._ledger_risk import CustomerAssessment, LedgerRiskModel

_STEP_PAISE = 1_000


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A payment that raises a limit, and the proof: the same model asked again with the payment on the khata.

    Parameters
    ----------
    pay_paise : int
        What to pay.
    before, after : CustomerAssessment
        Today's answer, and the answer with the payment; `after.limit_paise` is the higher.
    payment : LedgerEntry
        The entry that was added for the proof; it is not written anywhere.
    """

    pay_paise: int
    before: CustomerAssessment
    after: CustomerAssessment
    payment: LedgerEntry


def what_would_raise_limit(
    model: LedgerRiskModel,
    entries: Iterable[Any],
    as_of: AsOf,
    customer_id: str,
    *,
    policy: LimitPolicy | None = None,
    shop_id: str = "",
    promises: Iterable[Promise] | None = None,
) -> Counterfactual | None:
    """Find the smallest of a few natural payments that raises a customer's limit.

    Tried in order: the oldest open due, all that is past due, half the balance, the balance; each rounded up to
    ten rupees, never more than is owed.

    Parameters
    ----------
    model : LedgerRiskModel
        Fitted.
    entries : iterable of LedgerEntry or LedgerRow
        The shop's ledger.
    as_of : datetime, date or str
        The instant of the question.
    customer_id : str
        Who asks.
    policy : LimitPolicy or None, default=None
        As for `LedgerRiskModel.assess`.
    shop_id : str, default=""
        Shop of entries that do not name theirs.
    promises : iterable of Promise or None, default=None
        As for `LedgerRiskModel.assess`.

    Returns
    -------
    Counterfactual or None
        None where nothing is owed or no payment raises the limit.
    """
    rows = list(entries)
    said = None if promises is None else list(promises)
    at = instant(as_of, model.zone)
    own = [entry for entry in until(rows, at) if entry.customer_id == customer_id]
    if not own:
        return None
    shop = getattr(own[0], "shop_id", shop_id)
    khata = [_entry(row, shop, number) for number, row in enumerate(own)]
    [before] = model.assess(rows, at, [customer_id], policy=policy, shop_id=shop, promises=said)
    position = account(khata, shop_day(at, model.zone), zone=model.zone, terms_days=model.terms_days)
    oldest = position.open_credits[0].open_paise if position.open_credits else 0
    candidates = (oldest, position.overdue_paise, position.due_paise // 2, position.due_paise)
    for amount in sorted({_rounded(each, position.due_paise) for each in candidates if each > 0}):
        payment = _payment(shop, customer_id, amount, at)
        [after] = model.assess(
            [*rows, payment], at, [customer_id], policy=policy, shop_id=shop, promises=said
        )
        if after.limit_paise > before.limit_paise:
            return Counterfactual(amount, before, after, payment)
    return None


def _rounded(amount: int, most: int) -> int:
    """Round up to ten rupees, not beyond what is owed."""
    return min(-(-amount // _STEP_PAISE) * _STEP_PAISE, most)


def _entry(row: Any, shop_id: str, number: int) -> LedgerEntry:
    """Return a row of a message as the domain's entry."""
    if isinstance(row, LedgerEntry):
        return row
    return LedgerEntry(
        entry_id=row.entry_id or f"row-{number}",
        shop_id=shop_id,
        customer_id=row.customer_id,
        kind=row.kind,
        amount_paise=row.amount_paise,
        at=row.at,
        due_on=row.due_on,
        reverses=row.reverses,
        reason="" if row.kind in ("credit", "payment") else "not told",
    )


def _payment(shop_id: str, customer_id: str, amount: int, at: datetime) -> LedgerEntry:
    """Write the payment that is tried."""
    return LedgerEntry(
        entry_id="what-if",
        shop_id=shop_id,
        customer_id=customer_id,
        kind="payment",
        amount_paise=amount,
        at=at - timedelta(microseconds=1),
        note="what if",
    )
