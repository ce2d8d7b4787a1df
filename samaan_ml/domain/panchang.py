"""Sun, moon and lunar months by arithmetic: what dates India's moving festivals for any year.

Longitudes follow the series of J. Meeus, *Astronomical Algorithms*, 2nd ed. (1998), chapters 25 and 47,
cut where a term is worth less than a minute of time. The sidereal zero point is Lahiri's, the one the Indian
national calendar uses. Days and sunrises are those of Ujjain, the traditional reference place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

_J2000 = 2451545.0
_UNIX_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_UNIX_EPOCH_JULIAN = 2440587.5
_IST_DAYS = 5.5 / 24
_UJJAIN_LATITUDE_RADIANS = math.radians(23.18)
_UJJAIN_LONGITUDE_DEGREES = 75.77
_EARTH_CLOCK_LAG_DAYS = 70 / 86400  # terrestrial time is ahead of the clock by about 70 s in this century

TITHI_DEGREES = 12.0
SYNODIC_MONTH_DAYS = 29.530588853

# (amplitude in 1e-6 degree, multiples of D, M, M', F): the moon's largest periodic terms in longitude.
_MOON_TERMS = (
    (6288774, 0, 0, 1, 0),
    (1274027, 2, 0, -1, 0),
    (658314, 2, 0, 0, 0),
    (213618, 0, 0, 2, 0),
    (-185116, 0, 1, 0, 0),
    (-114332, 0, 0, 0, 2),
    (58793, 2, 0, -2, 0),
    (57066, 2, -1, -1, 0),
    (53322, 2, 0, 1, 0),
    (45758, 2, -1, 0, 0),
    (-40923, 0, 1, -1, 0),
    (-34720, 1, 0, 0, 0),
    (-30383, 0, 1, 1, 0),
    (15327, 2, 0, 0, -2),
    (-12528, 0, 0, 1, 2),
    (10980, 0, 0, 1, -2),
    (10675, 4, 0, -1, 0),
    (10034, 0, 0, 3, 0),
    (8548, 4, 0, -2, 0),
    (-7888, 2, 1, -1, 0),
    (-6766, 2, 1, 0, 0),
    (-5163, 1, 0, -1, 0),
    (4987, 1, 1, 0, 0),
    (4036, 2, -1, 1, 0),
    (3994, 2, 0, 2, 0),
    (3861, 4, 0, 0, 0),
    (3665, 2, 0, -3, 0),
)


class LunarMonth(NamedTuple):
    """One lunar month, new moon to new moon: 0 is Chaitra; a leap (adhika) month has the next one's number."""

    number: int
    leap: bool
    start: float
    end: float


def julian_day(day: date, hour_ist: float = 0.0) -> float:
    """Return the Julian day of an hour of Indian Standard Time on a date."""
    return day.toordinal() - _UNIX_EPOCH_ORDINAL + _UNIX_EPOCH_JULIAN + hour_ist / 24 - _IST_DAYS


def civil_day(julian: float) -> date:
    """Return the date in India at a Julian day."""
    return date.fromordinal(math.floor(julian - _UNIX_EPOCH_JULIAN + _IST_DAYS) + _UNIX_EPOCH_ORDINAL)


def sun_longitude(julian: float) -> float:
    """Return the sun's apparent tropical longitude in degrees, right to about 0.01."""
    t = _centuries(julian)
    anomaly = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = (
        (1.914602 - 0.004817 * t) * math.sin(anomaly)
        + (0.019993 - 0.000101 * t) * math.sin(2 * anomaly)
        + 0.000289 * math.sin(3 * anomaly)
    )
    node = math.radians(125.04 - 1934.136 * t)
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t
    return (mean + centre - 0.00569 - 0.00478 * math.sin(node)) % 360


def moon_longitude(julian: float) -> float:
    """Return the moon's tropical longitude in degrees, right to about 0.02."""
    t = _centuries(julian)
    elongation = math.radians(297.8501921 + 445267.1114034 * t - 0.0018819 * t * t)
    sun_anomaly = math.radians(357.5291092 + 35999.0502909 * t)
    moon_anomaly = math.radians(134.9633964 + 477198.8675055 * t + 0.0087414 * t * t)
    latitude = math.radians(93.2720950 + 483202.0175233 * t - 0.0036539 * t * t)
    periodic = sum(
        amplitude * math.sin(d * elongation + m * sun_anomaly + mp * moon_anomaly + f * latitude)
        for amplitude, d, m, mp, f in _MOON_TERMS
    )
    mean = 218.3164477 + 481267.88123421 * t - 0.0015786 * t * t
    return (mean + periodic * 1e-6) % 360


def sidereal(longitude: float, julian: float) -> float:
    """Turn a tropical longitude into one counted from Lahiri's zero point, in degrees."""
    years = (julian - _J2000) / 365.25
    return (longitude - 23.853 - 0.0139664 * years) % 360


def elongation(julian: float) -> float:
    """Return how far the moon is ahead of the sun, in degrees from 0 (new moon) to 360."""
    return (moon_longitude(julian) - sun_longitude(julian)) % 360


