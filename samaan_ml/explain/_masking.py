"""What names a person never leaves: phone, Aadhaar, PAN, GSTIN, UPI address and e-mail are masked.

Aadhaar numbers are distinguished from other twelve-digit numbers by their Verhoeff check digit (J. Verhoeff, Error
Detecting Decimal Codes, 1969): a bill or an amount of twelve digits stays.
"""

import re

from samaan_ml.domain.digits import fold_digits

_D = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_P = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)
_GSTIN = re.compile(r"(?<![0-9A-Za-z])\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z](?![0-9A-Za-z])", re.IGNORECASE)
_PAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?![0-9A-Za-z])", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_VPA = re.compile(r"(?<![\w.])[\w.-]{2,}@[A-Za-z]{2,}(?![\w.-]*\.[A-Za-z])")
_AADHAAR = re.compile(r"(?<!\d)[2-9]\d{3}([ -]?)\d{4}\1\d{4}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)?91[ -]?|0)?[6-9]\d{4}[ -]?\d{5}(?!\d)")
_SPACED_PHONE = re.compile(r"(?<!\d)(?:\+?91[ -]?)?[6-9]\d{2}[ -]\d{3}[ -]\d{4}(?!\d)")


def is_aadhaar(digits: str) -> bool:
    """Return whether twelve digits carry a right Verhoeff check digit.

    Examples
    --------
    >>> is_aadhaar("234123412346"), is_aadhaar("234123412347")
    (True, False)
    """
    if len(digits) != 12 or not digits.isdecimal():
        return False
    check = 0
    for place, digit in enumerate(reversed(fold_digits(digits))):
        check = _D[check][_P[place % 8][int(digit)]]
    return check == 0


def mask_personal(text: str) -> str:
    """Replace what identifies a person by the name of its kind in brackets.

    Examples
    --------
    >>> mask_personal("Call 98765 43210, UPI ramesh@okaxis, PAN ABCPE1234F")
    'Call [phone], UPI [upi], PAN [pan]'
    """
    masked = fold_digits(text)
    masked = _GSTIN.sub("[gstin]", masked)
    masked = _EMAIL.sub("[email]", masked)
    masked = _VPA.sub("[upi]", masked)
    masked = _PAN.sub("[pan]", masked)
    masked = _AADHAAR.sub(
        lambda found: "[aadhaar]" if is_aadhaar(re.sub(r"\D", "", found[0])) else found[0], masked
    )
    masked = _PHONE.sub("[phone]", masked)
    return _SPACED_PHONE.sub("[phone]", masked)
