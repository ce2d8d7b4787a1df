"""A line in the item's own unit: what the shop's catalogue says of the goods decides what the sheet leaves open."""

from __future__ import annotations

from decimal import Decimal

from samaan_ml.sheets._evidence import key_of
from samaan_ml.sheets._line import Line, Reading

__all__ = ["settled"]

_SURELY = Decimal("0.4")


def settled(
    line: Line,
    reading_units: dict[str, dict[str, int]] | Reading,
    *,
    unit: str | None = None,
    price: Decimal | None = None,
    pack: Decimal | None = None,
) -> Line:
    """Convert packs to pieces, check the unit, and settle what a rate is for.

    Parameters
    ----------
    line : Line
        A line as the sheet has it.
    reading_units : Reading or mapping
        How often each item is written in each unit.
    unit : {"piece", "kg", "l"} or None, default=None
        What the item is counted in; None where the shop does not know it.
    price : decimal.Decimal or None, default=None
        Its usual price of a base unit.
    pack : decimal.Decimal or None, default=None
        Pieces in its pack; None where that is not known.

    Returns
    -------
    Line
        With `unit` piece, kg, l or "", and a price where it has one; or a bad line with the reason.

    Examples
    --------
    >>> dozen = Line(2, "sale", "", item="Eggs", quantity=Decimal(24), unit="piece", word="dz",
    ...              factor=Decimal(12), rate=Decimal(84))
    >>> settled(dozen, {}, price=Decimal("7.5")).amount, settled(dozen, {}).state
    (Decimal('168'), 'bad')
    """
    if line.state == "bad":
        return line
    if unit is not None and line.unit in ("piece", "kg", "l") and line.unit != unit:
        return _refused(line, f"'{line.word}' of goods that are counted in {unit}")
    if line.unit == "pack":
        line = _unpacked(line, reading_units, unit, pack)
    if line.state == "bad" or line.rate is None:
        return line
    return _at_known_price(line, price)


def _refused(line: Line, reason: str) -> Line:
    """Return the line as a bad one."""
    return line._replace(state="bad", reason=reason)


def _unpacked(
    line: Line, units: dict[str, dict[str, int]] | Reading, unit: str | None, pack: Decimal | None
) -> Line:
    """Turn packs into pieces."""
    if unit in ("kg", "l"):
        return _refused(line, f"'{line.word}' of goods that are counted in {unit}")
    if pack is not None and pack > 1:
        price = None if line.price is None else line.price / pack
        return line._replace(quantity=line.quantity * pack, unit="piece", price=price)
    words = (units.units if isinstance(units, Reading) else units).get(key_of(line.item), {})
    if unit is None and set(words) <= {line.word.casefold()}:
        return line._replace(unit="piece")
    return _refused(line, f"how many pieces a '{line.word}' of '{line.item[:40]}' holds is not known")


def _at_known_price(line: Line, price: Decimal | None) -> Line:
    """Return whether a rate is of a base unit or of the written one, by what the item usually costs."""
    rate = line.rate or Decimal(0)
    options = (rate, rate / line.factor)
    if price is None or price <= 0:
        return _refused(
            line, f"the rate {rate:f} may be of one unit or of a whole '{line.word}'; add a column of amounts"
        )
    log = line.factor.ln()
    near = [each for each in options if abs((each / price).ln()) < _SURELY * log]
    if len(near) != 1:
        return _refused(
            line, f"the rate {rate:f} fits neither one unit nor a whole '{line.word}' at {price:f} a unit"
        )
    return line._replace(price=near[0], amount=near[0] * line.quantity, rate=None)
