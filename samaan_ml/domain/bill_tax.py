"""GST in a bill of tax-inclusive prices: per rate, so that lines, rates and total agree to the paisa."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.money import divide_half_away, shared_out

__all__ = ["LineTax", "RateTax", "TaxedLine", "add_up", "tax_of_bill"]


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """A line of a bill: what was paid for it, tax included, and its rate (1 % is 100 basis points)."""

    amount_paise: int
    rate_bp: int


@dataclass(frozen=True, slots=True)
class LineTax:
    """A line taken apart: taxable + cgst + sgst + igst = amount."""

    rate_bp: int
    amount_paise: int
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int


@dataclass(frozen=True, slots=True)
class RateTax:
    """The lines of one rate together."""

    rate_bp: int
    amount_paise: int
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int


def tax_of_bill(
    lines: Sequence[TaxedLine], *, interstate: bool = False
) -> tuple[tuple[LineTax, ...], tuple[RateTax, ...]]:
    """Take the tax out of a bill's lines, rate by rate.

    The tax of a rate is worked out once on the sum of its lines, halves rounded away from zero, then shared out over
    the lines by the largest remainder: the lines of a rate sum to the rate, and the rates to the bill. Within a state
    central and state tax are equal by law, so each is worked out at half the rate. A return has negative amounts.

    Parameters
    ----------
    lines : sequence of TaxedLine
        What was paid for each line, tax included.
    interstate : bool, default=False
        Whether goods go to another state: integrated tax in place of the two halves.

    Returns
    -------
    tuple of (tuple of LineTax, tuple of RateTax)
        In the order of the lines; by rate, the lowest first.

    References
    ----------
    CGST Act 2017, sections 9 and 15; CGST Rules 2017, rule 35 (value inclusive of tax) and rule 46.

    Examples
    --------
    >>> _, [rate] = tax_of_bill([TaxedLine(1_180_00, 1800)])
    >>> rate.taxable_paise, rate.cgst_paise, rate.sgst_paise
    (100000, 9000, 9000)
    """
    shared: dict[int, LineTax] = {}
    rates: list[RateTax] = []
    for rate_bp in sorted({line.rate_bp for line in lines}):
        places = [place for place, line in enumerate(lines) if line.rate_bp == rate_bp]
        amounts = [lines[place].amount_paise for place in places]
        rate = _rate(rate_bp, sum(amounts), interstate=interstate)
        rates.append(rate)
        halves = shared_out(rate.cgst_paise, amounts)
        whole = shared_out(rate.igst_paise, amounts)
        for place, amount, half, igst in zip(places, amounts, halves, whole, strict=True):
            shared[place] = LineTax(rate_bp, amount, amount - 2 * half - igst, half, half, igst)
    return tuple(shared[place] for place in range(len(lines))), tuple(rates)


def add_up(rates: Iterable[RateTax]) -> tuple[RateTax, ...]:
    """Sum the rates of many bills, the lowest rate first."""
    sums: dict[int, list[int]] = {}
    for each in rates:
        total = sums.setdefault(each.rate_bp, [0] * 5)
        parts = (each.amount_paise, each.taxable_paise, each.cgst_paise, each.sgst_paise, each.igst_paise)
        for place, paise in enumerate(parts):
            total[place] += paise
    return tuple(RateTax(rate_bp, *total) for rate_bp, total in sorted(sums.items()))


def _rate(rate_bp: int, amount_paise: int, *, interstate: bool) -> RateTax:
    """Take the tax of one rate out of a sum."""
    if not 0 <= rate_bp <= 10_000:
        raise RuleError(f"a rate is from 0 to 10,000 basis points, got {rate_bp}", "rate_bp")
    if interstate:
        igst = divide_half_away(amount_paise * rate_bp, 10_000 + rate_bp)
        return RateTax(rate_bp, amount_paise, amount_paise - igst, 0, 0, igst)
    half = divide_half_away(amount_paise * rate_bp, 2 * (10_000 + rate_bp))
    return RateTax(rate_bp, amount_paise, amount_paise - 2 * half, half, half, 0)
