"""Finding an item by any of its names, in any script, as people type them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from samaan_ml.domain.digits import fold_digits

__all__ = ["folded", "is_similar", "match_rank"]

_ALIKE = 0.88
"""Share of letters in common from which two names are taken for one."""
_COMPARED = 60
"""Letters that are compared of a name."""
_SHORTEST_ALIKE = 5
"""Shorter names are alike only where they are equal: salt is not malt."""
_IGNORED = {"\u200c", "\u200d", "\u093c", "\u09bc", "\u0a3c", "\u0abc"}
"""Joiners, and the dot below a letter that half of all keyboards leave out."""


def folded(text: str) -> str:
    """Write a name as it is compared: no case, no accents on Latin letters, no joiners, ASCII digits, words apart.

    Examples
    --------
    >>> folded("  Café-AU  lait "), folded("५ किलो")
    ('cafe au lait', '5 किलो')
    """
    kept = []
    for char in unicodedata.normalize("NFKD", fold_digits(text).casefold()):
        if char in _IGNORED or "\u0300" <= char <= "\u036f":
            continue
        # A vowel sign (category M) belongs to its word; what is neither letter, digit nor sign parts words.
        kept.append(char if unicodedata.category(char)[0] in "LMN" else " ")
    return " ".join("".join(kept).split())


def match_rank(query: str, names: Iterable[str]) -> int | None:
    """Return how well a query fits the best of an item's names.

    Parameters
    ----------
    query : str
        What was typed.
    names : iterable of str
        Name and aliases.

    Returns
    -------
    int or None
        0 for a whole name, 1 for the start of one, 2 where every word typed starts a word of one name, 3 where every
        word lies within it; None where it fits none.

    Examples
    --------
    >>> names = ("Sugar, loose", "cheeni", "चीनी")
    >>> [match_rank(query, names) for query in ("CHEENI", "sug", "loose sug", "ugar", "चीनी", "salt")]
    [0, 1, 2, 3, 0, None]
    """
    wanted = folded(query)
    if not wanted:
        return None
    ranks = (_rank(wanted, folded(name)) for name in names)
    return min((rank for rank in ranks if rank is not None), default=None)


def _rank(wanted: str, name: str) -> int | None:
    """Return how well a folded query fits a folded name."""
    if wanted == name:
        return 0
    if name.startswith(wanted):
        return 1
    words = wanted.split()
    if all(any(part.startswith(word) for part in name.split()) for word in words):
        return 2
    return 3 if all(word in name for word in words) else None


def is_similar(name: str, other: str) -> bool:
    """Tell whether two names are likely those of one item: spelt differently, with the same sizes.

    Numbers must agree, so that 100 g and 200 g of a brand stay apart; letters may differ by a slip in about eight.

    Examples
    --------
    >>> is_similar("Parle-G 100g", "parle g 100 g"), is_similar("Surf Excel", "Surf Exel")
    (True, True)
    >>> is_similar("Parle-G 100g", "Parle-G 200g"), is_similar("Salt", "Malt")
    (False, False)
    """
    (letters, numbers), (others, other_numbers) = _parts(name), _parts(other)
    if numbers != other_numbers:
        return False
    if letters == others:
        return bool(letters or numbers)
    if min(len(letters), len(others)) < _SHORTEST_ALIKE or letters[0] != others[0]:
        return False
    compared = SequenceMatcher(None, letters[:_COMPARED], others[:_COMPARED], autojunk=False)
    return (
        compared.real_quick_ratio() >= _ALIKE
        and compared.quick_ratio() >= _ALIKE
        and compared.ratio() >= _ALIKE
    )


def _parts(name: str) -> tuple[str, tuple[str, ...]]:
    """Part a folded name into its letters and its numbers."""
    text = folded(name)
    letters = "".join(char for char in text if not char.isdigit() and char != " ")
    digits = "".join(char if char.isdigit() else " " for char in text)
    return letters, tuple(digits.split())
