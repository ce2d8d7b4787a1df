"""Words for units as shops and their suppliers write them, in English, Hindi and Hinglish."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, NamedTuple

__all__ = ["Family", "UnitWord", "unit_word"]

Family = Literal["piece", "kg", "l"]
"""What an item is counted in."""


class UnitWord(NamedTuple):
    """A unit of trade.

    Parameters
    ----------
    family : {"piece", "kg", "l"}
        The base unit it is a multiple of.
    factor : decimal.Decimal or None
        Base units in one; None for a pack whose size the word does not say (box, case, bag).
    """

    family: Family
    factor: Decimal | None


_EXACT: dict[tuple[Family, str], str] = {
    ("piece", "1"): """pc pcs pce pice piece pieces no nos number numbers unit units ea each nag nug pkt pkts packet
        packets pouch pouches sachet sachets btl btls bottle bottles u qty नग पीस पैकेट पाउच बोतल संख्या अदद""",
    ("piece", "2"): "pair pairs prs jodi joda जोड़ी जोड़ा",
    ("piece", "12"): "dz dzn doz dozen dozens darjan darzan दर्जन दर्ज़न",
    ("piece", "144"): "gross grs grosa ग्रोस",
    ("kg", "1"): "kg kgs kilo kilos kilogram kilograms kilogramme kgm किलो किग्रा कि किलोग्राम",
    ("kg", "0.001"): "g gm gms gr grm grms gram grams gramme grammes ग्राम ग्रा",
    ("kg", "0.000001"): "mg milligram milligrams",
    ("kg", "100"): "quintal quintals qtl qtls qntl qtnl क्विंटल कुंतल कुंटल",
    ("kg", "1000"): "tonne tonnes mt टन",
    ("kg", "0.25"): "pav pao paav पाव",
    ("l", "1"): "l lt ltr ltrs litre litres liter liters lit लीटर ली",
    ("l", "0.001"): "ml mls millilitre millilitres milliliter मिली एमएल",
    ("l", "1000"): "kl kilolitre",
}  # fmt: skip
_PACKS = """box boxes bx case cases cs carton cartons ctn ctns crtn peti petti bag bags bori bora katta bundle bundles
    bdl strip strips patta tin tins jar jars can cans crate crates tray trays outer outers ladi set sets pack packs pk
    roll rolls tub tubs drum sack sacks hanger inner inr बॉक्स डिब्बा पेटी बोरी कट्टा बंडल पत्ता टिन कार्टन"""


def _table() -> Iterator[tuple[str, UnitWord]]:
    """Yield each word with its unit."""
    for word in _PACKS.split():
        yield word, UnitWord("piece", None)
    for (family, factor), words in _EXACT.items():
        for word in words.split():
            yield word, UnitWord(family, Decimal(factor))


_WORDS: dict[str, UnitWord] = {**dict(_table())}


def unit_word(text: str) -> UnitWord | None:
    """Return the unit that a word names, or None.

    Examples
    --------
    >>> unit_word("Kgs."), unit_word("dz").factor, unit_word("carton").factor, unit_word("parrots")
    (UnitWord(family='kg', factor=Decimal('1')), Decimal('12'), None, None)
    """
    return _WORDS.get(text.strip(" .-_").casefold())
