"""Numbers as shops and programs write them: `1,20,000`, `Rs. 45/-`, `(250)`, `2 kg`, `7.00/pcs`, `1,5`.

A number with one mark can often be read in two ways: `1,234` is twelve hundred in India and one and a quarter in
Germany. Both readings are kept; the whole file decides. Every expression here is linear: each text is at most
`MAX_CELL` characters, and no repeated group can match the same characters in two ways.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from samaan_ml.domain.digits import fold_digits
from samaan_ml.domain.unit_words import UnitWord, unit_word

__all__ = ["MAX_CELL", "Number", "clean", "parse_number"]

MAX_CELL = 60
"""Longest text that can be a number, a date or a unit."""

_LARGEST_EXPONENT, _MOST_DIGITS = 12, 30
_BLANKS = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_SIDES = {"dr": "dr", "db": "dr", "debit": "dr", "नामे": "dr", "cr": "cr", "credit": "cr", "जमा": "cr"}
_CURRENCIES = ("rupees", "rupee", "rs.", "rs", "inr", "₹", "रुपये", "रुपए", "रु.", "रु", "$", "£", "€")
_TAILS = ("only", "मात्र", "/=", "/-")
_CORE = re.compile(r"([+-]?)([0-9.,'’ ]+)((?:[eE][+-]?[0-9]{1,3})?)(.*)", re.DOTALL)
_INDIAN = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{2,3})*,[0-9]{3}")
_WESTERN = re.compile(r"[1-9][0-9]{0,2}(?:[,.'’ ][0-9]{3})+")
_DIGITS = re.compile(r"[0-9]+")


class Number(NamedTuple):
    """A number as it is written.

    Parameters
    ----------
    dot, comma : decimal.Decimal or None
        Its value where the decimal mark is a dot, and where it is a comma; None where that reading is impossible.
    side : {"", "dr", "cr"}
        Whether Dr or Cr stands beside it.
    unit : UnitWord or None
        The unit behind it.
    per : UnitWord or None
        The unit that a rate is for, as in `7.00/pcs`.
    percent : bool
        Whether it is followed by a percent sign.
    word : str
        The unit as it is written.
    """

    dot: Decimal | None
    comma: Decimal | None
    side: Literal["", "dr", "cr"] = ""
    unit: UnitWord | None = None
    per: UnitWord | None = None
    percent: bool = False
    word: str = ""

    def value(self, decimal: str) -> Decimal | None:
        """Return the value under a decimal mark (`dot` or `comma`); the other reading where it is the only one."""
        first, second = (self.comma, self.dot) if decimal == "comma" else (self.dot, self.comma)
        return second if first is None else first

    @property
    def open(self) -> bool:
        """Whether the decimal mark changes the value."""
        return self.dot is not None and self.comma is not None and self.dot != self.comma


_UNREAD = Number(None, None)


def clean(text: str) -> str:
    """Fold digits, minus signs and blanks of any script; drop characters without width.

    Examples
    --------
    >>> clean("\u200e\u0967\u0968\u00a0\u0915\u093f\u0932\u094b"), clean("\u22125")
    ('12 \u0915\u093f\u0932\u094b', '-5')
    """
    if text.isascii():
        return " ".join(text.split())
    folded = unicodedata.normalize("NFC", fold_digits(text)).replace("\u2212", "-").replace("\u2013", "-")
    return " ".join(part for part in _BLANKS.sub(" ", folded).split(" ") if part)


@lru_cache(maxsize=65536)
def parse_number(text: str) -> Number:
    """Read a number in both of its readings.

    Examples
    --------
    >>> [str(parse_number(each).dot) for each in ("1,20,000", "Rs. 45/-", "(250)", "500 g", "7.00/pcs")]
    ['120000', '45', '-250', '500', '7.00']
    >>> parse_number("1,234").open, parse_number("1,5").dot, str(parse_number("1.234,50").comma)
    (True, None, '1234.50')
    """
    if len(text) > MAX_CELL:
        return _UNREAD
    plain, side = _without_side(clean(text))
    plain = _without_currency(plain)
    negative = plain.startswith("(") and plain.endswith(")")
    if negative:
        plain = _without_currency(plain[1:-1].strip())
    found = _CORE.match(plain)
    if found is None:
        return _UNREAD
    sign, core, exponent, tail = found.groups()
    tail = tail.strip()
    if tail == "-" and not sign:  # accounting programs write the sign last
        negative, tail = not negative, ""
    if sign == "-":
        negative = not negative
    unit, per, word, percent = _tail(tail)
    if tail and unit is None and per is None and not percent:
        return _UNREAD
    dot, comma = _value(core.strip(), exponent, ",", "."), _value(core.strip(), exponent, ".", ",")
    if negative:
        dot, comma = (None if dot is None else -dot), (None if comma is None else -comma)
    return Number(dot, comma, side, unit, per, percent, word)


def _without_side(text: str) -> tuple[str, Literal["", "dr", "cr"]]:
    """Take Dr or Cr off either end."""
    for cut in (text.rsplit(" ", 1), text.split(" ", 1)[::-1]):
        if len(cut) == 2 and (side := _SIDES.get(cut[1].strip(" .()").casefold())):
            return cut[0].strip(), side  # type: ignore[return-value]
    head = text.rstrip(" .")
    for word, side in _SIDES.items():
        if len(word) == 2 and head[-2:].casefold() == word and head[-3:-2].isdigit():
            return head[:-2].strip(), side  # type: ignore[return-value]
    return text, ""


def _without_currency(text: str) -> str:
    """Take the sign of a currency and `/-` off."""
    sign = text[:1] if text[:1] in ("+", "-") else ""
    rest = text[len(sign) :].strip()
    lower = rest.casefold()
    for currency in _CURRENCIES:
        if lower.startswith(currency):
            rest = rest[len(currency) :].strip()
            break
        if lower.endswith(currency):
            rest = rest[: -len(currency)].strip()
            break
    for tail in (*_TAILS, _TAILS[0]):
        if rest.casefold().endswith(tail):
            rest = rest[: -len(tail)].strip()
    return sign + rest


def _tail(tail: str) -> tuple[UnitWord | None, UnitWord | None, str, bool]:
    """Read what stands behind the digits: a unit, a unit after a slash, a percent sign."""
    if not tail:
        return None, None, "", False
    if tail == "%":
        return None, None, "", True
    head, slash, behind = tail.partition("/")
    if not slash and tail.casefold().startswith("per "):
        head, slash, behind = "", "/", tail[4:]
    if slash:
        return None, (unit_word(behind) if not head.strip(" -") else None), behind.strip(), False
    word = tail.strip(" .()-")
    return unit_word(word), None, word, False


def _value(core: str, exponent: str, group: str, mark: str) -> Decimal | None:
    """Read digits with one mark for thousands and one for decimals, or return None where they do not fit."""
    whole, marked, part = core.partition(mark)
    if marked and (_DIGITS.fullmatch(part) is None if part else not whole):
        return None
    if whole and not _DIGITS.fullmatch(whole):
        indian = group == "," and _INDIAN.fullmatch(whole)
        western = _WESTERN.fullmatch(whole) and mark not in whole and _one_mark(whole)
        if not (indian or western):
            return None
    digits = "".join(c for c in whole if c.isdigit())
    if not digits and not part:
        return None
    if len(digits) + len(part) > _MOST_DIGITS or (exponent and abs(int(exponent[1:])) > _LARGEST_EXPONENT):
        return None
    return Decimal(f"{digits or '0'}.{part or '0'}{exponent}" if part else f"{digits}{exponent}")


def _one_mark(whole: str) -> bool:
    """Return whether all groups are parted by the same mark."""
    return len({c for c in whole if not c.isdigit()}) == 1
