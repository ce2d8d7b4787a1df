"""Barcodes of packed goods (GTIN): EAN-8, EAN-13, UPC-A and ITF-14, also with their leading zeros lost."""

from __future__ import annotations

from samaan_ml.domain.errors import RuleError

__all__ = ["barcode_key", "canonical_barcode"]

_EAN_8, _EAN_13, _GTIN_14 = 8, 13, 14
_SHORTEST = 6
_BETWEEN = str.maketrans("", "", " -")


def canonical_barcode(code: str) -> str:
    """Write a barcode in the one form it is kept in: EAN-8, EAN-13, or GTIN-14 of a case.

    A UPC-A is an EAN-13 that begins with 0, and a spreadsheet drops leading zeros: neither changes the check digit.

    Parameters
    ----------
    code : str
        6 to 14 digits; blanks and hyphens between them do not count.

    Raises
    ------
    RuleError
        When it has other characters or another length, or the check digit is wrong.

    References
    ----------
    GS1 General Specifications, section 7.9: the check digit of a GTIN.

    Examples
    --------
    >>> canonical_barcode("036000291452"), canonical_barcode("36000291452"), canonical_barcode("96385074")
    ('0036000291452', '0036000291452', '96385074')
    """
    digits = code.translate(_BETWEEN)
    if not (digits.isascii() and digits.isdigit() and _SHORTEST <= len(digits) <= _GTIN_14):
        raise RuleError(
            f"'{code}' is no barcode", "barcode", hint="an EAN, UPC or GTIN has 8, 12, 13 or 14 digits"
        )
    if not _checks(digits):
        raise RuleError(f"the check digit of '{code}' is wrong; scan it again", "barcode")
    plain = digits.lstrip("0")
    if len(digits) <= _EAN_8:
        return digits.zfill(_EAN_8)
    return plain if len(plain) == _GTIN_14 else plain.zfill(_EAN_13)


def barcode_key(code: str) -> str | None:
    """Return what the spellings of one barcode have in common, or None for a text that is none.

    Examples
    --------
    >>> barcode_key("036000291452") == barcode_key("0036000291452") == barcode_key("36000 291452")
    True
    >>> barcode_key("sugar") is None
    True
    """
    digits = code.translate(_BETWEEN)
    if not (digits.isascii() and digits.isdigit() and _SHORTEST <= len(digits) <= _GTIN_14):
        return None
    return digits.lstrip("0") or None


def _checks(digits: str) -> bool:
    """Tell whether the last digit follows from the others."""
    weighted = sum(
        int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits[:-1]), start=1)
    )
    return (10 - weighted % 10) % 10 == int(digits[-1])