def sunrise_hour(day: date) -> float:
    """Return the hour of sunrise at Ujjain in Indian Standard Time."""
    return _noon_hour() - _half_day_hours(day)


def sunset_hour(day: date) -> float:
    """Return the hour of sunset at Ujjain in Indian Standard Time."""
    return _noon_hour() + _half_day_hours(day)


@lru_cache(maxsize=64)
def lunar_months(year: int) -> tuple[LunarMonth, ...]:
    """Return the lunar months that touch a Gregorian year, each ending at a new moon (amanta)."""
    first = new_moon_near(julian_day(date(year, 1, 1)) - SYNODIC_MONTH_DAYS)
    months = []
    start = first
    while start < julian_day(date(year + 1, 1, 1)):
        end = new_moon_near(start + SYNODIC_MONTH_DAYS)
        months += _named_months(start, end)
        start = end
    return tuple(months)


def new_moon_near(julian: float) -> float:
    """Return the Julian day of the new moon nearest to an instant."""
    for _ in range(8):
        ahead = (elongation(julian) + 180) % 360 - 180
        julian -= ahead / 360 * SYNODIC_MONTH_DAYS
    return julian


def tithi_span(month: LunarMonth, tithi: int) -> tuple[float, float]:
    """Return when a tithi (1 to 30; 15 full moon, 30 new moon) of a month begins and ends, as Julian days."""
    return _when_elongation(month, (tithi - 1) * TITHI_DEGREES), _when_elongation(
        month, tithi * TITHI_DEGREES
    )


def sun_enters(sign: int, year: int) -> date:
    """Return the day India keeps for the sun's entry into a sidereal sign (0 Mesha to 11 Mina) in a year.

    An entry after sunset is kept on the next day.
    """
    target = sign * 30.0
    guess = julian_day(date(year, 4, 14)) + ((sign + 3) % 12 - 3) * 30.44
    for _ in range(6):
        behind = (target - sidereal(sun_longitude(guess), guess) + 180) % 360 - 180
        guess += behind * 365.25 / 360
    day = civil_day(guess)
    return day + timedelta(days=1) if guess > julian_day(day, sunset_hour(day)) else day


def days_between(start: date, end: date) -> Iterator[date]:
    """Yield the dates from start to end, both included."""
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        yield date.fromordinal(ordinal)


def nakshatra(day: date, hour_ist: float) -> int:
    """Return the moon's lunar mansion (0 Ashvini to 26 Revati) at an hour of a date."""
    instant = julian_day(day, hour_ist)
    return int(sidereal(moon_longitude(instant), instant) // (360 / 27))


def first_evening_with_crescent(new_moon: float) -> date:
    """Return the evening on which India sees the new crescent: 11.5 degrees from the sun at sunset."""
    evening = civil_day(new_moon)
    while True:
        instant = julian_day(evening, sunset_hour(evening))
        if instant > new_moon and 11.5 <= elongation(instant) < 180:
            return evening
        evening += timedelta(days=1)


def _centuries(julian: float) -> float:
    """Return the Julian centuries of terrestrial time since the year 2000."""
    return (julian + _EARTH_CLOCK_LAG_DAYS - _J2000) / 36525


def _noon_hour() -> float:
    """Return mean noon at Ujjain by the clock of 82.5 degrees east."""
    return 12 + (82.5 - _UJJAIN_LONGITUDE_DEGREES) / 15


def _half_day_hours(day: date) -> float:
    """Return half the length of daylight, with refraction and the sun's radius counted in."""
    longitude = math.radians(sun_longitude(julian_day(day, 12.0)))
    declination = math.asin(math.sin(math.radians(23.44)) * math.sin(longitude))
    horizon = math.sin(math.radians(-0.833)) - math.sin(_UJJAIN_LATITUDE_RADIANS) * math.sin(declination)
    return (
        math.degrees(math.acos(horizon / (math.cos(_UJJAIN_LATITUDE_RADIANS) * math.cos(declination)))) / 15
    )


def _named_months(start: float, end: float) -> list[LunarMonth]:
    """Name a lunar month by the sign the sun enters in it.

    None entered makes it a leap month; two, as in 1963 and 1982, make it two months in one.
    """
    sign_at_start = int(sidereal(sun_longitude(start), start) // 30)
    sign_at_end = int(sidereal(sun_longitude(end), end) // 30)
    if sign_at_start == sign_at_end:
        return [LunarMonth((sign_at_end + 1) % 12, True, start, end)]
    entered = [(sign_at_start + k) % 12 for k in range(1, (sign_at_end - sign_at_start) % 12 + 1)]
    return [LunarMonth(sign, False, start, end) for sign in entered]


def _when_elongation(month: LunarMonth, degrees: float) -> float:
    """Return the Julian day in a month at which the moon is so many degrees ahead of the sun."""
    if degrees <= 0:
        return month.start
    if degrees >= 360:
        return month.end
    instant = month.start + degrees / 360 * (month.end - month.start)
    for _ in range(6):
        ahead = (elongation(instant) - degrees + 180) % 360 - 180
        instant -= ahead / 360 * SYNODIC_MONTH_DAYS
    return instant
