"""What Indian tax law lets a machine check on a bill: the GSTIN's own check character, and the rates of a day."""

import re
from datetime import date

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = re.compile(r"\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]")
_LOOSE = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{15}(?![0-9A-Z])")
_PLACES = "NNAAAAANNNNAXAX"
_TO_LETTER = str.maketrans("01258", "OIZSB")
_TO_DIGIT = str.maketrans("OQDIZSB", "0001258")

NEW_RATES_FROM = date(2025, 9, 22)
"""Day from which the slabs of the 56th GST Council meeting apply (notification 9/2025, Central Tax (Rate))."""

_OLD_BASIS_POINTS = (0, 10, 25, 150, 300, 500, 600, 1200, 1800, 2800)
_NEW_BASIS_POINTS = (0, 10, 25, 150, 300, 500, 1800, 2800, 4000)


def gst_rates(on: date) -> tuple[int, ...]:
    """Return the GST rates that a bill of this day may carry, in basis points.

    Examples
    --------
    >>> 1200 in gst_rates(date(2025, 9, 21)), 1200 in gst_rates(date(2025, 9, 22))
    (True, False)
    """
    return _NEW_BASIS_POINTS if on >= NEW_RATES_FROM else _OLD_BASIS_POINTS


def gstin_check_character(first: str) -> str:
    """Compute the last character of a GSTIN from its first fourteen (modulo 36, weights 1 and 2 in turn).

    Examples
    --------
    >>> gstin_check_character("27AAPFU0939F1Z")
    'V'
    """
    total = 0
    for position, character in enumerate(first):
        product = _ALPHABET.index(character) * (1 + position % 2)
        total += product // 36 + product % 36
    return _ALPHABET[(36 - total % 36) % 36]


def is_gstin(text: str) -> bool:
    """Return whether a text is a GSTIN with a right check character.

    Examples
    --------
    >>> is_gstin("27AAPFU0939F1ZV"), is_gstin("27AAPFU0939F1ZW")
    (True, False)
    """
    return bool(_SHAPE.fullmatch(text)) and gstin_check_character(text[:14]) == text[14]


def find_gstin(text: str) -> tuple[str, bool] | None:
    """Find a GSTIN in a text.

    Letters standing where only digits can, and digits where only letters can, are replaced when that gives a
    right check character (an engine reads 0 for O, 1 for I, 5 for S, 8 for B).

    Returns
    -------
    (str, bool) or None
        The number and whether its check character is right.

    Examples
    --------
    >>> find_gstin("GSTIN : 27AAPFUO939F1ZV")
    ('27AAPFU0939F1ZV', True)
    """
    seen = None
    for found in _LOOSE.finditer(re.sub(r"[\s:.-]+", " ", text.upper())):
        fixed = _by_place(found[0])
        for entity in (fixed[12], fixed[12].translate(_TO_DIGIT), fixed[12].translate(_TO_LETTER)):
            if is_gstin(fixed[:12] + entity + fixed[13:]):
                return fixed[:12] + entity + fixed[13:], True
        if seen is None and _SHAPE.fullmatch(fixed):
            seen = fixed, False
    return seen


def _by_place(text: str) -> str:
    """Make every character fit its place: digits, letters, the constant Z."""
    parts = []
    for character, place in zip(text, _PLACES, strict=True):
        if place == "N":
            parts.append(character.translate(_TO_DIGIT))
        elif place == "A":
            parts.append(character.translate(_TO_LETTER))
        else:
            parts.append(character)
    fixed = "".join(parts)
    return fixed[:13] + ("Z" if fixed[13] in "Z2" else fixed[13]) + fixed[14]
