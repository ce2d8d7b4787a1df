"""Ways in which bills are paid: one, or several whose parts sum to the total."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from samaan_ml.domain.bill_payments import PAYMENT_METHODS, BillPayment, PaymentMethod
from samaan_ml.domain.money import format_rupees
from serving.errors import InvalidInput
from serving.ports.sales import PaymentPart, Sale
from serving.sales.schemas import NewSale, Paid


def paid_by(body: NewSale, total_paise: int) -> dict[PaymentMethod, int]:
    """Return what is paid in which way; the parts sum to the total.

    Raises
    ------
    InvalidInput
        When they do not, or `payment` names a way that is not among them.
    """
    if body.payments is None:
        if body.payment == "udhaar" and total_paise == 0:
            raise InvalidInput("a bill of nothing cannot be udhaar", field="payment")
        return {body.payment: total_paise} if total_paise else {}
    parts = _added_up(body.payments)
    if "payment" in body.model_fields_set and body.payment not in parts:
        raise InvalidInput(f"'{body.payment}' is not among the payments", field="payment")
    _check_sum(parts, total_paise, "payments")
    return parts


def refunded_by(asked: Sequence[Paid] | None, usual: Mapping[PaymentMethod, int]) -> dict[PaymentMethod, int]:
    """Return what goes back in which way: as the bill was paid, or as is asked for."""
    if asked is None:
        return dict(usual)
    parts = _added_up(asked)
    _check_sum(parts, sum(usual.values()), "refunds")
    return parts


def _added_up(parts: Iterable[Paid]) -> dict[PaymentMethod, int]:
    """Sum parts of one way up."""
    sums: Counter[PaymentMethod] = Counter()
    for part in parts:
        sums[part.kind] += part.paise
    return dict(sums)


def _check_sum(parts: Mapping[PaymentMethod, int], total_paise: int, field: str) -> None:
    """Refuse parts that are more or less than the whole."""
    said = sum(parts.values())
    if said != total_paise:
        gap = abs(total_paise - said)
        raise InvalidInput(
            f"the payments sum to {said} paise, the bill to {total_paise}",
            field=field,
            hint=f"{format_rupees(gap)} {'are missing' if said < total_paise else 'are too much'}",
        )


def as_payment(
    paid: Mapping[PaymentMethod, int], usual: BillPayment, sign: int = 1
) -> tuple[BillPayment, tuple[PaymentPart, ...]]:
    """Return the one way of payment, or `split` and its parts; `usual` stands where nothing was paid."""
    if len(paid) <= 1:
        return next(iter(paid), usual), ()
    return "split", tuple(PaymentPart(kind, sign * paid[kind]) for kind in PAYMENT_METHODS if kind in paid)


def given_back(before: Iterable[Sale]) -> dict[PaymentMethod, int]:
    """Sum up what went back of a bill so far, by payment method."""
    sums: Counter[PaymentMethod] = Counter()
    for back in before:
        for kind, paise in back.paid.items():
            sums[kind] -= paise
    return dict(sums)
