"""Units that goods are sold in beside the item's own: a dozen, a pack or case of so many, grams of a kilogram."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.unit_words import unit_word

__all__ = ["MILLI", "SoldUnit", "check_whole", "in_base_units", "sold_unit"]

MILLI = 1000
"""Milli-units in a unit."""


@dataclass(frozen=True, slots=True)
class SoldUnit:
    """A unit on a bill, and how much of the item's own unit it is: a dozen of pieces is 12,000 milli-units."""

    word: str
    milli: int


def sold_unit(
    word: str, base: str, pack_milli: int, pack_of: int | None = None, field: str = "unit"
) -> SoldUnit:
    """Return what a unit's word means for an item.

    Parameters
    ----------
    word : str
        The unit, in English, Hindi or Hinglish: `dozen`, `case`, `pack`, `g`, `दर्जन`.
    base : {"piece", "kg", "l"}
        The item's own unit.
    pack_milli : int
        What the item's pack holds, in thousandths of its own unit; 1000 says that no pack is known.
    pack_of : int or None, default=None
        How many of the item's own unit a pack or case on this bill holds; None takes the item's pack.
    field : str, default="unit"
        The field to name in an error.

    Raises
    ------
    RuleError
        When the word is unknown, measures something else, or a pack's size is not known.

    Examples
    --------
    >>> sold_unit("dozen", "piece", 1000).milli, sold_unit("case", "piece", 24_000).milli
    (12000, 24000)
    >>> sold_unit("pack", "piece", 24_000, pack_of=6).milli, sold_unit("g", "kg", 1000).milli
    (6000, 1)
    """
    found = unit_word(word)
    if found is None:
        raise RuleError(
            f"the unit '{word}' is not known",
            field,
            hint="use piece, dozen, gross, pack, case, kg, g, l or ml",
        )
    if found.factor is None:
        if pack_of is None and pack_milli == MILLI:
            raise RuleError(
                f"how much a '{word}' of this item holds is not known",
                field,
                hint="send 'pack_of', or set the item's 'pack_milli'",
            )
        return SoldUnit(word, pack_milli if pack_of is None else pack_of * MILLI)
    if pack_of is not None:
        raise RuleError(f"a '{word}' has a size of its own", field, hint="leave 'pack_of' out")
    if found.family != base:
        raise RuleError(f"the item is counted in '{base}', not by '{word}'", field, hint=f"use '{base}'")
    milli = Fraction(found.factor) * MILLI
    if milli.denominator != 1:
        raise RuleError(f"'{word}' is finer than stock is kept", field, hint="use grams or millilitres")
    return SoldUnit(word, int(milli))


def in_base_units(quantity_milli: int, unit: SoldUnit, field: str = "quantity_milli") -> int:
    """Convert thousandths of a unit to thousandths of the item's own, exactly.

    Raises
    ------
    RuleError
        When that is no whole number.

    Examples
    --------
    >>> in_base_units(500, SoldUnit("dozen", 12_000))
    6000
    """
    whole, rest = divmod(quantity_milli * unit.milli, MILLI)
    if rest:
        raise RuleError(
            f"{quantity_milli} thousandths of a '{unit.word}' are no whole thousandths of the item's unit",
            field,
            hint="round the quantity",
        )
    return whole


def check_whole(base: str, quantity_milli: int, field: str = "quantity_milli") -> None:
    """Refuse a part of a piece: only weighed and measured goods are divided.

    Raises
    ------
    RuleError
        When goods counted by the piece have a fraction.

    Examples
    --------
    >>> check_whole("kg", 250), check_whole("piece", 2_000)
    (None, None)
    """
    if base == "piece" and quantity_milli % MILLI:
        raise RuleError(
            f"{quantity_milli} thousandths is no whole number of pieces",
            field,
            hint="goods sold by the piece are whole: 1000 is one; give loose goods the unit 'kg' or 'l'",
        )
