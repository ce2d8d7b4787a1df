"""Every number, date and direction that a text claims, in any of its languages."""

import re
import unicodedata
from datetime import date
from fractions import Fraction
from functools import cache

from samaan_ml.explain._claim import Claim
from samaan_ml.explain._facts import LANGUAGES
from samaan_ml.explain._languages import words_of
from samaan_ml.explain._number_claims import (
    _MULTIPLES,
    _PARTS,
    _TIMES,
    _UNITS,
    _number_claim,
    _number_pattern,
    readable,
)
from samaan_ml.explain._numerals import WORD, fold_word

_RATIOS: dict[str, Fraction] = {
    word: value
    for value, words in {
        Fraction(2): (
            "double doubles doubled doubling twice twofold दोगुना दोगुनी दोगुने दुगुना दुगुनी दुगना दुगनी dugna dugni doguna "
            "doguni dugni doguni dugune দ্বিগুণ দুগুণ दुप्पट બમણું બમણી બમણો இருமடங்கு రెట్టింపు ದುಪ್ಪಟ್ಟು"
        ),
        Fraction(3): (
            "triple triples tripled thrice threefold तिगुना तिगुनी तिगुने tiguna tiguni tigune তিনগুণ तिप्पट ત્રણગણું "
            "ત્રણગણી மும்மடங்கு మూడింతలు"
        ),
        Fraction(4): "quadruple quadruples quadrupled fourfold चौगुना चौगुनी chauguna chauguni চারগুণ चौपट",
        Fraction(3, 2): "দেড়গুণ दीडपट",
        Fraction(1, 2): (
            "half halves halved halving आधा आधी आधे aadha aadhi aadhe adha adhi adhe অর্ধেক अर्धा अर्धी अर्धे निम्मा निम्मी "
            "निम्मे અડધું અડધી અડધો பாதி சగం సగం ಅರ್ಧ"
        ),
        Fraction(1, 3): "third तिहाई tihai",
        Fraction(1, 4): "quarter चौथाई chauthai",
    }.items()
    for word in words.split()
}
_RATIO_STEMS = {"இரட்டிப்பா": Fraction(2), "பாதியா": Fraction(1, 2)}
_MORE = "above more higher over extra ऊपर ज़्यादा अधिक zyada upar বেশি जास्त વધુ அதிகம் ఎక్కువ ಹೆಚ್ಚು"
_LESS = "below less lower under नीचे कम kam neeche কম कमी ઓછું குறைவு తక్కువ ಕಡಿಮೆ"
_MONTH_NAMES = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितम्बर अक्तूबर नवम्बर दिसम्बर",
    "janvari farvari march april mai june julai agast sitambar aktubar navambar disambar",
)


def find_claims(text: str) -> tuple[Claim, ...]:
    """List all claims of a text, dates before numbers, then words of direction and ratio.

    Examples
    --------
    >>> [(claim.kind, int(claim.value)) for claim in find_claims("₹1.2 लाख, 15% and 5 days")]
    [('money', 12000000), ('percent', 1500), ('days', 5)]
    """
    folded = readable(text)
    claims: list[Claim] = []
    blanked = folded
    for pattern in _date_patterns():
        for found in pattern.finditer(blanked):
            claim = _date_claim(found)
            if claim is not None:
                claims.append(claim)
                blanked = blanked[: found.start()] + " " * len(found[0]) + blanked[found.end() :]
    claims += _numbers(blanked)
    claims += _words(blanked)
    return tuple(sorted(claims, key=lambda claim: claim.start))


@cache
def _months() -> dict[str, int]:
    """Map the month names of all languages to their numbers."""
    names: dict[str, int] = {}
    for line in _MONTH_NAMES:
        names.update((name, number) for number, name in enumerate(line.split(), start=1))
    for language in LANGUAGES:
        names.update(
            (month.lower(), number) for number, month in enumerate(words_of(language).months, start=1)
        )
    return {unicodedata.normalize("NFC", name): number for name, number in names.items()}


@cache
def _date_patterns() -> tuple[re.Pattern[str], ...]:
    """Build the forms of a date."""
    month = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    edge = r"(?![\w\u0900-\u0963\u0966-\u0dff])"
    return (
        re.compile(r"(?<![\d.])(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?![\d])"),
        re.compile(r"(?<![\d.])(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4}|\d{2})(?![\d])"),
        re.compile(
            rf"(?<![\d.])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]*(?P<name>{month}){edge}(?:[\s,-]*(?P<y>\d{{4}})(?!\d))?"
        ),
        re.compile(
            rf"(?<!\w)(?P<name>{month})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d,.]*\d)(?:[\s,]+(?P<y>\d{{4}})(?!\d))?"
        ),
    )


def _date_claim(found: re.Match[str]) -> Claim | None:
    """Make a claim of a date; an impossible one is a claim that nothing supports."""
    groups = found.groupdict()
    month = _months()[groups["name"]] if groups.get("name") else int(groups["m"])
    year = int(groups["y"]) if groups.get("y") else None
    if year is not None and year < 100:
        year += 2000
    try:
        date(year or 2024, month, int(groups["d"]))
    except ValueError:
        return Claim("unreadable", found[0], found.start())
    return Claim("day", found[0], found.start(), on=(year, month, int(groups["d"])))


