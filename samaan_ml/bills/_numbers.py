"""Amounts, quantities, percentages and dates as Indian bills write them."""

import re
from dataclasses import dataclass
from decimal import Decimal

from samaan_ml.domain.digits import fold_digits
from samaan_ml.domain.money import MAX_PAISE
from samaan_ml.domain.unit_words import unit_word
from samaan_ml.domain.units import MAX_MILLI

_LONGEST = 60
"""Longest text that is looked at as a number or a quantity; printed ones are a third of it."""
_CURRENCIES = (
    "रुपये", "रुपए", "inr.", "inr", "myr", "usd", "sgd", "rs.", "re.", "रु.", "रू.", "रु", "रू", "rs", "rm", "₹", "$", "€",
    "£", "`",
)  # fmt: skip
_TAIL_MARKS = ("/-", "/=", "/–", "/", "=", "only", "मात्र")
_SIDES = ("cr", "dr", "sr", "zrl", "zr", "tx")
_CORE = re.compile(
    r"(?P<whole>\d{1,3}(?:[,'’ ]\d{2,3}){0,6}[,'’ ]\d{3}|\d+)?(?: ?(?P<point>[.·=,]) ?(?P<part>\d{1,3}))?"
)
_MINUS = "-–−"
_BEFORE_LETTER = "0123456789 -/="
_LIKE_DIGITS = "OoQDlI|ZSsB"
_OCR_DIGITS = str.maketrans(_LIKE_DIGITS, "00001112558")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as printed: its digits and how many of them stand behind the point.

    Parameters
    ----------
    digits : str
        Digits without separators.
    decimals : int
        Digits behind the point.
    negative : bool, default=False
        Whether it carries a minus sign or brackets.

    Examples
    --------
    >>> Numeral("12550", 2).scaled(2)
    12550
    >>> Numeral("45", 0).scaled(2)
    4500
    """

    digits: str
    decimals: int
    negative: bool = False

    def scaled(self, places: int) -> int | None:
        """Return the number times 10**places, or None where it is finer than that."""
        value = int(self.digits)
        if self.decimals > places:
            value, rest = divmod(value, 10 ** (self.decimals - places))
            if rest:
                return None
        else:
            value *= int(10 ** (places - self.decimals))
        return -value if self.negative else value


def parse_numeral(text: str, *, repair_letters: bool = False) -> Numeral | None:
    """Read one printed number with its currency marks, or None where it is not just a number.

    Parameters
    ----------
    text : str
        The text, digits of any script.
    repair_letters : bool, default=False
        Take letters that engines confuse with digits (O, l, S, B ...) for digits; for a column of numbers.

    Examples
    --------
    >>> parse_numeral("₹1,23,456.50")
    Numeral(digits='12345650', decimals=2, negative=False)
    >>> parse_numeral("Rs 45/-")
    Numeral(digits='45', decimals=0, negative=False)
    >>> parse_numeral("1O.5O", repair_letters=True)
    Numeral(digits='1050', decimals=2, negative=False)
    """
    cleaned = " ".join(fold_digits(text[: _LONGEST + 1]).split()).lstrip("@ ")
    if len(cleaned) > _LONGEST:
        return None
    bare, negative = _bare(cleaned)
    found = _CORE.fullmatch(bare)
    if found is None and repair_letters and any(c.isdigit() for c in bare):
        whole_tail, negative = _bare(cleaned, keep=_LIKE_DIGITS)
        found = _CORE.fullmatch(whole_tail.translate(_OCR_DIGITS)) or _CORE.fullmatch(
            bare.translate(_OCR_DIGITS)
        )
    if found is None or (found["whole"] is None and found["part"] is None):
        return None
    whole = re.sub(r"\D", "", found["whole"] or "")
    part = found["part"] or ""
    if found["point"] == "," and (len(part) != 2 or not whole):
        return None
    return Numeral((whole + part) or "0", len(part), negative)


def _bare(text: str, keep: str = "") -> tuple[str, bool]:
    """Take brackets, signs, currency and what engines add behind a number off; tell whether it is negative.

    Letters of `keep` stay at the end: they may be misread digits.
    """
    negative = text.startswith(("(", *_MINUS))
    rest = text.removeprefix("(").lstrip(" ")
    rest = rest.removesuffix(")").rstrip(" ")
    rest, signed = _without_lead(rest)
    rest, trailing = _without_tail(rest, keep)
    return rest, negative or signed or trailing


def _without_lead(text: str) -> tuple[str, bool]:
    """Take sign, currency and a colon off the front."""
    negative = False
    for _ in range(2):
        if text[:1] in ("+", *_MINUS) and text[:1]:
            negative = negative or text[0] in _MINUS
            text = text[1:].lstrip(" ")
        lower = text.lower()
        currency = next((each for each in _CURRENCIES if lower.startswith(each)), "")
        text = text[len(currency) :].lstrip(" ").removeprefix(":").removeprefix("*").lstrip(" ")
    return text, negative


def _without_tail(text: str, keep: str) -> tuple[str, bool]:
    """Take `/-`, currency, a minus sign, and one letter or mark off the end."""
    lower = text.lower()
    side = next(
        (
            each
            for each in _SIDES
            if lower.endswith(each) and not lower[-len(each) - 1 : -len(each)].isalpha()
        ),
        "",
    )
    last, before = text[-1:], text[-2:-1]
    letter = (
        last.isascii()
        and last.isalpha()
        and last not in keep
        and (before in _BEFORE_LETTER or before in keep)
    )
    if side and not letter:
        text = text[: -len(side)].rstrip(" ")
    elif letter or last in ("*", "%", "#"):
        text = text[:-1].rstrip(" ")
    negative = len(text) > 1 and text[-1] in _MINUS and text[-2] not in "/="
    if negative:
        text = text[:-1].rstrip(" ")
    for _ in range(2):
        lower = text.lower()
        mark = next((each for each in (*_TAIL_MARKS, *_CURRENCIES) if lower.endswith(each)), "")
        text = text[: len(text) - len(mark)].rstrip(" ")
    return text, negative


def parse_amount(text: str) -> int | None:
    """Read an amount of money in paise.

    Examples
    --------
    >>> parse_amount("Rs. 1,20,000/-")
    12000000
    >>> parse_amount("\u0967\u0968\u0966.\u096b\u0966")
    12050
    >>> parse_amount("(35.00)")
    -3500
    >>> parse_amount("Sugar") is None
    True
    """
    numeral = parse_numeral(text)
    value = None if numeral is None else numeral.scaled(2)
    return None if value is None or abs(value) > MAX_PAISE else value


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of a line: what is charged, what comes free, and in which unit.

    Parameters
    ----------
    milli : int
        Charged quantity in thousandths of the printed unit's base (a dozen is 12000).
    unit : str or None
        The unit as the shop writes it, None where none is printed.
    free_milli : int, default=0
        Quantity given free, as in "10+1".
    """

    milli: int
    unit: str | None
    free_milli: int = 0


