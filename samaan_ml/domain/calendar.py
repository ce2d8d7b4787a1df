"""When Indian shops sell differently: festivals, fasts, pay-days, weddings and harvests, by state.

It has what lists of public holidays leave out: Dhanteras, Akshaya Tritiya, the spans of Navratri and Ramzan,
pay-days, wedding and harvest seasons. Lunar and solar dates are computed (see `panchang`), so that any year
can be asked. Two caveats: traditions differ by a day here and there, and Ramzan and the Eids hang on a
sighting of the moon: this calendar expects the crescent, the committee announces it.

States are named by their ISO 3166-2:IN codes, as in the `holidays` package: `MH`, `UP`, `TN`, `WB`...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from samaan_ml.domain import panchang
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.panchang import (
    LunarMonth,
    civil_day,
    days_between,
    julian_day,
    sunrise_hour,
    sunset_hour,
)

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "STATES",
    "Festival",
    "events_between",
    "events_on",
    "festivals",
    "is_pay_day",
    "occurrences",
    "same_festival_last_year",
]

FIRST_YEAR, LAST_YEAR = 1950, 2100
"""The years for which the arithmetic of sun and moon is right to the minute."""

STATES = (
    *(
        "AN",
        "AP",
        "AR",
        "AS",
        "BR",
        "CG",
        "CH",
        "DH",
        "DL",
        "GA",
        "GJ",
        "HP",
        "HR",
        "JH",
        "JK",
        "KA",
        "KL",
        "LA",
    ),
    *(
        "LD",
        "MH",
        "ML",
        "MN",
        "MP",
        "MZ",
        "NL",
        "OD",
        "PB",
        "PY",
        "RJ",
        "SK",
        "TN",
        "TR",
        "TS",
        "UK",
        "UP",
        "WB",
    ),
)
"""States and union territories of India."""

_NORTH = ("BR", "CG", "CH", "DL", "HP", "HR", "JH", "JK", "MP", "PB", "RJ", "UK", "UP")
_SOUTH = ("AP", "KA", "KL", "PY", "TN", "TS")
_DECCAN = ("AP", "GA", "KA", "MH", "TS")
_EAST = ("AS", "OD", "TR", "WB")

_CHAITRA, _VAISHAKHA, _JYESHTHA, _ASHADHA, _SHRAVANA, _BHADRAPADA = range(6)
_ASHVINA, _KARTIKA, _MARGASHIRSHA, _PAUSHA, _MAGHA, _PHALGUNA = range(6, 12)
_MESHA, _SIMHA, _DHANU, _MAKARA, _MINA = 0, 4, 8, 9, 11
_SHRAVANA_NAKSHATRA = 21
_RAMADAN_1446_NEW_MOON = julian_day(date(2025, 2, 28), 6.25)

_MOMENTS: dict[str, Callable[[date], float]] = {
    "sunrise": sunrise_hour,
    "forenoon": lambda day: sunrise_hour(day) + 3,
    "midday": lambda day: (sunrise_hour(day) + sunset_hour(day)) / 2,
    "afternoon": lambda day: sunrise_hour(day) + 0.7 * (sunset_hour(day) - sunrise_hour(day)),
    "evening": lambda day: sunset_hour(day) + 1.2,
    "midnight": lambda day: (sunrise_hour(day) + sunset_hour(day)) / 2 + 12,
}


@dataclass(frozen=True, slots=True, order=True)
class Festival:
    """A festival, fast or season of one year.

    Parameters
    ----------
    start, end : date
        Its first and its last day; the same for a single day.
    name : str
        Its name in lower case, e.g. `dhanteras`.
    regions : tuple of str, default=()
        The states that keep it; empty where all do.

    Examples
    --------
    >>> [f.start.isoformat() for f in festivals(2025) if f.name == "dhanteras"]
    ['2025-10-18']
    """

    start: date
    end: date
    name: str
    regions: tuple[str, ...] = ()

    def is_kept_in(self, region: str | None) -> bool:
        """Return whether a state keeps it; without a state, whether the whole country does."""
        return not self.regions or region in self.regions


@dataclass(frozen=True, slots=True)
class _LunarRule:
    """A festival on a tithi of a lunar month: the day (of two the later, if asked) it holds at a moment."""

    name: str
    month: int
    tithi: int
    moment: str
    regions: tuple[str, ...] = ()
    shift: int = 0
    later: bool = False


_LUNAR_RULES = (
    _LunarRule("maha_shivaratri", _MAGHA, 29, "midnight"),
    _LunarRule("holi", _PHALGUNA, 15, "evening", shift=1),
    _LunarRule("ugadi", _CHAITRA, 1, "sunrise", _DECCAN),
    _LunarRule("ram_navami", _CHAITRA, 9, "midday", later=True),
    _LunarRule("akshaya_tritiya", _VAISHAKHA, 3, "forenoon"),
    _LunarRule("rath_yatra", _ASHADHA, 2, "sunrise", ("OD", "WB", "GJ", "JH")),
    _LunarRule("raksha_bandhan", _SHRAVANA, 15, "forenoon", (*_NORTH, "GJ", "MH", "WB", "OD")),
    _LunarRule("janmashtami", _SHRAVANA, 23, "midnight"),
    _LunarRule("hartalika_teej", _BHADRAPADA, 3, "sunrise", ("BR", "JH", "MP", "RJ", "UP", "UK", "CG")),
    _LunarRule("ganesh_chaturthi", _BHADRAPADA, 4, "midday", (*_DECCAN, "GJ", "TN", "MP", "PY")),
    _LunarRule("dussehra", _ASHVINA, 10, "afternoon", later=True),
    _LunarRule("sharad_purnima", _ASHVINA, 15, "evening", (*_EAST, "GJ", "MH")),
    _LunarRule("karva_chauth", _ASHVINA, 19, "evening", _NORTH),
    _LunarRule(
        "dhanteras", _ASHVINA, 28, "evening", (*_NORTH, "GJ", "MH", "GA", "KA", "WB", "OD", "AP", "TS")
    ),
    _LunarRule("diwali", _ASHVINA, 30, "evening", later=True),
    _LunarRule("govardhan_puja", _KARTIKA, 1, "afternoon", (*_NORTH, "GJ", "MH")),
    _LunarRule("bhai_dooj", _KARTIKA, 2, "midday", (*_NORTH, "GJ", "MH", "WB")),
    _LunarRule(
        "guru_nanak_jayanti", _KARTIKA, 15, "sunrise", ("PB", "CH", "HR", "DL", "HP", "JK", "UK", "RJ")
    ),
)


def festivals(year: int, region: str | None = None) -> tuple[Festival, ...]:
    """Return the festivals and seasons that begin in a year, by date; of one state if one is named.

    Raises
    ------
    RuleError
        When the year or the state is unknown here.

    Examples
    --------
    >>> [f.name for f in festivals(2026, "WB") if f.start.month == 10]
    ['gandhi_jayanti', 'navratri', 'kharif_harvest', 'durga_puja', 'dussehra', 'sharad_purnima']
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleError(f"'year' must lie in {FIRST_YEAR} to {LAST_YEAR}, got {year}")
    if region is None:
        return _all_of(year)
    if region not in STATES:
        raise RuleError(
            f"'region' must be a state's code like 'MH', got '{region}'; known: {', '.join(STATES)}"
        )
    return tuple(festival for festival in _all_of(year) if festival.is_kept_in(region))


