"""The computed festival calendar against published dates and the `holidays` package."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.calendar import (
    STATES,
    events_between,
    events_on,
    festivals,
    is_pay_day,
    occurrences,
    same_festival_last_year,
)
from samaan_ml.domain.errors import RuleError

YEARS = range(2001, 2036)

PUBLISHED = {  # dates kept in India, from newspapers and almanacs of those years
    "dhanteras": ["2023-11-10", "2024-10-29", "2025-10-18", "2026-11-06"],
    "diwali": ["2022-10-24", "2023-11-12", "2024-10-31", "2025-10-20", "2026-11-08"],
    "akshaya_tritiya": ["2023-04-22", "2024-05-10", "2025-04-30", "2026-04-19"],
    "navratri": ["2023-10-15", "2024-10-03", "2025-09-22", "2026-10-11"],
    "karva_chauth": ["2023-11-01", "2024-10-20", "2025-10-10"],
    "ramzan": ["2023-03-24", "2024-03-12", "2025-03-02"],
    "pitru_paksha": ["2024-09-18", "2025-09-08"],
    "janmashtami": ["2023-09-06", "2024-08-26", "2026-09-04"],
}

PUBLIC = {  # name in `holidays`: name here, greatest difference in days
    "Diwali": ("diwali", 1),
    "Dussehra": ("dussehra", 1),
    "Holi": ("holi", 1),
    "Ram Navami": ("ram_navami", 1),
    "Maha Shivaratri": ("maha_shivaratri", 0),
    "Guru Nanak's Birthday": ("guru_nanak_jayanti", 0),
    "Ugadi": ("ugadi", 0),
    "Raksha Bandhan": ("raksha_bandhan", 0),
    "Rath Yatra": ("rath_yatra", 0),
    "Makar Sankranti": ("makar_sankranti", 1),
    "Tamil New Year": ("new_year_of_the_sun", 0),
    "Karaka Chaturthi (Karwa Chouth)": ("karva_chauth", 0),
    "Govardhan Puja": ("govardhan_puja", 1),
    "Eid al-Fitr": ("eid_al_fitr", 1),
    "Eid al-Adha": ("eid_al_adha", 1),
}


def starts(name: str, year: int) -> list[date]:
    """Return the first days of a festival in a year."""
    return [festival.start for festival in festivals(year) if festival.name == name]


@pytest.fixture(scope="module")
def public_days() -> dict[tuple[int, str], set[date]]:
    """Dates of the `holidays` package by year and name, over some states."""
    found: dict[tuple[int, str], set[date]] = {}
    for state in ("MH", "UP", "TN", "WB", "KL", "PB"):
        days = holidays.country_holidays(
            "IN", subdiv=state, years=YEARS, categories=("public", "optional"), language="en_US"
        )
        for day, names in days.items():
            for name in names.split("; "):
                found.setdefault((day.year, name.replace(" (estimated)", "")), set()).add(day)
    return found


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_festival_falls_on_its_published_days(name: str) -> None:
    for day in map(date.fromisoformat, PUBLISHED[name]):
        assert day in starts(name, day.year)


@pytest.mark.parametrize("public_name", PUBLIC)
def test_a_festival_agrees_with_the_public_holidays(
    public_name: str, public_days: dict[tuple[int, str], set[date]]
) -> None:
    name, tolerance = PUBLIC[public_name]
    compared = 0
    for year in YEARS:
        published = public_days.get((year, public_name))
        for start in starts(name, year) if published else []:
            assert min(abs((start - day).days) for day in published or ()) <= tolerance, (year, start)
            compared += 1
    assert compared >= 20


def test_most_moving_festivals_agree_to_the_day(public_days: dict[tuple[int, str], set[date]]) -> None:
    exact = total = 0
    for public_name, (name, _) in PUBLIC.items():
        for year in YEARS:
            published = public_days.get((year, public_name), set())
            for start in starts(name, year) if published else []:
                total += 1
                exact += start in published
    assert exact / total > 0.93


@given(st.integers(1951, 2100))
def test_every_year_has_each_festival_of_the_moon_once(year: int) -> None:
    names = [festival.name for festival in festivals(year)]
    for name in ("diwali", "dhanteras", "holi", "navratri", "akshaya_tritiya", "onam", "pongal"):
        assert names.count(name) == 1
    assert names.count("ramzan") in (0, 1, 2)


@given(st.integers(1951, 2100))
def test_festivals_keep_their_order(year: int) -> None:
    (dhanteras,), (diwali,) = starts("dhanteras", year), starts("diwali", year)
    (navratri,), (dussehra,) = starts("navratri", year), starts("dussehra", year)
    assert 1 <= (diwali - dhanteras).days <= 3
    assert 8 <= (dussehra - navratri).days <= 10
    assert 18 <= (diwali - dussehra).days <= 22


@given(st.integers(1951, 2099))
def test_ramzan_has_29_or_30_days_and_eid_follows(year: int) -> None:
    for fast in (festival for festival in festivals(year) if festival.name == "ramzan"):
        assert (fast.end - fast.start).days + 1 in (29, 30)
        assert "eid_al_fitr" in events_on(fast.end + timedelta(days=1))


def test_a_state_sees_its_own_festivals_and_those_of_all() -> None:
    kerala = {festival.name for festival in festivals(2025, "KL")}
    punjab = {festival.name for festival in festivals(2025, "PB")}
    assert {"onam", "diwali"} <= kerala
    assert "onam" not in punjab
    assert {"lohri", "diwali"} <= punjab


def test_no_weddings_in_the_four_months_of_rest() -> None:
    for day, event in events_between(date(2025, 7, 8), date(2025, 10, 30)):
        assert event != "wedding_season", day
    assert "wedding_season" in events_on(date(2025, 11, 20))


def test_no_weddings_in_a_leap_month() -> None:
    assert "wedding_season" not in events_on(date(2026, 5, 25))  # adhika Jyeshtha
    assert "wedding_season" in events_on(date(2026, 6, 20))


def test_pay_on_a_sunday_comes_the_day_before() -> None:
    assert is_pay_day(date(2025, 5, 31))  # the 1st of June 2025 is a Sunday
    assert not is_pay_day(date(2025, 6, 1))
    assert is_pay_day(date(2025, 7, 1))
    assert is_pay_day(date(2025, 7, 7))


@given(st.dates(date(1960, 1, 1), date(2090, 12, 31)))
def test_a_month_has_two_pay_days(day: date) -> None:
    first = day.replace(day=1) - timedelta(days=1)
    assert sum(is_pay_day(first + timedelta(days=k)) for k in range(9)) == 2


def test_the_same_festival_last_year_follows_the_moon() -> None:
    assert same_festival_last_year(date(2025, 10, 18), "diwali") == date(2024, 10, 29)
    assert same_festival_last_year(date(2025, 6, 15), "diwali") is None


@given(st.dates(date(1952, 1, 1), date(2099, 12, 31)), st.sampled_from(STATES))
def test_a_day_has_the_events_whose_span_holds_it(day: date, state: str) -> None:
    expected = {
        festival.name
        for year in (day.year - 1, day.year)
        for festival in festivals(year, state)
        if festival.start <= day <= festival.end
    }
    assert set(events_on(day, state)) - {"pay_day"} == expected


def test_occurrences_are_those_that_begin_in_the_span() -> None:
    found = occurrences("diwali", date(2024, 11, 1), date(2026, 11, 8))
    assert [festival.start.year for festival in found] == [2025, 2026]


@pytest.mark.parametrize(("year", "state", "named"), [(1900, None, "year"), (2025, "XX", "region")])
def test_an_unknown_year_or_state_is_refused(year: int, state: str | None, named: str) -> None:
    with pytest.raises(RuleError, match=named):
        festivals(year, state)
