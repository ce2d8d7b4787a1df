"""The lines of bills and returns: what each costs, and what speaks against it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from samaan_ml.domain.money import divide_half_away, shared_out
from samaan_ml.domain.printed_price import check_mrp, exceeds_mrp, lowest_printed
from samaan_ml.domain.sold_units import MILLI, SoldUnit, check_whole, in_base_units, sold_unit
from serving.errors import InvalidInput
from serving.http.approving import Need, below_floor
from serving.http.client_facts import ABOVE_MRP, PRICE_CHANGED
from serving.ports.items import Item
from serving.ports.sales import Sale, SaleLine
from serving.ports.stock import Movement
from serving.sales.schemas import NewLine, NewReturn, NewSale


def priced(line: NewLine, item: Item, place: int, usual_paise: int, *, is_past: bool) -> SaleLine:
    """Price a line; above the printed maximum is an offence, below zero a mistake.

    What was sold already was sold at its price, whatever has been printed since.

    Parameters
    ----------
    line : NewLine
        As it was sent.
    item : Item
        Its item.
    place : int
        Its place on the bill, for errors.
    usual_paise : int
        The item's price when it was sold, for a line without one.
    is_past : bool
        Whether it was sold already.
    """
    unit = _unit_of(line, item, f"lines.{place}.unit")
    quantity = in_base_units(line.quantity_milli, unit, f"lines.{place}.quantity_milli")
    check_whole(item.unit, quantity, f"lines.{place}.quantity_milli")
    price = line.unit_price_paise
    if price is None:
        price = divide_half_away(usual_paise * unit.milli, MILLI)
        # A gram, for example, costs less than a whole number of paise: the line then keeps the item's own unit.
        if price * MILLI != usual_paise * unit.milli:
            unit, price = SoldUnit("", MILLI), usual_paise
    amount = divide_half_away(price * quantity, unit.milli)
    if line.discount_paise > amount:
        raise InvalidInput(
            f"the discount {line.discount_paise} is more than the amount {amount}",
            field=f"lines.{place}.discount_paise",
        )
    made = SaleLine(
        line.item_id,
        quantity,
        price,
        line.discount_paise,
        amount - line.discount_paise,
        unit.word or None,
        unit.milli,
    )
    if not is_past:
        check_mrp(made.base_price_paise, lowest_printed(item.mrp_paise), f"lines.{place}.unit_price_paise")
    return made


def _unit_of(line: NewLine, item: Item, field: str) -> SoldUnit:
    """Return the unit of a line: the one it names, else the item's own."""
    if line.unit is None and line.pack_of is None:
        return SoldUnit("", MILLI)
    return sold_unit(line.unit or "pack", item.unit, item.pack_milli, line.pack_of, field)


def discounted(lines: tuple[SaleLine, ...], discount_paise: int) -> tuple[SaleLine, ...]:
    """Share a discount on the whole bill out over its lines by their amounts, to the paisa.

    Raises
    ------
    InvalidInput
        When it is more than the lines come to.
    """
    amounts = [line.amount_paise for line in lines]
    if discount_paise > sum(amounts):
        raise InvalidInput(
            f"the discount {discount_paise} is more than the lines' {sum(amounts)}", field="discount_paise"
        )
    return tuple(
        replace(line, discount_paise=line.discount_paise + part, amount_paise=line.amount_paise - part)
        for line, part in zip(lines, shared_out(discount_paise, amounts), strict=True)
    )


def price_flags(lines: tuple[SaleLine, ...], items: dict[str, Item]) -> set[str]:
    """Return what of a past bill's prices differs from the cards of now."""
    flags = set()
    for line in lines:
        item = items[line.item_id]
        if line.unit_price_paise * 1000 != item.price_paise * line.unit_milli:
            flags.add(PRICE_CHANGED)
        if exceeds_mrp(line.base_price_paise, item.mrp_paise):
            flags.add(ABOVE_MRP)
    return flags