def events_between(start: date, end: date, region: str | None = None) -> Iterator[tuple[date, str]]:
    """Yield each day of each festival and season, and the pay-days, from start to end, by date.

    Without a state only what the whole country keeps is given.

    Examples
    --------
    >>> [event for _, event in events_between(date(2025, 10, 20), date(2025, 10, 20), "MH")]
    ['kharif_harvest', 'diwali']
    """
    for day in days_between(start, end):
        for event in events_on(day, region):
            yield day, event


def events_on(day: date, region: str | None = None) -> tuple[str, ...]:
    """Return what a day is in a state: names of festivals, seasons, and `pay_day`."""
    if region is not None and region not in STATES:
        raise RuleError(
            f"'region' must be a state's code like 'MH', got '{region}'; known: {', '.join(STATES)}"
        )
    names = [festival.name for festival in _by_day(day.year).get(day, ()) if festival.is_kept_in(region)]
    if is_pay_day(day):
        names.append("pay_day")
    return tuple(names)


def is_pay_day(day: date) -> bool:
    """Return whether salaries (the 1st) or factory wages (by law before the 7th ends) are paid.

    Where the day is a Sunday the money comes the day before.
    """
    if day.weekday() == 6:
        return False
    return day.day in (1, 7) or (day.weekday() == 5 and (day + timedelta(days=1)).day in (1, 7))


def occurrences(name: str, start: date, end: date) -> tuple[Festival, ...]:
    """Return every occurrence of a festival that begins between two days.

    Examples
    --------
    >>> [f.start.isoformat() for f in occurrences("diwali", date(2024, 1, 1), date(2026, 12, 31))]
    ['2024-10-31', '2025-10-20', '2026-11-08']
    """
    found = (festival for year in range(start.year, end.year + 1) for festival in festivals(year))
    return tuple(festival for festival in found if festival.name == name and start <= festival.start <= end)


