"""Dates as Indian bills write them, and what stands in the place of one and is none."""

import re
from datetime import date

from samaan_ml.domain.digits import fold_digits

_LONGEST_ROW, _OLDEST_DAYS = 400, 20 * 365

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january जनवरी जन",
            "feb february फरवरी फ़रवरी",
            "mar march मार्च",
            "apr april अप्रैल",
            "may मई",
            "jun june जून",
            "jul july जुलाई",
            "aug august अगस्त",
            "sep sept september सितंबर सितम्बर",
            "oct october अक्टूबर अक्तूबर",
            "nov november नवंबर नवम्बर",
            "dec december दिसंबर दिसम्बर",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
# A time glued behind a four-digit year ("16/04/201816:28") is a habit of engines, hence no \b after it.
_DATES = (
    re.compile(r"(?<!\d)(?P<y>20\d{2}|19\d{2})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<y>20\d{2}|19\d{2})"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/.,\s]{{0,3}}(?P<name>{_MONTH})[-/.,'\s]{{0,3}}(?P<y>20\d{{2}}|19\d{{2}})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![a-z])(?P<name>{_MONTH})[-/.,\s]{{0,3}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/.,'\s]{{1,3}}(?P<y>20\d{{2}}|19\d{{2}})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/.,\s]{{0,3}}(?P<name>{_MONTH})[-/.,'\s]{{0,3}}(?P<y>\d{{2}})(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\d/.-])(?P<d>\d{1,2})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<y>\d{2})(?![\d/.-]*[/-]\d)(?!\d(?!\d?:))"
    ),
)


def find_date(text: str, today: date) -> tuple[date, str] | None:
    """Find the first date in a text; day before month, as India writes it.

    Parameters
    ----------
    text : str
        Any text.
    today : date
        A bill is not dated after tomorrow: decides two-digit years and doubtful orders.

    Returns
    -------
    (date, str) or None
        The date and the piece of text it was read from.

    Examples
    --------
    >>> find_date("Dt: 05/11/26", date(2026, 11, 23))
    (datetime.date(2026, 11, 5), '05/11/26')
    >>> find_date("16/04/201816:28", date(2026, 11, 23))
    (datetime.date(2018, 4, 16), '16/04/2018')
    """
    folded = fold_digits(text[:_LONGEST_ROW])
    for pattern in _DATES:
        for found in pattern.finditer(folded):
            day = _checked_date(found, today)
            if day is not None:
                return day, found[0]
    return None


def find_dates(text: str, today: date) -> list[tuple[int, date, str]]:
    """Find all dates in a text: where each begins, its day, and the piece of text it was read from.

    Examples
    --------
    >>> [(start, day.isoformat()) for start, day, _ in find_dates("Due 25/11/26 Dt 05/11/26", date(2026, 11, 30))]
    [(4, '2026-11-25'), (16, '2026-11-05')]
    """
    folded = fold_digits(text[:_LONGEST_ROW])
    found: dict[int, tuple[date, str]] = {}
    taken = [False] * len(folded)
    for pattern in _DATES:
        for match in pattern.finditer(folded):
            day = None if any(taken[match.start() : match.end()]) else _checked_date(match, today)
            if day is not None:
                found[match.start()] = (day, match[0])
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    return [(start, *found[start]) for start in sorted(found)]


_DOUBTFUL_DATE = re.compile(
    r"(?<!\d)(?P<d>\d{1,2}) ?[-/. ] ?(?P<m>\d{1,2}) ?[-/. ] ?(?P<y>\d{4}|\d{2})(?!\d)|(?<!\d)(?P<whole>\d{8})(?!\d)"
)


def find_doubtful_date(text: str, today: date) -> tuple[str, date | None, tuple[date, ...]] | None:
    """Find what stands for a date and is none as it is read: impossible, in the future, or written without marks.

    Returns
    -------
    (str, date or None, tuple of date) or None
        The text, the day where only one is possible, and days to offer where the user must say.

    Examples
    --------
    >>> find_doubtful_date("Date: 05112026", date(2026, 11, 30))
    ('05112026', datetime.date(2026, 11, 5), ())
    >>> find_doubtful_date("Date: 05/12/2026", date(2026, 11, 30))
    ('05/12/2026', None, (datetime.date(2026, 5, 12),))
    """
    found = _DOUBTFUL_DATE.search(fold_digits(text[:_LONGEST_ROW]))
    if found is None:
        return None
    if found["whole"]:
        whole = found["whole"]
        real = _real_day(int(whole[4:]), int(whole[2:4]), int(whole[:2]), today)
        return (found[0], real, ()) if real is not None else None
    year = int(found["y"]) + (2000 if int(found["y"]) < 100 else 0)
    day, month = int(found["d"]), int(found["m"])
    options = {_real_day(year, m, d, today) for m, d in ((month, day), (day, month))}
    if options == {None}:
        options = {_real_day(year - 1, month, day, today)}
    return found[0], None, tuple(sorted(option for option in options if option is not None))


def _real_day(year: int, month: int, day: int, today: date) -> date | None:
    """Return a day that exists, lies within twenty years and not after tomorrow; else None."""
    try:
        value = date(year, month, day)
    except ValueError:
        return None
    return value if -1 <= (today - value).days <= _OLDEST_DAYS else None


def _checked_date(found: re.Match[str], today: date) -> date | None:
    """Turn a match into a date not after tomorrow, trying month first where day first cannot be."""
    groups = found.groupdict()
    year = int(groups["y"])
    if year < 100:
        year += today.year // 100 * 100
        year -= 100 if year > today.year + 1 else 0
    if groups.get("name"):
        orders = [(int(groups["d"]), _MONTHS[groups["name"].lower()])]
    else:
        first, second = int(groups["d"]), int(groups["m"])
        orders = [(first, second) if second <= 12 else (second, first)]
    for day, month in orders:
        try:
            value = date(year, month, day)
        except ValueError:
            continue
        if (value - today).days <= 1:
            return value
    return None