_UNITS = {
    "dz": ("dozen", 12_000),
    "dzn": ("dozen", 12_000),
    "doz": ("dozen", 12_000),
    "dozen": ("dozen", 12_000),
    "darjan": ("dozen", 12_000),
    "दर्जन": ("dozen", 12_000),
    "dozens": ("dozen", 12_000),
    "gross": ("gross", 144_000),
    "grs": ("gross", 144_000),
    "pair": ("pair", 2000),
    "jodi": ("pair", 2000),
    "kg": ("kg", 1000),
    "kgs": ("kg", 1000),
    "kilo": ("kg", 1000),
    "किलो": ("kg", 1000),
    "किग्रा": ("kg", 1000),
    "g": ("g", 1),
    "gm": ("g", 1),
    "gms": ("g", 1),
    "gram": ("g", 1),
    "ग्राम": ("g", 1),
    "qtl": ("quintal", 100_000),
    "qtls": ("quintal", 100_000),
    "quintal": ("quintal", 100_000),
    "quintals": ("quintal", 100_000),
    "l": ("l", 1000),
    "lt": ("l", 1000),
    "ltr": ("l", 1000),
    "ltrs": ("l", 1000),
    "litre": ("l", 1000),
    "लीटर": ("l", 1000),
    "ml": ("ml", 1),
    "pc": ("piece", 1000),
    "pcs": ("piece", 1000),
    "pce": ("piece", 1000),
    "nos": ("piece", 1000),
    "no": ("piece", 1000),
    "unit": ("piece", 1000),
    "units": ("piece", 1000),
    "ea": ("piece", 1000),
    "each": ("piece", 1000),
    "नग": ("piece", 1000),
    "pkt": ("packet", 1000),
    "pkts": ("packet", 1000),
    "packet": ("packet", 1000),
    "पैकेट": ("packet", 1000),
    "pack": ("packet", 1000),
    "bag": ("bag", 1000),
    "bags": ("bag", 1000),
    "box": ("box", 1000),
    "bxs": ("box", 1000),
    "btl": ("bottle", 1000),
    "case": ("case", 1000),
    "cs": ("case", 1000),
    "ctn": ("case", 1000),
    "peti": ("case", 1000),
    "पेटी": ("case", 1000),
    "tin": ("tin", 1000),
    "jar": ("jar", 1000),
    "x": (None, 1000),
    "": (None, 1000),
}


