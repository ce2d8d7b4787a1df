"""What the udhaar model is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from samaan_ml.domain.message_json import Message


@dataclass(frozen=True, slots=True)
class LedgerRow(Message):
    """One udhaar entry as the risk model reads it."""

    customer_id: str
    at: datetime
    kind: Literal["credit", "payment", "reversal", "write_off"]
    amount_paise: int
    due_on: date | None = None
    entry_id: str | None = None
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class PromiseRow(Message):
    """A customer's word to pay an amount by a day, as the risk model reads it."""

    customer_id: str
    amount_paise: int
    made_at: datetime
    pay_by: date


@dataclass(frozen=True, slots=True)
class RiskRequest(Message):
    """Ask about some customers of one shop; the entries of the others give the shop's scale.

    Parameters
    ----------
    shop_id : str
        The shop.
    as_of : datetime
        Aware instant; later entries are not read.
    customer_ids : tuple of str
        Whom to answer for; a customer without entries gets the shop's prior.
    entries : tuple of LedgerRow
        The shop's ledger, any order.
    promises : tuple of PromiseRow or None, default=None
        Promises to pay; None where the shop records none.
    what_if : bool, default=False
        Whether to search, too, for the payment that would raise each limit; costs some further answers.
    """

    shop_id: str
    as_of: datetime
    customer_ids: tuple[str, ...]
    entries: tuple[LedgerRow, ...]
    promises: tuple[PromiseRow, ...] | None = None
    what_if: bool = False


@dataclass(frozen=True, slots=True)
class Reason(Message):
    """One reason behind a risk, its contribution in log-odds: positive raises the risk."""

    feature: str
    text: str
    contribution: float


@dataclass(frozen=True, slots=True)
class LimitRaise(Message):
    """A payment that raises the suggested limit, with the same model's answer after it as the proof."""

    pay_paise: int
    limit_paise: int
    probability_30: float
    limit_arithmetic: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CustomerRisk(Message):
    """How likely a customer is to be more than 30 days late, and what follows for the limit.

    Parameters
    ----------
    customer_id : str
        The customer.
    probability_30, probability_60 : float
        Calibrated probability that something falling due within 30 (60) days goes more than 30 days past due.
    lower, upper : float
        90 % interval of `probability_30`; wide for a thin file.
    days_to_pay : float or None
        Expected days until a credit given today is paid; None where nothing is known.
    thin_file : bool
        Whether the answer is mostly the shop's prior.
    reasons : tuple of Reason
        The strongest first.
    limit_paise : int
        Suggested credit limit.
    limit_arithmetic : dict
        The inputs and steps from which the limit can be recomputed.
    due_paise : int, default=0
        What is owed.
    paid_soon_paise : int, default=0
        Part of it expected within 14 days without a reminder.
    monthly_paise : int, default=0
        Buying on udhaar in 30 days, over the last 90.
    limit_raise : LimitRaise or None, default=None
        What would raise the limit; None where nothing does, or it was not asked.
    """

    customer_id: str
    probability_30: float
    probability_60: float
    lower: float
    upper: float
    days_to_pay: float | None
    thin_file: bool
    reasons: tuple[Reason, ...]
    limit_paise: int
    limit_arithmetic: dict[str, Any]
    due_paise: int = 0
    paid_soon_paise: int = 0
    monthly_paise: int = 0
    limit_raise: LimitRaise | None = None


@dataclass(frozen=True, slots=True)
class RiskAnswer(Message):
    """The risk of the customers asked about, in their order."""

    model_version: str
    customers: tuple[CustomerRisk, ...]
