"""Numbers written in words, replaced by digits so that they are checked like any other number."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

_MARKS = "\u0900-\u0963\u0966-\u0dff\u200c\u200d"
WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*")
"""A word of any of the scripts, its vowel signs included, the danda excluded."""

_SCALES = {
    100: "hundred sau सौ শ শো সো સો शे நூறு వందలు వందల వంద ನೂರು",
    1_000: "thousand hazar hazaar हज़ार हजार হাজার હજાર ஆயிரம் ஆயிரத்து వేలు వేల వెయ్యి ಸಾವಿರ ಸಾವಿರದ",
    100_000: "lakh lakhs lac lacs लाख লাখ লক্ষ લાખ லட்சம் லட்சத்து లక్ష లక్షలు లక్షల ಲಕ್ಷ",
    10_000_000: "crore crores करोड़ कोटी কোটি કરોડ கோடி కోటి కోట్లు ಕೋಟಿ",
}
_HALVES = {
    Fraction(3, 2): "dedh ded डेढ़ দেড় દોઢ दीड ఒకటిన్నర ಒಂದೂವರೆ ஒன்றரை",
    Fraction(5, 2): "dhai adhai dhaai ढाई अढ़ाई আড়াই અઢી अडीच రెండున్నర ಎರಡೂವರೆ இரண்டரை",
}
_MODIFIERS = {
    Fraction(1, 2): "sadhe saadhe साढ़े সাড়ে સાડા साडे",
    Fraction(1, 4): "sava sawa savva सवा সওয়া સવા",
    Fraction(-1, 4): "paune pone पौने পৌনে પોણા पावणे",
}
_AMBIGUOUS = (
    "do ek one no tin sath saath tera bara char che sat sola nave दो एक দু এক নয় ஒரு ஒன்று ఒక ఒకటి ಒಂದು એક બે છ"
)
"""Words that are numbers only beside a unit: "kar do" asks for something, "নয়" is also "is not"."""
_ONLY = "just only merely exactly sirf keval bas सिर्फ़ सिर्फ केवल बस मात्र শুধু মাত্র ફક્ત માત્ર फक्त మాత్రమే ಕೇವಲ வெறும்"
_A_BEFORE = frozenset({"dozen", "gros"})
_SPANS = frozenset({"day", "vik", "week", "fortnight", "month", "year"})
_BEFORE_A_SPAN = frozenset({"in", "for", "vithin", "after"})
"""Before "a week" these make a span of time; elsewhere it is a rate."""
_LONGEST_PHRASE = 3


@dataclass(frozen=True, slots=True)
class _Token:
    """A word and where it stands; `form` is what is looked up."""

    form: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Read:
    """A number that was read: its value, the words used, the scale word that is left in the text."""

    value: Fraction
    used: int
    kept: str = ""
    sure: bool = True


def fold_word(word: str) -> str:
    """Return a word without the differences of spelling that change no meaning.

    Nukta and chandrabindu are often left out; Latin spellings of Hindi vary in the length of vowels.

    Examples
    --------
    >>> fold_word("paanch") == fold_word("panch"), fold_word("पाँच") == fold_word("पांच")
    (True, True)
    """
    form = unicodedata.normalize("NFC", word).lower()
    form = form.replace("\u093c", "").replace("\u09bc", "").replace("ँ", "ं").replace("ঁ", "")
    if not form.isascii():
        return form.replace("\u200c", "").replace("\u200d", "")
    form = form.replace("ee", "i").replace("oo", "u").replace("w", "v")
    return re.sub(r"(.)\1+", r"\1", form)


@cache
def folded(words: str) -> frozenset[str]:
    """Return the looked-up forms of a list of words."""
    return frozenset(fold_word(word) for word in words.split())


@cache
def _numbers() -> dict[str, int]:
    """Map each phrase below 100, and each glued hundred, to its number."""
    data = json.loads(
        files("samaan_ml.explain").joinpath("languages", "numerals.json").read_text(encoding="utf-8")
    )
    known: dict[str, int] = {}
    for rows in data["languages"].values():
        for number, phrases in enumerate(rows):
            for phrase in phrases:
                known.setdefault(" ".join(map(fold_word, phrase.replace("-", " ").split())), number)
    known.update((fold_word(word), number) for word, number in data["glued"].items())
    return known


@cache
def _values(which: str) -> dict[str, Fraction]:
    """Map the words of one table to their values."""
    tables: dict[str, Mapping[int, str] | Mapping[Fraction, str]] = {
        "scales": _SCALES,
        "halves": _HALVES,
        "modifiers": _MODIFIERS,
    }
    table = tables[which]
    return {fold_word(word): Fraction(value) for value, words in table.items() for word in words.split()}


def write_digits(text: str, units: frozenset[str]) -> str:
    """Replace the numbers that are written in words.

    Parameters
    ----------
    text : str
        The text, in any of the languages.
    units : frozenset of str
        Looked-up forms of what may follow a number: units, money, periods, multiples. A word that is a number in one
        language and something else in another is replaced only before one of these.

    Returns
    -------
    str
        The text with digits.

    Examples
    --------
    >>> write_digits("Order twelve hundred and fifty, or two dozen.", folded("dozen"))
    'Order 1250, or 2 dozen.'
    >>> write_digits("साढ़े तीन हज़ार रुपये", folded("रुपये"))
    '3.5 हज़ार रुपये'
    >>> write_digits("Kar do", folded("din"))
    'Kar do'
    """
    tokens = [_Token(fold_word(found[0]), found.start(), found.end()) for found in WORD.finditer(text)]
    pieces, at, place = [], 0, 0
    while place < len(tokens):
        read = _read(text, tokens, place, units)
        if read is None:
            place += 1
            continue
        last = tokens[place + read.used - 1]
        pieces.append(text[at : tokens[place].start] + _written(read))
        at, place = last.end, place + read.used
    return "".join(pieces) + text[at:]


def _written(read: _Read) -> str:
    """Write a number, and the scale word that stays."""
    whole, rest = divmod(read.value, 1)
    digits = str(int(whole)) + (f"{float(rest):.2f}".lstrip("0").rstrip("0") if rest else "")
    return f"{digits} {read.kept}".strip()


def _read(text: str, tokens: Sequence[_Token], place: int, units: frozenset[str]) -> _Read | None:
    """Read the number that starts at a word, with its scales."""
    scales = _values("scales")
    total, used, parts, kept = Fraction(0), 0, 0, ""
    last_scale = Fraction(10**9)
    sure = False
    while True:
        here = place + used
        if parts and here < len(tokens) and tokens[here].form == "and" and _joined(text, tokens, here):
            here += 1
        if parts and not _joined(text, tokens, here):
            break
        small = _small(text, tokens, here, units)
        scale_at = here + (small.used if small else 0)
        scale = None
        if scale_at < len(tokens) and (small is None or _joined(text, tokens, scale_at)):
            scale = scales.get(tokens[scale_at].form)
        if small is None and (scale is None or parts or not _stands_alone(text, tokens, scale_at, units)):
            break
        if (scale or Fraction(1)) >= last_scale:
            break
        value = small.value if small else Fraction(1)
        total += value * (scale or 1)
        used = (scale_at + 1 if scale else scale_at) - place
        parts += 1
        sure = sure or bool(scale) or bool(small and small.sure)
        # A rounding is meant only where a part of the scale is said: "1.5 lakh" may hide what "600" may not.
        partial = scale is not None and value.denominator > 1
        kept = text[tokens[scale_at].start : tokens[scale_at].end] if partial else ""
        coefficient = value
        last_scale = scale or Fraction(1)
        if scale is None:
            break
    if not parts:
        return None
    if not sure and not _before_unit(text, tokens, place + used, units) and not _after_only(tokens, place):
        return None
    if parts == 1 and kept:
        return _Read(coefficient, used, kept)
    return _Read(total, used)


def _small(text: str, tokens: Sequence[_Token], place: int, units: frozenset[str]) -> _Read | None:
    """Read a number below a scale: a phrase, a half, or either with its modifier."""
    if place >= len(tokens):
        return None
    form = tokens[place].form
    modifier = _values("modifiers").get(form)
    if modifier is not None:
        number = _phrase(text, tokens, place + 1)
        if number is not None and _joined(text, tokens, place + 1):
            return _Read(number.value + modifier, number.used + 1)
        following = tokens[place + 1].form if place + 1 < len(tokens) else ""
        if following in _values("scales") or following in units:
            return _Read(1 + modifier, 1)
        return None
    half = _values("halves").get(form)
    if half is not None:
        return _Read(half, 1)
    if form in ("a", "an") and place + 1 < len(tokens):
        following = tokens[place + 1].form
        if following in _SPANS and place and tokens[place - 1].form in _BEFORE_A_SPAN:
            return _Read(Fraction(1), 1)
        return _Read(Fraction(1), 1) if following in _values("scales") or following in _A_BEFORE else None
    if form == "half" and [each.form for each in tokens[place + 1 : place + 2]] == ["a"]:
        return _Read(Fraction(1, 2), 2) if _before_unit(text, tokens, place + 2, units) else None
    return _phrase(text, tokens, place)


def _phrase(text: str, tokens: Sequence[_Token], place: int) -> _Read | None:
    """Read the longest phrase of the table, with "and a half" behind it."""
    for length in range(min(_LONGEST_PHRASE, len(tokens) - place), 0, -1):
        words = tokens[place : place + length]
        if not all(_joined(text, tokens, place + k) for k in range(1, length)):
            continue
        number = _numbers().get(" ".join(word.form for word in words))
        if number is not None:
            behind = [each.form for each in tokens[place + length : place + length + 3]]
            if behind == ["and", "a", "half"]:
                return _Read(number + Fraction(1, 2), length + 3)
            sure = length > 1 or words[0].form not in folded(_AMBIGUOUS)
            return _Read(Fraction(number), length, sure=sure)
    return None


def _joined(text: str, tokens: Sequence[_Token], place: int) -> bool:
    """Whether only blanks or a hyphen stand before a word."""
    if not 0 < place < len(tokens):
        return False
    return re.fullmatch(r"[\s-]*", text[tokens[place - 1].end : tokens[place].start]) is not None


def _before_unit(text: str, tokens: Sequence[_Token], place: int, units: frozenset[str]) -> bool:
    """Whether a unit stands at a place, behind nothing but blanks."""
    return place < len(tokens) and _joined(text, tokens, place) and tokens[place].form in units


def _stands_alone(text: str, tokens: Sequence[_Token], place: int, units: frozenset[str]) -> bool:
    """Whether a scale word is a number of its own: before a unit, and with no digits in front."""
    digits = re.search(r"\d\s*$", text[: tokens[place].start])
    return digits is None and _before_unit(text, tokens, place + 1, units)


def _after_only(tokens: Sequence[_Token], place: int) -> bool:
    """Whether a word such as "only" stands before a place."""
    return place > 0 and tokens[place - 1].form in folded(_ONLY)
