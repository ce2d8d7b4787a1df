"""Digits of India's scripts, folded to the ones a machine counts with, and back."""

import unicodedata

NATIVE_ZEROS = {
    "bn": "\u09e6",
    "gu": "\u0ae6",
    "hi": "\u0966",
    "kn": "\u0ce6",
    "mr": "\u0966",
    "ta": "\u0be6",
    "te": "\u0c66",
}
"""The zero of each language's own digits; the other nine follow it in Unicode."""


def fold_digits(text: str) -> str:
    """Replace every decimal digit of any script by its ASCII form; the length stays the same.

    Examples
    --------
    >>> fold_digits("\u0967\u0968\u0969.\u096b\u0966")
    '123.50'
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def to_native_digits(text: str, language: str) -> str:
    """Write ASCII digits in a language's own script, where it has one.

    Examples
    --------
    >>> to_native_digits("12", "hi")
    '\u0967\u0968'
    >>> to_native_digits("12", "en")
    '12'
    """
    zero = NATIVE_ZEROS.get(language)
    if zero is None:
        return text
    return "".join(chr(ord(zero) + int(c)) if c in "0123456789" else c for c in text)
