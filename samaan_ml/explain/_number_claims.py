"""Find the numbers that a text claims."""

import re
import unicodedata
from fractions import Fraction
from functools import cache

from samaan_ml.domain.digits import fold_digits
from samaan_ml.explain._claim import Claim
from samaan_ml.explain._numerals import WORD, fold_word, write_digits

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
            "nag",
            "नग",
            "पैकेट",
            "টি",
            "নગ",
            "નંગ",
            "எண்ணிக்கை",
            "నగ",
            "నగలు",
            "పీసు",
            "పీసులు",
            "ನಗ",
            "ಪೀಸ್",
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
    **dict.fromkeys(
        [
            "দিনে",
            "দিনের",
            "દિવસમાં",
            "નாளில்",
            "நாட்களில்",
            "நாட்களுக்கு",
            "రోజుల్లో",
            "దినాలు",
            "ದಿನಗಳಲ್ಲಿ",
            "दिवसात",
            "दिवसांनी",
        ],
        1,
    ),
    **dict.fromkeys(
        [
            "week",
            "weeks",
            "hafta",
            "hafte",
            "hafton",
            "हफ़्ते",
            "हफ्ते",
            "हफ़्ता",
            "हफ्ता",
            "हफ़्तों",
            "सप्ताह",
            "সপ্তাহ",
            "সপ্তাহে",
            "સપ્તાહ",
            "અઠવાડિયું",
            "અઠવાડિયા",
            "அઠવાડિયામાં",
            "வாரம்",
            "வாரத்தில்",
            "வாரங்கள்",
            "வாரங்களில்",
            "వారం",
            "వారాలు",
            "వారాల్లో",
            "ವಾರ",
            "ವಾರಗಳು",
            "ವಾರದಲ್ಲಿ",
            "आठवडा",
            "आठवडे",
            "आठवड्यात",
            "आठवड्यांत",
        ],
        7,
    ),
    **dict.fromkeys(("fortnight", "fortnights", "पखवाड़ा"), 14),
    **dict.fromkeys(
        [
            "month",
            "months",
            "mahine",
            "mahina",
            "mahino",
            "महीने",
            "महीना",
            "महीनों",
            "माह",
            "মাস",
            "মাসে",
            "মাসের",
            "મહિનો",
            "મહિના",
            "મહિનામાં",
            "மாதம்",
            "மாதங்கள்",
            "மாதத்தில்",
            "నెల",
            "నెలలు",
            "నెలల్లో",
            "ತಿಂಗಳು",
            "ತಿಂಗಳ",
            "महिना",
            "महिने",
            "महिन्यात",
        ],
        30,
    ),
    **dict.fromkeys(
        [
            "year",
            "years",
            "hour",
            "hours",
            "minute",
            "minutes",
            "saal",
            "ghante",
            "साल",
            "घंटे",
            "বছর",
            "ঘণ্টা",
            "વર્ષ",
            "ஆண்டு",
            "ஆண்டுகள்",
            "సంవత్సరం",
            "ವರ್ಷ",
            "वर्ष",
            "वर्षे",
        ],
        None,
    ),
}


_MULTIPLES = "times fold guna gune guni गुना गुनी गुने গুণ পট पट ગણું ગણી ગણો மடங்கு రెట్లు ఇంతలు ಪಟ್ಟು x"


_PARTS = {
    "quarter": 4,
    "quarters": 4,
    "third": 3,
    "thirds": 3,
    "fifth": 5,
    "fifths": 5,
    "half": 2,
    "halves": 2,
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


_SEPARATED = r"\d{1,3}(?:,\d{2,3})+|\d+"


def readable(text: str) -> str:
    """Return a text in the form in which its claims are found: ASCII digits, small letters, no number in words.

    Examples
    --------
    >>> readable("Order two dozen")
    'order 2 dozen'
    """
    return write_digits(unicodedata.normalize("NFC", fold_digits(text)).lower(), _followers())


@cache
def _followers() -> frozenset[str]:
    """Return the words before which a number word is a number whatever else it means."""
    words = [*_UNITS, *_TIMES, *_MONEY.split("|"), *_PERCENT.split("|"), *_MULTIPLES.split(), *_PARTS]
    return frozenset(fold_word(word) for each in words for word in each.split() if WORD.fullmatch(word))


@cache
def _number_pattern() -> re.Pattern[str]:
    """Build the form of a number with its currency, scale, unit and hedge."""

    def either(words: object) -> str:
        return "|".join(sorted(map(re.escape, words), key=len, reverse=True))  # type: ignore[call-overload]

    edge = r"(?![^\W\d_]|[\u0900-\u0963\u0966-\u0dff](?<!\d))"
    return re.compile(
        rf"(?:(?P<hedge>{either(_HEDGES)})\s*)?"
        rf"(?:(?<![\w])(?P<before>{_MONEY})\.?\s*)?"
        rf"(?P<minus>(?<![\w)])[-−–])?"
        rf"(?:(?P<whole>(?<![\d.]){_SEPARATED})(?:\.(?P<part>\d+))?)"
        rf"(?:\s*(?P<scale>{either(_SCALES)}){edge})?"
        rf"(?:\s*-?\s*(?:(?P<after>{_MONEY}){edge}|(?P<percent>{_PERCENT})|(?P<unit>{either(_UNITS)}){edge}|(?P<time>{either(_TIMES)}){edge}))?"
    )


def _number_claim(found: re.Match[str]) -> Claim:
    """Make a claim of a number."""
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
