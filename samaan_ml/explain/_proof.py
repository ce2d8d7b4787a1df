"""The number proof: every number, date and direction of a text must follow from the facts it cites."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from samaan_ml.domain.digits import fold_digits
from samaan_ml.explain._claim import Claim
from samaan_ml.explain._claims import find_claims
from samaan_ml.explain._cues import Clause, clauses, speaks_outside
from samaan_ml.explain._facts import TOPICS, Fact, Sentence
from samaan_ml.explain._number_claims import readable
from samaan_ml.explain._values import _Value, _values

_RATIO_SLACK = Fraction(1, 20)
_PAIRS = tuple(topic.compared for topic in TOPICS.values() if topic.compared)
_RATES = frozenset({"gain_per_day", "daily_demand"})


@dataclass(frozen=True, slots=True)
class ProvedClaim:
    """A claim and where it follows from.

    Parameters
    ----------
    claim : Claim
        The claim.
    basis : str or None
        The fact, or the arithmetic over facts, that yields it: "cost", "new_price - old_price"; None where
        nothing does.
    """

    claim: Claim
    basis: str | None


@dataclass(frozen=True, slots=True)
class NumberProof:
    """What was found of a text's claims.

    Parameters
    ----------
    claims : tuple of ProvedClaim
        Every claim with its basis.
    """

    claims: tuple[ProvedClaim, ...]

    @property
    def problems(self) -> tuple[Claim, ...]:
        """The claims that nothing supports."""
        return tuple(each.claim for each in self.claims if each.basis is None)

    @property
    def ok(self) -> bool:
        """Whether every claim is supported."""
        return not self.problems


def check_numbers(
    text: str, facts: Sequence[Fact], compared: Sequence[tuple[str, str]] | None = None
) -> NumberProof:
    """Prove the numbers of a text from facts.

    A number is supported where it equals a fact of its kind, as far as the digits shown tell (an amount shown
    without paise may hide 49 of them), or one step of arithmetic over the facts: a sum or difference of money, the
    difference or percentage change of compared facts, price times quantity, an amount a day times days. More
    digits may be hidden behind zeros only where the text says "about". A word of direction is supported by two
    compared facts in that order. Numbers in words count like digits. A number must also fit the words of its clause:
    what is on hand is not what should sell, what is promised is not what is paid, an amount a day is none a month, and
    nothing may be denied.

    Parameters
    ----------
    text : str
        The text, in any of the languages.
    facts : sequence of Fact
        The facts it may use.
    compared : sequence of (str, str) or None, default=None
        Ids of facts before and after; None takes the topics' own pairs.

    Returns
    -------
    NumberProof
        `ok`, and what is unsupported in `problems`.

    Examples
    --------
    >>> facts = [Fact.money("old_price", 4_000), Fact.money("new_price", 4_400)]
    >>> check_numbers("Raise it from ₹40 to ₹44, by 10%.", facts).ok
    True
    >>> [claim.text for claim in check_numbers("Lower it to ₹45.", facts).problems]
    ['lower', '₹45']
    """
    numbers = {fact.id: fact.number for fact in facts if fact.number is not None}
    pairs = [
        pair
        for pair in (compared if compared is not None else _PAIRS)
        if pair[0] in numbers and pair[1] in numbers
    ]
    values = tuple(_values(facts, pairs))
    plain = readable(without_names(text, facts))
    parts = clauses(plain)
    claims = find_claims(plain)
    proved = []
    for place, claim in enumerate(claims):
        clause = next(each for each in parts if each.start <= claim.start < each.end)
        if claim.kind == "direction":
            basis = _direction_basis(claim, numbers, pairs)
        elif claim.kind == "day":
            basis = _day_basis(claim, facts)
        elif claim.kind == "ratio":
            basis = _ratio_basis(claim, numbers, pairs)
        else:
            basis = _number_basis(claim, values, clause)
            if basis is not None and _is_repeated(claim, claims, numbers, pairs):
                basis = None
            if basis is not None and _is_reversed(
                plain[: claim.start], claim, claims[:place], numbers, pairs
            ):
                basis = None
        proved.append(ProvedClaim(claim, basis))
    proved += _statements(plain, parts, proved, facts)
    return NumberProof(tuple(proved))


def _statements(
    plain: str, parts: Sequence[Clause], proved: Sequence[ProvedClaim], facts: Sequence[Fact]
) -> list[ProvedClaim]:
    """List what clauses say without a number of their own and facts do not yield."""
    known = {fact.id for fact in facts}
    numbers = {fact.id: fact.number for fact in facts}
    wrong: list[ProvedClaim] = []
    outside = speaks_outside(plain)
    if outside is not None:
        wrong.append(ProvedClaim(Claim("unreadable", outside, plain.find(outside)), None))
    for clause in parts:
        words = plain[clause.start : clause.end].strip()
        own = [each for each in proved if clause.start <= each.claim.start < clause.end]
        denies = clause.is_denied and "owed" not in clause.roles
        sells = bool(known & {"idle_days", "at_risk", "missing", "days_known"}) and clause.roles <= {
            "demand",
            "stock",
        }
        if denies and not sells:
            wrong.append(ProvedClaim(Claim("unreadable", words, clause.start), None))
        if clause.is_empty and numbers.get("on_hand") and "days_left" not in known:
            wrong.append(ProvedClaim(Claim("unreadable", words, clause.start), None))
        money = [each for each in own if each.claim.kind == "money"]
        paid = any(each.basis == "promised - unpaid" for each in money)
        if "paid" in clause.roles and money and not paid:
            wrong += [ProvedClaim(each.claim, None) for each in money if each.basis is not None]
    return wrong


def prove_sentences(
    sentences: Sequence[Sentence], facts: Sequence[Fact], compared: Sequence[tuple[str, str]] | None = None
) -> tuple[list[Sentence], list[str]]:
    """Keep the sentences that cite facts and are proved by those alone; say why the others fall.

    Examples
    --------
    >>> kept, dropped = prove_sentences([Sentence("All is well.", ())], [Fact.count("n", 1)])
    >>> kept, dropped
    ([], ["'All is well.' cites no fact"])
    """
    by_id = {fact.id: fact for fact in facts}
    kept, dropped = [], []
    for sentence in sentences:
        unknown = [name for name in sentence.fact_ids if name not in by_id]
        if not sentence.fact_ids:
            dropped.append(f"'{sentence.text}' cites no fact")
        elif unknown:
            dropped.append(f"'{sentence.text}' cites the unknown fact '{unknown[0]}'")
        else:
            proof = check_numbers(sentence.text, [by_id[name] for name in sentence.fact_ids], compared)
            if proof.ok:
                kept.append(sentence)
            else:
                dropped.append(
                    f"'{sentence.text}' claims '{proof.problems[0].text}', which its facts do not yield"
                )
    return kept, dropped


def without_names(text: str, facts: Sequence[Fact]) -> str:
    """Blank out the names that are facts themselves: 'Parle-G 65 g' claims no 65 grams.

    Examples
    --------
    >>> without_names("Order 5 of Parle-G 65 g", [Fact.item("item", "Parle-G 65 g")])
    'Order 5 of             '
    """
    blanked = unicodedata.normalize("NFC", fold_digits(text))
    names = [unicodedata.normalize("NFC", fold_digits(fact.name)) for fact in facts if fact.name]
    for name in sorted(names, key=len, reverse=True):
        pattern = r"(?<!\d)" + re.escape(name) + r"(?!\d)"
        blanked = re.sub(pattern, lambda found: " " * len(found[0]), blanked, flags=re.IGNORECASE)
    return blanked


def _number_basis(claim: Claim, values: Sequence[_Value], clause: Clause) -> str | None:
    """Find what a number follows from, in the role that its clause gives it."""
    if claim.value is None:
        return None
    for value in values:
        if not clause.allows(value.fact_ids, claim.kind):
            continue
        if value.fact_ids & _RATES and clause.periods - {1} and 1 not in clause.periods:
            if any(_fits(claim, replace(value, number=value.number * days)) for days in clause.periods):
                return f"{value.basis} x {max(clause.periods)}"
            continue
        if _fits(claim, value):
            return value.basis
    return None


def _fits(claim: Claim, value: _Value) -> bool:
    """Return whether a claim states a value, as far as its digits tell."""
    assert claim.value is not None
    number = value.number
    if claim.kind == "plain":
        if value.kind == "quantity":
            number = number / 1000
        elif value.kind == "money" and _is_scaled(claim):
            number = number / 100
        elif value.kind != "count":
            return False
    elif claim.kind != value.kind or claim.unit != value.unit:
        return False
    away = abs(abs(claim.value) - abs(number))
    if away == 0:
        return claim.value >= 0 or number < 0 or "-" in value.basis
    derived = not value.basis.isidentifier()
    hidden = claim.step / 2 if derived or _shows_decimals(claim) or claim.kind == "money" else Fraction(0)
    if claim.hedged:
        hidden = max(hidden, _zeros_step(claim) / 2)
    return away <= hidden and claim.value != 0


def _is_scaled(claim: Claim) -> bool:
    """Whether a bare number has a scale word, as amounts of money have: "1.5 lakh"."""
    return claim.step >= 100 or (claim.value or 0) >= 1000


def _shows_decimals(claim: Claim) -> bool:
    """Return whether a claim shows digits behind a point, or a scale word: both are roundings."""
    return "." in claim.text or claim.step >= 1000 * (100 if claim.kind == "money" else 1)


def _zeros_step(claim: Claim) -> Fraction:
    """Return the worth of the last digit that is not zero: what "about" may hide, at most a twentieth."""
    assert claim.value is not None
    step = claim.step or Fraction(1)
    while claim.value and claim.value % (step * 10) == 0:
        step *= 10
    return min(step, abs(claim.value) / 10)


def _day_basis(claim: Claim, facts: Sequence[Fact]) -> str | None:
    """Find the day that a date states."""
    assert claim.on is not None
    year, month, day = claim.on
    for fact in facts:
        if fact.on and (fact.on.month, fact.on.day) == (month, day) and year in {None, fact.on.year}:
            return fact.id
    return None


def _direction_basis(claim: Claim, numbers: dict[str, int], pairs: Sequence[tuple[str, str]]) -> str | None:
    """Find two compared facts that move as a word says."""
    for before, after in pairs:
        if numbers[before] != numbers[after] and (numbers[after] > numbers[before]) == (claim.unit == "up"):
            return f"{before}, {after}"
    return None


def _ratio_basis(claim: Claim, numbers: dict[str, int], pairs: Sequence[tuple[str, str]]) -> str | None:
    """Find two facts whose ratio a word such as "double", or a part such as "3 quarters", states, to a twentieth."""
    assert claim.value is not None
    ratios = [(f"{after} / {before}", numbers[after], numbers[before]) for before, after in pairs]
    if {"promised", "unpaid"} <= numbers.keys():
        left, all_of_it = numbers["unpaid"], numbers["promised"]
        ratios += [("unpaid / promised", left, all_of_it), ("paid / promised", all_of_it - left, all_of_it)]
    for basis, top, bottom in ratios:
        if bottom and abs(Fraction(top, bottom) / claim.value - 1) <= _RATIO_SLACK:
            return basis
    return None


def _is_repeated(
    claim: Claim, claims: Sequence[Claim], numbers: dict[str, int], pairs: Sequence[tuple[str, str]]
) -> bool:
    """Return whether a text that claims a move states one end of it twice and the other never."""
    if not any(each.kind == "direction" for each in claims):
        return False
    stated = [each.value for each in claims if each.kind == claim.kind and each.unit == claim.unit]
    for old, new in pairs:
        ends = (numbers[old], numbers[new])
        if ends[0] != ends[1] and claim.value in ends:
            other = ends[1] if claim.value == ends[0] else ends[0]
            if stated.count(claim.value) > 1 and other not in stated:
                return True
    return False


_FROM_WORDS = re.compile(
    r"(?:\bfrom(?:\s+the)?(?:\s+usual)?|\bwas|\bagainst(?:\s+the)?(?:\s+usual)?|\binstead of|\busual(?:ly)?|"
    r"पहले|रोज़ के|roz ke|pehle|नेहमीच्या|રોજના|রোজকার|வழக்கமான|మామూలు|ಎಂದಿನ)\s*$"
)
_TO_WORDS = re.compile(
    r"(?:\bto|\bnow|\binto|बढ़ाकर|घटाकर|बढ़कर|घटकर|badhakar|ghatakar|badhkar|ghatkar|वाढवून|घटवून|वाढून|घटून|વધારીને|ઘટાડીને|વધીને|ઘટીને|"
    r"বাড়িয়ে|কমিয়ে|বেড়ে|কমে|நிலிருந்து|இலிருந்து|నుండి|ರಿಂದ)\s*$"
)


def _is_reversed(
    before: str,
    claim: Claim,
    earlier: Sequence[Claim],
    numbers: dict[str, int],
    pairs: Sequence[tuple[str, str]],
) -> bool:
    """Return whether a number stands in the other's place: 'from the new price to the old one'."""
    before = before.rstrip()
    for old, new in pairs:
        if (
            numbers[old] == numbers[new]
            or claim.value is None
            or claim.kind not in {"money", "quantity", "plain"}
        ):
            continue
        scale = 1000 if claim.kind == "plain" else 1
        value = claim.value * scale
        if value == numbers[new] and _FROM_WORDS.search(before):
            return True
        if (
            value == numbers[old]
            and _TO_WORDS.search(before)
            and any(each.value is not None and each.value * scale == numbers[new] for each in earlier)
        ):
            return True
    return False