def same_festival_last_year(day: date, name: str) -> date | None:
    """Return the day that lay as far from the same festival a year before; None where none is near.

    A lag of 364 days is wrong for a festival that follows the moon: it moves by 10 to 20 days.

    Examples
    --------
    >>> same_festival_last_year(date(2025, 10, 18), "diwali")
    datetime.date(2024, 10, 29)
    """
    near = occurrences(name, day - timedelta(days=60), day + timedelta(days=60))
    if not near:
        return None
    anchor = min(near, key=lambda festival: abs((festival.start - day).days)).start
    before = occurrences(name, anchor - timedelta(days=400), anchor - timedelta(days=300))
    return before[0].start + (day - anchor) if before else None


@lru_cache(maxsize=64)
def _all_of(year: int) -> tuple[Festival, ...]:
    """Gather a year's festivals of every kind."""
    found = [
        *_lunar(year),
        *_lunar_spans(year),
        *_solar(year),
        *_islamic(year),
        *_fixed(year),
        *_weddings(year),
    ]
    return tuple(sorted(festival for festival in found if festival.start.year == year))


@lru_cache(maxsize=64)
def _by_day(year: int) -> dict[date, tuple[Festival, ...]]:
    """Index by day what falls into a year, seasons that began the year before included."""
    index: dict[date, tuple[Festival, ...]] = {}
    earlier = _all_of(year - 1) if year > FIRST_YEAR else ()
    for festival in (*earlier, *_all_of(year)):
        for day in days_between(festival.start, festival.end):
            if day.year == year:
                index[day] = (*index.get(day, ()), festival)
    return index


def _lunar(year: int) -> Iterator[Festival]:
    """Yield the single-day festivals of the moon."""
    for month in panchang.lunar_months(year):
        for rule in _LUNAR_RULES:
            if rule.month == month.number and not month.leap:
                day = _day_of(month, rule.tithi, rule.moment, rule.later) + timedelta(days=rule.shift)
                yield Festival(day, day, rule.name, rule.regions)


def _lunar_spans(year: int) -> Iterator[Festival]:
    """Yield the festivals of the moon that last for days."""
    for month in panchang.lunar_months(year):
        if month.leap:
            continue
        if month.number == _CHAITRA:
            start, end = _day_of(month, 1, "sunrise"), _day_of(month, 9, "midday")
            yield Festival(start, end, "chaitra_navratri", (*_NORTH, "GJ", "MH"))
        elif month.number == _BHADRAPADA:
            yield Festival(_day_of(month, 16, "afternoon"), _day_of(month, 30, "afternoon"), "pitru_paksha")
        elif month.number == _ASHVINA:
            start, dussehra = _day_of(month, 1, "sunrise"), _day_of(month, 10, "afternoon")
            yield Festival(start, dussehra - timedelta(days=1), "navratri")
            yield Festival(_day_of(month, 6, "sunrise"), dussehra, "durga_puja", (*_EAST, "BR", "JH"))
        elif month.number == _KARTIKA:
            day = _day_of(month, 6, "sunrise")
            yield Festival(
                day - timedelta(days=2), day + timedelta(days=1), "chhath", ("BR", "JH", "UP", "DL", "WB")
            )


def _solar(year: int) -> Iterator[Festival]:
    """Yield the festivals and harvest seasons that follow the sun."""
    makara, mesha = panchang.sun_enters(_MAKARA, year), panchang.sun_enters(_MESHA, year)
    yield Festival(makara, makara, "makar_sankranti")
    yield Festival(
        makara - timedelta(days=1), makara + timedelta(days=2), "pongal", ("TN", "PY", "AP", "TS", "KL")
    )
    yield Festival(
        makara - timedelta(days=1), makara - timedelta(days=1), "lohri", ("PB", "HR", "CH", "DL", "HP")
    )
    yield Festival(makara - timedelta(days=1), makara + timedelta(days=1), "magh_bihu", ("AS",))
    yield Festival(mesha, mesha, "baisakhi", ("PB", "HR", "CH", "DL", "HP"))
    yield Festival(
        mesha, mesha + timedelta(days=1), "new_year_of_the_sun", ("TN", "KL", "WB", "OD", "AS", "PY", "TR")
    )
    onam = _onam(year)
    yield Festival(onam - timedelta(days=9), onam, "onam", ("KL",))
    yield Festival(date(year, 4, 1), date(year, 5, 15), "rabi_harvest", (*_NORTH, "GJ", "MH"))
    yield Festival(date(year, 10, 15), date(year, 11, 30), "kharif_harvest")


