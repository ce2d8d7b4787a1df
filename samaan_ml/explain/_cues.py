"""What the words around a number say of it: its role, its period, whether it is denied."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from samaan_ml.explain._numerals import WORD, fold_word

ROLE_FACTS: dict[str, frozenset[str]] = {
    "stock": frozenset({"on_hand", "missing", "reorder_point", "at_risk"}),
    "demand": frozenset({"expected_demand", "expected", "daily_demand", "usual", "at_risk", "missing"}),
    "order": frozenset({"order_quantity", "cost", "reorder_point"}),
    "paid": frozenset({"paid", "promised"}),
    "owed": frozenset({"overdue", "balance", "unpaid", "total", "promised"}),
    "limit": frozenset({"limit", "purchase", "reorder_point"}),
    "promised": frozenset({"promised"}),
    "gain": frozenset({"gain_per_day"}),
    "cost": frozenset({"cost", "value", "order_quantity"}),
    "price": frozenset({"old_price", "new_price", "price", "sold_at", "cost", "value", "change"}),
}
"""Facts that a clause with a role's words may state. A fact that no role names may stand anywhere."""

KNOWN_FACTS = frozenset().union(*ROLE_FACTS.values())
_QUANTITY_ROLES = frozenset({"stock", "demand", "order"})
_SCRIPTS = {
    "hi": ("\u0900", "\u097f"),
    "mr": ("\u0900", "\u097f"),
    "bn": ("\u0980", "\u09ff"),
    "gu": ("\u0a80", "\u0aff"),
    "ta": ("\u0b80", "\u0bff"),
    "te": ("\u0c00", "\u0c7f"),
    "kn": ("\u0c80", "\u0cff"),
}
_SAME_SCRIPT = {"hi": "mr", "mr": "hi", "en": "hi-Latn", "hi-Latn": "en"}
_SPLIT = re.compile(r"[;।॥!?\n]|[.,:](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a text between two separators, and what its words say.

    Parameters
    ----------
    start, end : int
        Where it stands.
    roles : frozenset of str
        Roles whose words it has.
    is_denied : bool
        Whether it has a word of negation.
    is_empty : bool
        Whether it says that nothing is left.
    periods : frozenset of int
        Periods in days ("a month" is 30) for which it states amounts.
    """

    start: int
    end: int
    roles: frozenset[str]
    is_denied: bool
    is_empty: bool
    periods: frozenset[int]

    def allows(self, fact_ids: frozenset[str], kind: str) -> bool:
        """Whether a number that states these facts may stand in the clause."""
        roles = self.roles if kind != "money" else self.roles - {"stock", "demand", "order"}
        roles = roles if kind != "quantity" else roles & _QUANTITY_ROLES
        if not roles or not fact_ids & KNOWN_FACTS:
            return True
        return any(fact_ids & ROLE_FACTS[role] for role in roles)


@cache
def _cues() -> dict[str, object]:
    """Read the lists of words."""
    text = files("samaan_ml.explain").joinpath("languages", "cues.json").read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(text)
    return found


@cache
def _phrases(*path: str) -> frozenset[str]:
    """Return one list of phrases, folded."""
    found: object = _cues()
    for key in path:
        assert isinstance(found, dict)
        found = found[key]
    assert isinstance(found, list)
    return frozenset(" ".join(map(_fold, phrase.split())) for phrase in found)


def _fold(word: str) -> str:
    """Fold a word; an apostrophe is left out."""
    return fold_word(word.replace("'", "").replace("\u2019", ""))


def clauses(text: str) -> tuple[Clause, ...]:
    """Split a text into clauses and read their words.

    Examples
    --------
    >>> [sorted(each.roles) for each in clauses("You have 6 and about 30 should sell.")]
    [['stock'], ['demand']]
    """
    edges = [0, *(found.end() for found in _SPLIT.finditer(text))]
    joints = _phrases("conjunctions")
    edges += [word.start() for word in WORD.finditer(text) if fold_word(word[0]) in joints]
    edges = sorted({*edges, len(text)})
    return tuple(_clause(text, start, end) for start, end in pairwise(edges))


def _clause(text: str, start: int, end: int) -> Clause:
    """Read one clause."""
    own = text[start:end].replace("'", "").replace("\u2019", "")
    words = [fold_word(found[0]) for found in WORD.finditer(own)]
    known = {" ".join(words[k : k + n]) for n in (1, 2, 3) for k in range(len(words) - n + 1)}
    roles = {role for role in ROLE_FACTS if known & _phrases("roles", role)}
    if "owed" in roles:
        roles.discard("paid")
    if "promised" in roles:
        roles.discard("paid")
    return Clause(
        start,
        end,
        frozenset(roles),
        is_denied=bool(known & _phrases("negations")),
        is_empty=bool(known & _phrases("empty")),
        periods=frozenset(int(days) for days in ("1", "7", "30", "365") if known & _phrases("periods", days)),
    )


def speaks_outside(text: str) -> str | None:
    """Return the first word of a text that no decision of the shop speaks of, such as "loan", or None.

    Examples
    --------
    >>> speaks_outside("Take a loan from the bank."), speaks_outside("Order 24.")
    ('loan', None)
    """
    words = [fold_word(found[0]) for found in WORD.finditer(text)]
    outside = _phrases("outside")
    for place, word in enumerate(words):
        if word in outside:
            return word
        pair = " ".join(words[place : place + 2])
        if pair in outside:
            return pair
    return None


def is_in_language(text: str, language: str) -> bool:
    """Whether a text is written in a language: by its script, and by its small words where two share one.

    Examples
    --------
    >>> is_in_language("Raise the price to ₹44.", "hi"), is_in_language("दाम बढ़ाकर ₹44 करें।", "hi")
    (False, True)
    """
    letters = [letter for letter in re.sub(r"\[\[\w+\]\]", "", text) if letter.isalpha()]
    if not letters:
        return True
    low, high = _SCRIPTS.get(language, ("A", "\u024f"))
    share = sum(low <= letter <= high for letter in letters) / len(letters)
    if share < 0.6:
        return False
    other = _SAME_SCRIPT.get(language)
    if other is None:
        return True
    words = {fold_word(found[0]) for found in WORD.finditer(text)}
    own, theirs = (len(words & _phrases("stop_words", each)) for each in (language, other))
    return own >= theirs