def unit_milli(unit: str | None) -> int:
    """Return the thousandths of the base unit in a printed unit; 1000 where it is none or unknown.

    Examples
    --------
    >>> unit_milli("dozen"), unit_milli("gm"), unit_milli("box"), unit_milli(None)
    (12000, 1, 1000, 1000)
    """
    if not unit:
        return 1000
    word = unit.strip(" .").lower()
    known = _UNITS.get(word)
    if known is not None:
        return known[1]
    found = unit_word(word)
    return 1000 if found is None or found.factor is None else max(1, int(found.factor * 1000))


_WORD = "|".join(sorted((re.escape(word) for word in _UNITS if word), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"^[x×]?\s*(?P<whole>\d{{1,6}}(?:,\d{{3}})*(?:\.\d{{1,3}})?)\s*(?:\+\s*(?P<free>\d{{1,4}})\s*(?:free)?)?\s*[.]?\s*"
    rf"(?P<unit>{_WORD})?\.?\s*[x×@]?(?:\s*\+\s*(?P<later>\d{{1,4}})\s*(?:free)?)?$",
    re.IGNORECASE,
)
_FRACTION = {"½": ".5", "¼": ".25", "¾": ".75"}


def parse_quantity(text: str) -> Quantity | None:
    """Read a quantity with its unit.

    Examples
    --------
    >>> parse_quantity("2 dz")
    Quantity(milli=24000, unit='dozen', free_milli=0)
    >>> parse_quantity("250gm").milli
    250
    >>> parse_quantity("10+1")
    Quantity(milli=10000, unit=None, free_milli=1000)
    """
    cleaned = " ".join(fold_digits(text[: _LONGEST + 1]).split())
    if len(cleaned) > _LONGEST:
        return None
    for sign, decimal in _FRACTION.items():
        cleaned = re.sub(rf"(\d{{0,6}})\s?{sign}", lambda m, d=decimal: (m[1] or "0") + d, cleaned)  # type: ignore[misc]
    found = _QUANTITY.match(cleaned)
    if found is None:
        return None
    unit, factor = _UNITS[(found["unit"] or "").lower()]
    milli = Decimal(found["whole"].replace(",", "")) * factor
    free = int(found["free"] or found["later"] or 0) * factor
    if milli != milli.to_integral_value() or not 0 <= milli <= MAX_MILLI or free > MAX_MILLI:
        return None
    return Quantity(int(milli), unit, free)


_PERCENT = re.compile(r"^[@(]?\s*(\d{1,2}(?:\.\d{1,2})?|100)\s*%\s*\)?$")


def parse_percent(text: str) -> int | None:
    """Read a percentage in basis points.

    Examples
    --------
    >>> parse_percent("@ 2.5 %")
    250
    """
    found = _PERCENT.match(" ".join(fold_digits(text[:_LONGEST]).split()))
    return None if found is None else int(Decimal(found[1]) * 100)
