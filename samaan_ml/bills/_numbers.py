"""Amounts, quantities, percentages and dates as Indian bills write them."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from samaan_ml.domain.digits import fold_digits
from samaan_ml.domain.money import MAX_PAISE
from samaan_ml.domain.units import MAX_MILLI

_CURRENCY = r"(?:₹|rs\.?|inr\.?|re\.|रु(?:पये|पए)?\.?|रू\.?|rm|myr|\$|usd|sgd|€|£|`)"
_GROUPED = r"\d{1,3}(?:[,'’ ]\d{2,3})*[,'’ ]\d{3}|\d+"
_AMOUNT = re.compile(
    rf"""^\(?\s*[-+–−]?\s*{_CURRENCY}?\s*[:*]?\s*(?P<sign>[-+–−]?)\s*
    (?P<whole>{_GROUPED})?
    (?:\s?(?P<point>[.·=,])\s?(?P<part>\d{{1,3}}))?
    \s*(?:/[-=–]+|/=?|=)?\s*{_CURRENCY}?\s*(?:only|मात्र)?\s*(?P<trailing>-)?\s*(?:[A-Z*%#]|SR|ZR|ZRL|TX|cr|dr)?\s*\)?$""",
    re.VERBOSE | re.IGNORECASE,
)
_OCR_DIGITS = str.maketrans("OoQDlI|ZSsB", "00001112558")


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
    cleaned = fold_digits(text).strip().lstrip("@").strip()
    found = _AMOUNT.match(cleaned)
    if found is None and repair_letters and any(c.isdigit() for c in cleaned):
        found = _AMOUNT.match(cleaned.translate(_OCR_DIGITS))
    if found is None or (found["whole"] is None and found["part"] is None):
        return None
    whole = re.sub(r"\D", "", found["whole"] or "")
    part = found["part"] or ""
    if found["point"] == "," and len(part) != 2:
        return None
    if found["point"] == "," and not whole:
        return None
    negative = (
        cleaned.startswith(("(", "-", "–", "−"))
        or found["sign"] in {"-", "–", "−"}
        or bool(found["trailing"])
    )
    return Numeral((whole + part) or "0", len(part), negative)


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
    "gross": ("gross", 144_000),
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
    "qtl": ("kg", 100_000),
    "quintal": ("kg", 100_000),
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
    cleaned = fold_digits(text).strip()
    for sign, decimal in _FRACTION.items():
        cleaned = re.sub(rf"(\d*)\s?{sign}", lambda m, d=decimal: (m[1] or "0") + d, cleaned)  # type: ignore[misc]
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
    found = _PERCENT.match(fold_digits(text).strip())
    return None if found is None else int(Decimal(found[1]) * 100)


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january जनवरी जन",
            "feb february फरवरी फ़रवरी",
            "mar march मार्च",
            "apr april अप्रैल",
            "may मई",
            "jun june जून",
            "jul july जुलाई",
            "aug august अगस्त",
            "sep sept september सितंबर सितम्बर",
            "oct october अक्टूबर अक्तूबर",
            "nov november नवंबर नवम्बर",
            "dec december दिसंबर दिसम्बर",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
# A time glued behind a four-digit year ("16/04/201816:28") is a habit of engines, hence no \b after it.
_DATES = (
    re.compile(r"(?<!\d)(?P<y>20\d{2}|19\d{2})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<y>20\d{2}|19\d{2})"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/.,\s]*(?P<name>{_MONTH})[-/.,'\s]*(?P<y>20\d{{2}}|19\d{{2}})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![a-z])(?P<name>{_MONTH})[-/.,\s]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/.,'\s]+(?P<y>20\d{{2}}|19\d{{2}})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/.,\s]*(?P<name>{_MONTH})[-/.,'\s]*(?P<y>\d{{2}})(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\d/.-])(?P<d>\d{1,2})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<y>\d{2})(?![\d/.-]*[/-]\d)(?!\d(?!\d?:))"
    ),
)


def find_date(text: str, today: date) -> tuple[date, str] | None:
    """Find the first date in a text; day before month, as India writes it.

    Parameters
    ----------
    text : str
        Any text.
    today : date
        A bill is not dated after tomorrow: decides two-digit years and doubtful orders.

    Returns
    -------
    (date, str) or None
        The date and the piece of text it was read from.

    Examples
    --------
    >>> find_date("Dt: 05/11/26", date(2026, 11, 23))
    (datetime.date(2026, 11, 5), '05/11/26')
    >>> find_date("16/04/201816:28", date(2026, 11, 23))
    (datetime.date(2018, 4, 16), '16/04/2018')
    """
    folded = fold_digits(text)
    for pattern in _DATES:
        for found in pattern.finditer(folded):
            day = _checked_date(found, today)
            if day is not None:
                return day, found[0]
    return None


def _checked_date(found: re.Match[str], today: date) -> date | None:
    """Turn a match into a date not after tomorrow, trying month first where day first cannot be."""
    groups = found.groupdict()
    year = int(groups["y"])
    if year < 100:
        year += today.year // 100 * 100
        year -= 100 if year > today.year + 1 else 0
    if groups.get("name"):
        orders = [(int(groups["d"]), _MONTHS[groups["name"].lower()])]
    else:
        first, second = int(groups["d"]), int(groups["m"])
        orders = [(first, second) if second <= 12 else (second, first)]
    for day, month in orders:
        try:
            value = date(year, month, day)
        except ValueError:
            continue
        if (value - today).days <= 1:
            return value
    return None
