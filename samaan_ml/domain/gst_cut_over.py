"""What a change of a GST rate does to prices: before the day it comes into force.

A lower rate must reach the customer (section 171 of the CGST Act: commensurate reduction of prices); a higher one
may, where the MRP leaves room. Stock bought at the old rate keeps the credit it came with. Whole paise throughout.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import GstTable, Packing, indian_gst, split_price, with_tax
from samaan_ml.domain.price_ladder import PriceLadder
from samaan_ml.domain.printed_price import exceeds_mrp


@dataclass(frozen=True, slots=True)
class CutOverItem:
    """An item on the eve of the change.

    Parameters
    ----------
    item_id : str
        The item.
    hsn : str
        Tariff heading.
    price_paise : int
        Price with tax.
    cost_paise : int or None, default=None
        Cost without tax that can be credited.
    mrp_paise : int or None, default=None
        Printed maximum; None for loose goods.
    packing : {"packed", "loose"}, default="packed"
        Some goods are taxed in packs only.
    """

    item_id: str
    hsn: str
    price_paise: int
    cost_paise: int | None = None
    mrp_paise: int | None = None
    packing: Packing = "packed"


@dataclass(frozen=True, slots=True)
class CutOverLine:
    """What the change does to one item.

    Parameters
    ----------
    item_id : str
        The item.
    rate_before_bp, rate_after_bp : int
        Its rates on the eve and on the day.
    price_before_paise, price_after_paise : int
        Price today, and the one that leaves the shop the same net amount: on the ladder, rounded down where the rate
        falls, and never above the MRP.
    margin_before_paise, margin_held_paise, margin_after_paise : int or None
        Net of tax less cost, of a unit: today, with today's price kept, and at the new price; None without a cost.
    pass_through_bp : int
        Share of the change of tax that reaches the customer; 10000 is all of it.
    new_label : bool
        Whether the shelf needs a new label.
    note : {"none", "must_fall", "may_rise", "mrp_binds", "credit_lapses"}
        What to heed: the price must fall; it may rise; the MRP leaves no room to rise; the item is exempt from now
        on, so that credit on stock at hand must be reversed.
    """

    item_id: str
    rate_before_bp: int
    rate_after_bp: int
    price_before_paise: int
    price_after_paise: int
    margin_before_paise: int | None
    margin_held_paise: int | None
    margin_after_paise: int | None
    pass_through_bp: int
    new_label: bool
    note: Literal["none", "must_fall", "may_rise", "mrp_binds", "credit_lapses"]


def cut_over(
    items: tuple[CutOverItem, ...],
    day: date,
    *,
    table: GstTable | None = None,
    ladder: PriceLadder | None = None,
    composition: bool = False,
) -> tuple[CutOverLine, ...]:
    """Plan a change of rates that comes into force on a day.

    Parameters
    ----------
    items : tuple of CutOverItem
        The items.
    day : date
        First day of the new rates.
    table : GstTable or None, default=None
        Rates by heading and date; None takes the table that comes along.
    ladder : PriceLadder or None, default=None
        Prices the shop writes on labels; None takes whole rupees and its default endings.
    composition : bool, default=False
        Under the composition scheme the rates of goods change nothing for the shop.

    Returns
    -------
    tuple of CutOverLine
        One line an item, in their order.

    Raises
    ------
    RuleError
        When a heading is not in the table, or a price is not above zero.

    Examples
    --------
    >>> shampoo = CutOverItem("shampoo", "3305", 11_800, cost_paise=8_000, mrp_paise=12_000)
    >>> (line,) = cut_over((shampoo,), date(2025, 9, 22))
    >>> line.rate_before_bp, line.rate_after_bp, line.price_after_paise, line.note
    (1800, 500, 10500, 'must_fall')
    >>> line.margin_before_paise, line.margin_held_paise, line.margin_after_paise
    (2000, 3238, 2000)
    """
    known, labels = table or indian_gst(), ladder or PriceLadder()
    return tuple(_line(item, day, known, labels, composition) for item in items)


def _line(
    item: CutOverItem, day: date, table: GstTable, ladder: PriceLadder, composition: bool
) -> CutOverLine:
    """One item."""
    if item.price_paise <= 0:
        raise RuleError(f"the price of '{item.item_id}' must be above zero, got {item.price_paise}")
    before = table.rate_bp(item.hsn, day - timedelta(days=1), item.packing)
    after = table.rate_bp(item.hsn, day, item.packing)
    now = item.price_paise
    new = now if composition or before == after else _same_net(item, before, after, ladder)
    full = with_tax(split_price(now, before).net_paise, after) - now

    def margin(price: int, rate: int) -> int | None:
        if item.cost_paise is None:
            return None
        return split_price(price, rate, composition=composition).net_paise - item.cost_paise

    return CutOverLine(
        item_id=item.item_id,
        rate_before_bp=before,
        rate_after_bp=after,
        price_before_paise=now,
        price_after_paise=new,
        margin_before_paise=margin(now, before),
        margin_held_paise=margin(now, after),
        margin_after_paise=margin(new, after),
        pass_through_bp=10_000 if full == 0 or composition else (new - now) * 10_000 // full,
        new_label=new != now,
        note=_note(item, before, after, new, composition),
    )


def _same_net(item: CutOverItem, before: int, after: int, ladder: PriceLadder) -> int:
    """The label that leaves the same net amount: a fall in full, a rise as far as label and MRP allow."""
    wanted = with_tax(split_price(item.price_paise, before).net_paise, after)
    ceiling = wanted if item.mrp_paise is None else min(wanted, item.mrp_paise)
    below = list(ladder.between(max(ceiling - 2_000, 1), ceiling))
    if after < before:
        return below[-1] if below else ceiling
    return max(below[-1] if below else item.price_paise, item.price_paise)


def _note(
    item: CutOverItem, before: int, after: int, new: int, composition: bool
) -> Literal["none", "must_fall", "may_rise", "mrp_binds", "credit_lapses"]:
    """What to heed."""
    if composition or before == after:
        return "none"
    if after == 0:
        return "credit_lapses"
    if after < before:
        return "must_fall"
    wanted = with_tax(split_price(item.price_paise, before).net_paise, after)
    return "mrp_binds" if new < wanted and exceeds_mrp(wanted, item.mrp_paise) else "may_rise"