def _numbers(text: str) -> list[Claim]:
    """List the numbers of a text; what states a part or a multiple is left to `_fractions`."""
    taken = [found.span() for pattern in _fraction_patterns() for found in pattern.finditer(text)]
    found_all = (found for found in _number_pattern().finditer(text))
    return [
        _number_claim(found)
        for found in found_all
        if not any(low <= found.end() - 1 and found.start() < high for low, high in taken)
    ]


@cache
def _direction_words() -> dict[str, str]:
    """Map the words of direction of all languages to up and down."""
    words: dict[str, str] = {}
    for language in LANGUAGES:
        words.update(dict.fromkeys(words_of(language).up, "up"))
        words.update(dict.fromkeys(words_of(language).down, "down"))
    return words


def _words(text: str) -> list[Claim]:
    """List the words that claim a direction, a part or a multiple."""
    claims = [_fraction_claim(text, found) for each in _fraction_patterns() for found in each.finditer(text)]
    directions = _direction_words()
    for found in WORD.finditer(text):
        word = found[0]
        ratio = _RATIOS.get(word) or next(
            (v for stem, v in _RATIO_STEMS.items() if word.startswith(stem)), None
        )
        if word in directions:
            claims.append(Claim("direction", word, found.start(), unit=directions[word]))
        elif ratio is not None and not any(c.start <= found.start() < c.start + len(c.text) for c in claims):
            claims.append(_ratio_claim(text, found, ratio))
    for pattern, way in _turns():
        claims += [Claim("direction", found[0], found.start(), unit=way) for found in pattern.finditer(text)]
    return claims


def _ratio_claim(text: str, found: re.Match[str], ratio: Fraction) -> Claim:
    """Make a claim of a word such as "half", or of a change such as "a quarter above"."""
    following = [fold_word(word[0]) for word in WORD.finditer(text, found.end(), found.end() + 24)][:1]
    changes = re.search(r"\b(?:by|se)\s+(?:a\s+)?$", text[: found.start()]) is not None
    if ratio < 1 and (changes or (following and following[0] in _forms(f"{_MORE} {_LESS}"))):
        return Claim("percent", found[0], found.start(), ratio * 10_000, Fraction(100))
    return Claim("ratio", found[0], found.start(), ratio)


@cache
def _forms(words: str) -> frozenset[str]:
    """Return the looked-up forms of words."""
    return frozenset(fold_word(word) for word in words.split())


@cache
def _fraction_patterns() -> tuple[re.Pattern[str], ...]:
    """Build the forms of a part or a multiple: "3 quarters", "2 in 3", "1.5 गुना"."""
    number = r"(?<![\d.,])(?P<top>\d{1,3}(?:\.\d{1,2})?)"
    periods = "|".join(sorted(map(re.escape, [*_TIMES, *_UNITS]), key=len, reverse=True))
    return (
        re.compile(rf"{number}\s*-?\s*(?P<part>{'|'.join(sorted(_PARTS, key=len, reverse=True))})(?!\w)"),
        re.compile(
            rf"{number}\s*(?:in|out of|में से|mein se)\s*(?P<bottom>\d{{1,3}})(?![\d.,]*\d)(?!\s*(?:{periods}))"
        ),
        re.compile(rf"{number}\s*(?:{'|'.join(map(re.escape, _MULTIPLES.split()))})(?![^\W\d_])"),
    )


def _fraction_claim(text: str, found: re.Match[str]) -> Claim:
    """Make a claim of a part or a multiple."""
    groups = found.groupdict()
    top = Fraction(groups["top"])
    if groups.get("bottom"):
        bottom = int(groups["bottom"])
        if not 0 < top <= bottom:
            return Claim("unreadable", found[0], found.start())
        return Claim("percent", found[0], found.start(), top / bottom * 10_000, Fraction(200))
    if groups.get("part"):
        return _ratio_claim(text, found, top / _PARTS[groups["part"]])
    return Claim("ratio", found[0], found.start(), top)


@cache
def _turns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Build the phrases that claim a direction by a word that alone claims none: "कम करें", "zyada karo"."""
    do = r"(?:कर|हो|हु|kar|kij|ho\b|hui|hua|করু|হয়|हो|झाल|કર|થ)"
    return (
        (re.compile(r"\b(?:below|less than|lower than|under)\s+(?:the\s+|your\s+)?usual"), "down"),
        (re.compile(r"\b(?:above|more than|higher than|over)\s+(?:the\s+|your\s+)?usual"), "up"),
        (re.compile(rf"(?<![^\W\d_])(?:कम|kam|কম|कमी|ઓછ[ુોી]ં?)\s+{do}"), "down"),
        (re.compile(rf"(?<![^\W\d_])(?:ज़्यादा|ज्यादा|zyada|jyada|বেশি|जास्त|વધારે)\s+{do}"), "up"),
    )
