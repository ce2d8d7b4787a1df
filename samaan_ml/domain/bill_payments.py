"""Ways in which a bill is paid, one or several, and how a refund follows them."""

from collections.abc import Mapping
from typing import Literal, get_args

from samaan_ml.domain.errors import RuleError

PaymentMethod = Literal["cash", "upi", "card", "udhaar"]
BillPayment = Literal["cash", "upi", "card", "udhaar", "split"]
"""A bill's one way of payment, or `split` where it was paid in parts."""

PAYMENT_METHODS: tuple[PaymentMethod, ...] = get_args(PaymentMethod)
_REFUND_ORDER: tuple[PaymentMethod, ...] = ("udhaar", "cash", "upi", "card")


def refund_parts(
    paid: Mapping[PaymentMethod, int], refunded: Mapping[PaymentMethod, int], amount_paise: int
) -> dict[PaymentMethod, int]:
    """Split a refund over the ways in which the bill was paid.

    What the customer owes for the goods falls first; then cash, UPI and card go back, none by more than came in by it.

    Parameters
    ----------
    paid : mapping of str to int
        What was paid for the bill, paise by payment method.
    refunded : mapping of str to int
        What went back of it before, paise.
    amount_paise : int
        What goes back now, at least 0.

    Returns
    -------
    dict of str to int
        Paise by payment method, in sum `amount_paise`.

    Raises
    ------
    RuleError
        When more goes back than is left.

    Examples
    --------
    >>> refund_parts({"cash": 5_000, "udhaar": 2_000}, {}, 3_000)
    {'udhaar': 2000, 'cash': 1000}
    """
    parts: dict[PaymentMethod, int] = {}
    left = amount_paise
    for kind in _REFUND_ORDER:
        part = min(left, paid.get(kind, 0) - refunded.get(kind, 0))
        if part > 0:
            parts[kind] = part
            left -= part
    if left:
        raise RuleError(f"{left} paise more would go back than was paid", "lines")
    return parts