def check_printed(
    lines: tuple[SaleLine, ...], rows: tuple[Movement, ...], printed: Mapping[str, int]
) -> None:
    """Refuse a price above what is printed on one of the lots that the goods come from."""
    for row in rows:
        if row.batch_id is None or row.quantity_milli >= 0:
            continue
        limit = lowest_printed(None, [(row.batch_id, printed.get(row.batch_id))])
        for place, line in enumerate(lines):
            if line.item_id == row.item_id:
                check_mrp(line.base_price_paise, limit, f"lines.{place}.unit_price_paise")


def put_back(lots: list[tuple[str, int]], quantity_milli: int) -> list[tuple[str | None, int]]:
    """Split what came back over the lots it was sold from, using them up; the rest belonged to no lot.

    Examples
    --------
    >>> put_back([("a", 2_000), ("b", 5_000)], 3_000)
    [('a', 2000), ('b', 1000)]
    """
    parts: list[tuple[str | None, int]] = []
    while quantity_milli and lots:
        batch_id, held = lots.pop(0)
        part = min(held, quantity_milli)
        parts.append((batch_id, part))
        quantity_milli -= part
        if part < held:
            lots.insert(0, (batch_id, held - part))
    return [*parts, (None, quantity_milli)] if quantity_milli else parts


def needs_of(
    body: NewSale,
    lines: tuple[SaleLine, ...],
    items: dict[str, Item],
    floor_percent: int,
    *,
    on_udhaar: bool,
) -> list[Need]:
    """Tell for what of a bill staff need an owner's word; an item's own price is the owner's."""
    needs: list[Need] = []
    for place, (asked, line) in enumerate(zip(body.lines, lines, strict=True)):
        if asked.unit_price_paise is None and not line.discount_paise:
            continue
        # The highest price of a unit that makes this amount: rounding to a whole paisa is no discount.
        unit_paise = (2 * line.amount_paise + 1) * 1000 // (2 * line.quantity_milli)
        cost = items[line.item_id].cost_paise
        needs += below_floor(line.item_id, unit_paise, cost, floor_percent, f"lines.{place}.unit_price_paise")
    if body.over_limit and on_udhaar:
        needs.append(Need("limit_override", "the bill may pass the customer's limit", "over_limit"))
    return needs


def returned_lines(
    sale: Sale, before: tuple[Sale, ...], body: NewReturn, units: Mapping[str, str]
) -> tuple[SaleLine, ...]:
    """Price what comes back at what was paid for it, never more than was sold and paid."""
    sold: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for line in sale.lines:
        sold[line.item_id] += line.quantity_milli
        paid[line.item_id] += line.amount_paise
    back: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    for earlier in before:
        for line in earlier.lines:
            back[line.item_id] -= line.quantity_milli
            refunded[line.item_id] -= line.amount_paise
    lines: list[SaleLine] = []
    for place, asked in enumerate(body.lines):
        left = sold[asked.item_id] - back[asked.item_id]
        if asked.quantity_milli > left:
            raise InvalidInput(
                f"{left} milli-units of '{asked.item_id}' are left to return, not {asked.quantity_milli}",
                field=f"lines.{place}.quantity_milli",
            )
        # Part of a piece, sold before pieces had to be whole, can come back as the last of its line.
        if asked.quantity_milli != left:
            check_whole(units.get(asked.item_id, ""), asked.quantity_milli, f"lines.{place}.quantity_milli")
        back[asked.item_id] += asked.quantity_milli
        # The share of what was paid up to here, less what was refunded: the last part takes the rounding.
        owed = paid[asked.item_id] * back[asked.item_id] // sold[asked.item_id]
        refund = owed - refunded[asked.item_id]
        refunded[asked.item_id] += refund
        own = next(line for line in sale.lines if line.item_id == asked.item_id)
        lines.append(
            replace(own, quantity_milli=-asked.quantity_milli, discount_paise=0, amount_paise=-refund)
        )
    return tuple(lines)
