"""Every number, date and direction that a text claims, in any of its languages."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Literal

from samaan_ml.domain.digits import fold_digits
from samaan_ml.explain._facts import LANGUAGES
from samaan_ml.explain._languages import words_of

ClaimKind = Literal[
    "money", "percent", "quantity", "days", "day", "plain", "ratio", "direction", "unreadable"
]

_MONEY = (
    "₹|rs|inr|rupees?|rupaye|rupay|rupaiya|रु|रू|रुपये|रुपए|रुपया|रुपयों|টাকা|টাকার|રૂ|રૂપિયા|રૂપિયાનો|ரூ|ரூபாய்|"
    "రూ|రూపాయలు|రూపాయల|ರೂ|ರೂಪಾಯಿ|ರೂಪಾಯಿಗಳು|रुपयांचा|रुपयांचे"
)
_PERCENT = "%|percent|per cent|pct|pratishat|fisadi|प्रतिशत|फ़ीसदी|फीसदी|टक्के|टक्का|শতাংশ|ટકા|சதவீதம்|శాతం|ಶೇಕಡಾ|ಪ್ರತಿಶತ"
_SCALES: dict[str, int] = {
    **dict.fromkeys(
        ("lakh", "lakhs", "lac", "lacs", "लाख", "লাখ", "লক্ষ", "લાખ", "லட்சம்", "లక్ష", "లక్షలు", "లక్షల", "ಲಕ್ಷ"),
        10**5,
    ),
    **dict.fromkeys(
        ("crore", "crores", "cr", "करोड़", "कोटी", "কোটি", "કરોડ", "கோடி", "కోటి", "కోట్లు", "ಕೋಟಿ"), 10**7
    ),
    **dict.fromkeys(
        (
            "thousand",
            "hazar",
            "hazaar",
            "k",
            "हज़ार",
            "हजार",
            "হাজার",
            "હજાર",
            "ஆயிரம்",
            "వేలు",
            "వేల",
            "వెయ్యి",
            "ಸಾವಿರ",
        ),
        10**3,
    ),
    **dict.fromkeys(("hundred", "sau", "सौ"), 100),
    **dict.fromkeys(("million", "millions", "mn"), 10**6),
}
_UNITS: dict[str, tuple[str, Fraction]] = {
    **dict.fromkeys(
        (
            "kg",
            "kgs",
            "kilo",
            "kilos",
            "kilogram",
            "kilograms",
            "किलो",
            "किग्रा",
            "কেজি",
            "કિલો",
            "கிலோ",
            "కిలో",
            "కిలోలు",
            "ಕೆಜಿ",
        ),
        ("kg", Fraction(1000)),
    ),
    **dict.fromkeys(("g", "gm", "gram", "grams", "ग्राम", "গ্রাম", "ગ્રામ"), ("kg", Fraction(1))),
    **dict.fromkeys(
        (
            "l",
            "litre",
            "litres",
            "liter",
            "liters",
            "लीटर",
            "लिटर",
            "লিটার",
            "લિટર",
            "லிட்டர்",
            "లీటరు",
            "లీటర్లు",
            "ಲೀಟರ್",
        ),
        ("l", Fraction(1000)),
    ),
    **dict.fromkeys(("ml", "मिली"), ("l", Fraction(1))),
    **dict.fromkeys(
        (
            "piece",
            "pieces",
            "pcs",
            "pc",
            "packet",
            "packets",
            "pack",
            "packs",
            "unit",
            "units",
            "नग",
            "पैकेट",
            "টি",
            "নગ",
            "નંગ",
            "எண்ணிக்கை",
            "నగ",
            "నగలు",
            "ನಗ",
        ),
        ("piece", Fraction(1000)),
    ),
    **dict.fromkeys(("dozen", "dozens", "darjan", "दर्जन"), ("piece", Fraction(12_000))),
}
_TIMES: dict[str, int | None] = {
    **dict.fromkeys(
        (
            "day",
            "days",
            "din",
            "dino",
            "dinon",
            "दिन",
            "दिनों",
            "दिवस",
            "दिवसांत",
            "দিন",
            "દિવસ",
            "நாள்",
            "நாட்கள்",
            "రోజు",
            "రోజులు",
            "రోజుల",
            "ದಿನ",
            "ದಿನಗಳು",
        ),
        1,
    ),
    **dict.fromkeys(("week", "weeks", "hafta", "hafte", "हफ़्ते", "हफ्ते", "हफ़्ता", "सप्ताह"), 7),
    **dict.fromkeys(("fortnight", "fortnights"), 14),
    **dict.fromkeys(
        (
            "month",
            "months",
            "year",
            "years",
            "hour",
            "hours",
            "minute",
            "minutes",
            "mahine",
            "mahina",
            "saal",
            "ghante",
            "महीने",
            "महीना",
            "साल",
            "घंटे",
        ),
        None,
    ),
}
_NUMBER_WORDS: dict[str, Fraction] = {
    word: Fraction(value)
    for value, words in {
        "2": "two दो do",
        "3": "three तीन teen",
        "4": "four चार chaar char",
        "5": "five पाँच पांच paanch panch",
        "6": "six छह छः chhah chhe",
        "7": "seven सात saat",
        "8": "eight आठ aath",
        "9": "nine नौ nau",
        "10": "ten दस das",
        "11": "eleven ग्यारह gyarah",
        "12": "twelve बारह barah",
        "13": "thirteen तेरह terah",
        "14": "fourteen चौदह chaudah",
        "15": "fifteen पंद्रह पन्द्रह pandrah",
        "16": "sixteen सोलह solah",
        "17": "seventeen सत्रह satrah",
        "18": "eighteen अठारह atharah",
        "19": "nineteen उन्नीस unnis",
        "20": "twenty बीस bees",
        "25": "पच्चीस pachchis pachees",
        "30": "thirty तीस tees",
        "40": "forty चालीस chalis",
        "50": "fifty पचास pachas",
        "60": "sixty साठ saath",
        "70": "seventy सत्तर sattar",
        "75": "पचहत्तर pachhattar",
        "80": "eighty अस्सी assi",
        "90": "ninety नब्बे nabbe",
        "3/2": "डेढ़ dedh",
        "5/2": "ढाई dhai",
    }.items()
    for word in words.split()
}
_RATIOS: dict[str, Fraction] = {
    **dict.fromkeys(
        (
            "double",
            "doubles",
            "doubled",
            "doubling",
            "twice",
            "twofold",
            "दोगुना",
            "दोगुनी",
            "दुगुना",
            "दुगनी",
            "dugna",
            "dugni",
            "doguna",
        ),
        Fraction(2),
    ),
    **dict.fromkeys(("triple", "triples", "tripled", "thrice", "तिगुना", "tiguna"), Fraction(3)),
    **dict.fromkeys(
        ("half", "halves", "halved", "halving", "आधा", "आधी", "आधे", "aadha", "aadhi", "aadhe"), Fraction(1, 2)
    ),
    **dict.fromkeys(("quarter", "चौथाई", "chauthai"), Fraction(1, 4)),
}
_HEDGES = [
    "about",
    "around",
    "roughly",
    "nearly",
    "approximately",
    "approx",
    "almost",
    "some",
    "~",
    "करीब",
    "लगभग",
    "तक़रीबन",
    "kareeb",
    "karib",
    "lagbhag",
    "takriban",
    "प्रायः",
    "सुमारे",
    "अंदाजे",
    "প্রায়",
    "આશરે",
    "લગભગ",
    "சுமார்",
    "సుమారు",
    "దాదాపు",
    "ಸುಮಾರು",
]
_MONTH_NAMES = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितम्बर अक्तूबर नवम्बर दिसम्बर",
    "janvari farvari march april mai june julai agast sitambar aktubar navambar disambar",
)
_SEPARATED = r"\d{1,3}(?:,\d{2,3})+|\d+"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a text.

    Parameters
    ----------
    kind : ClaimKind
        What it is a claim about.
    text : str
        The words that make it.
    start : int
        Where it begins.
    value : Fraction or None, default=None
        Its number: paise, milli-units, basis points, days or a bare number.
    step : Fraction, default=0
        Worth of one step of the last digit shown: what rounding may hide.
    unit : str or None, default=None
        "kg", "l" or "piece" of a quantity; "up" or "down" of a direction.
    on : tuple of (int or None, int, int) or None, default=None
        Year (None where not said), month and day of a date.
    hedged : bool, default=False
        Whether the text says "about".
    """

    kind: ClaimKind
    text: str
    start: int
    value: Fraction | None = None
    step: Fraction = Fraction(0)
    unit: str | None = None
    on: tuple[int | None, int, int] | None = None
    hedged: bool = False