def _onam(year: int) -> date:
    """Find Thiruvonam: the moon in Shravana while the sun is in Simha (the later one, if twice)."""
    start = panchang.sun_enters(_SIMHA, year)
    span = days_between(start, panchang.sun_enters(_SIMHA + 1, year) - timedelta(days=1))
    held = [
        day
        for day in span
        if _SHRAVANA_NAKSHATRA in (panchang.nakshatra(day, 9.0), panchang.nakshatra(day, 18.0))
    ]
    return max(held)


def _islamic(year: int) -> Iterator[Festival]:
    """Yield the festivals of the Islamic year, each month beginning after its crescent was seen."""
    years_on = round(
        (julian_day(date(year, 7, 1)) - _RAMADAN_1446_NEW_MOON) / (12 * panchang.SYNODIC_MONTH_DAYS)
    )
    for k in (years_on - 1, years_on, years_on + 1):
        fast, feast, sacrifice, new_year, birth = (
            _islamic_month(12 * k + months) for months in (0, 1, 3, 4, 6)
        )
        yield Festival(fast, feast - timedelta(days=1), "ramzan")
        yield Festival(feast, feast, "eid_al_fitr")
        yield Festival(sacrifice + timedelta(days=9), sacrifice + timedelta(days=9), "eid_al_adha")
        yield Festival(new_year + timedelta(days=9), new_year + timedelta(days=9), "muharram")
        yield Festival(birth + timedelta(days=11), birth + timedelta(days=11), "milad_un_nabi")


def _islamic_month(months_on: int) -> date:
    """Return the first day of the Islamic month so many months after Ramadan 1446."""
    about = _RAMADAN_1446_NEW_MOON + months_on * panchang.SYNODIC_MONTH_DAYS
    return panchang.first_evening_with_crescent(panchang.new_moon_near(about)) + timedelta(days=1)


def _fixed(year: int) -> Iterator[Festival]:
    """Yield what keeps its Gregorian date."""
    yield Festival(date(year, 1, 1), date(year, 1, 1), "new_year")
    yield Festival(date(year, 1, 26), date(year, 1, 26), "republic_day")
    yield Festival(date(year, 8, 15), date(year, 8, 15), "independence_day")
    yield Festival(date(year, 10, 2), date(year, 10, 2), "gandhi_jayanti")
    yield Festival(date(year, 12, 24), date(year, 12, 25), "christmas")


def _weddings(year: int) -> Iterator[Festival]:
    """Yield the wedding seasons: none in Chaturmas, in leap months, or with the sun in Dhanu or Mina."""
    months = panchang.lunar_months(year)
    rest = next(m for m in months if m.number == _ASHADHA and not m.leap)
    waking = next(m for m in months if m.number == _KARTIKA and not m.leap and civil_day(m.start).month > 8)
    seasons = (
        (panchang.sun_enters(_MAKARA, year), panchang.sun_enters(_MINA, year) - timedelta(days=1)),
        (panchang.sun_enters(_MESHA, year), _day_of(rest, 11, "sunrise") - timedelta(days=1)),
        (_day_of(waking, 11, "sunrise"), panchang.sun_enters(_DHANU, year) - timedelta(days=1)),
    )
    leap_spans = [(civil_day(m.start), civil_day(m.end)) for m in months if m.leap]
    for start, end in seasons:
        yield from _without(start, end, leap_spans)


def _without(start: date, end: date, cuts: list[tuple[date, date]]) -> Iterator[Festival]:
    """Yield the wedding season from start to end, less the days that are cut out."""
    for cut_start, cut_end in cuts:
        if cut_start <= end and cut_end >= start:
            yield from _without(start, cut_start - timedelta(days=1), [])
            start = cut_end + timedelta(days=1)
    if start <= end:
        yield Festival(start, end, "wedding_season")


def _day_of(month: LunarMonth, tithi: int, moment: str, later: bool = False) -> date:
    """Return the first (or the later) day on which a tithi holds at a moment; if on none, when it begins."""
    begins, ends = panchang.tithi_span(month, tithi)
    hour_of = _MOMENTS[moment]
    span = days_between(civil_day(begins) - timedelta(days=1), civil_day(ends))
    held = [day for day in span if begins <= julian_day(day, hour_of(day)) < ends]
    return held[-1 if later else 0] if held else civil_day(begins)