def find_claims(text: str) -> tuple[Claim, ...]:
    """List all claims of a text, dates before numbers, then words of direction and ratio.

    Examples
    --------
    >>> [(claim.kind, int(claim.value)) for claim in find_claims("₹1.2 लाख, 15% and 5 days")]
    [('money', 12000000), ('percent', 1500), ('days', 5)]
    """
    folded = unicodedata.normalize("NFC", fold_digits(text)).lower()
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
    edge = r"(?![\w\u0900-\u0dff])"
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


@cache
def _number_pattern() -> re.Pattern[str]:
    """Build the form of a number with its currency, scale, unit and hedge."""

    def either(words: object) -> str:
        return "|".join(sorted(map(re.escape, words), key=len, reverse=True))  # type: ignore[call-overload]

    edge = r"(?![^\W\d_]|[\u0900-\u0dff](?<!\d))"
    spelled = either(_NUMBER_WORDS)
    return re.compile(
        rf"(?:(?P<hedge>{either(_HEDGES)})\s*)?"
        rf"(?:(?<![\w])(?P<before>{_MONEY})\.?\s*)?"
        rf"(?P<minus>(?<![\w)])[-−–])?"
        rf"(?:(?P<whole>(?<![\d.]){_SEPARATED})(?:\.(?P<part>\d+))?|(?<![\w\u0900-\u0dff])(?P<spelled>{spelled}))"
        rf"(?:\s*(?P<scale>{either(_SCALES)}){edge})?"
        rf"(?:\s*-?\s*(?:(?P<after>{_MONEY}){edge}|(?P<percent>{_PERCENT})|(?P<unit>{either(_UNITS)}){edge}|(?P<time>{either(_TIMES)}){edge}))?"
    )


def _numbers(text: str) -> list[Claim]:
    """List the numbers of a text; a number word counts only with a unit, since 'do' and 'das' are words too."""
    claims = []
    for found in _number_pattern().finditer(text):
        if found["spelled"] and not any(
            found[name] for name in ("before", "scale", "after", "percent", "unit", "time")
        ):
            continue
        claims.append(_number_claim(found))
    return claims


def _number_claim(found: re.Match[str]) -> Claim:
    """Make a claim of a number."""
    if found["spelled"]:
        value, step = _NUMBER_WORDS[found["spelled"]], Fraction(0)
    else:
        part = found["part"] or ""
        value = Fraction(int(found["whole"].replace(",", "") + part), 10 ** len(part))
        step = Fraction(1, 10 ** len(part))
    scale = _SCALES[found["scale"]] if found["scale"] else 1
    value, step = value * scale, step * scale
    hedged, text, start = bool(found["hedge"]), found[0].strip(), found.start()
    sign = -1 if found["minus"] else 1
    if found["before"] or found["after"]:
        return Claim("money", text, start, sign * value * 100, step * 100, hedged=hedged)
    if found["percent"]:
        return Claim("percent", text, start, sign * value * 100, step * 100, hedged=hedged)
    if found["unit"]:
        unit, factor = _UNITS[found["unit"]]
        return Claim("quantity", text, start, sign * value * factor, step * factor, unit, hedged=hedged)
    if found["time"]:
        days = _TIMES[found["time"]]
        if days is None:
            return Claim("unreadable", text, start)
        return Claim("days", text, start, sign * value * days, step * days, hedged=hedged)
    return Claim("plain", text, start, sign * value, step, hedged=hedged)


@cache
def _direction_words() -> dict[str, str]:
    """Map the words of direction of all languages to up and down."""
    words: dict[str, str] = {}
    for language in LANGUAGES:
        words.update(dict.fromkeys(words_of(language).up, "up"))
        words.update(dict.fromkeys(words_of(language).down, "down"))
    return words


_LETTERS = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0900-\u0dff]|\u200d|\u200c)*")


def _words(text: str) -> list[Claim]:
    """List the words that claim a direction or a ratio."""
    claims = []
    directions = _direction_words()
    for found in _LETTERS.finditer(text):
        word = found[0]
        if word in directions:
            claims.append(Claim("direction", word, found.start(), unit=directions[word]))
        elif word in _RATIOS:
            claims.append(Claim("ratio", word, found.start(), _RATIOS[word]))
    return claims
