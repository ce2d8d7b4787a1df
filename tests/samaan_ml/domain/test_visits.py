"""Visits over holidays, orders in time, and a supplier's minimum reached by what earns most."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.supplier_orders import OrderableItem, fill_order, line_cost_paise
from samaan_ml.domain.visits import VisitPlan, is_holiday, next_order, visits

ZONE = "Asia/Kolkata"
TUESDAY_HOLI = date(2026, 3, 3)


def days(plan: VisitPlan, start: date, count: int, region: str | None = None) -> list[str]:
    return [visit.on.isoformat() for visit in islice(visits(plan, start, ZONE, region), count)]


def test_a_visit_on_a_holiday_is_skipped_or_comes_the_next_working_day() -> None:
    start = date(2026, 2, 28)
    assert days(VisitPlan((1,)), start, 2) == ["2026-03-10", "2026-03-17"]
    moved = VisitPlan((1,), on_holiday="next_day")
    assert days(moved, start, 2) == ["2026-03-04", "2026-03-10"]
    shut = VisitPlan((1,), on_holiday="next_day", closed_on=(date(2026, 3, 4),))
    assert days(shut, start, 2) == ["2026-03-05", "2026-03-10"]
    # Asked on the day itself, the moved visit is still found; and a moved one is not a second one of its day.
    assert days(moved, date(2026, 3, 4), 1) == ["2026-03-04"]
    assert days(VisitPlan((1, 2), on_holiday="next_day"), start, 2) == ["2026-03-04", "2026-03-10"]


def test_the_holidays_are_those_of_the_shops_state() -> None:
    chaturthi = date(2026, 9, 14)
    assert days(VisitPlan((0,)), chaturthi, 1, "MH") == ["2026-09-21"]
    assert days(VisitPlan((0,)), chaturthi, 1, "WB") == ["2026-09-14"]


def test_an_order_is_due_before_the_visit_on_a_day_on_which_somebody_works() -> None:
    plan = VisitPlan((2,), order_days_before=1, order_by=time(17, 30))
    wednesday = next(visits(plan, TUESDAY_HOLI, ZONE))
    assert wednesday.on == date(2026, 3, 4)
    assert wednesday.order_due == datetime(2026, 3, 2, 17, 30, tzinfo=ZoneInfo(ZONE))


def test_after_the_hour_the_next_visit_is_ordered_for() -> None:
    plan = VisitPlan((2,), order_days_before=1, order_by=time(17, 30))
    due = datetime(2026, 3, 9 + 1, 12, 0, tzinfo=UTC)  # 17:30 in Kolkata, Tuesday the tenth
    for now, expected in ((due - timedelta(seconds=1), 11), (due, 18)):
        found = next_order(plan, now, ZONE)
        assert found is not None
        assert [visit.on.day for visit in found] == [expected, expected + 7]


def test_who_has_no_days_or_is_shut_all_year_makes_no_visit() -> None:
    assert list(visits(VisitPlan(()), TUESDAY_HOLI, ZONE)) == []
    assert next_order(VisitPlan(()), datetime(2026, 3, 1, tzinfo=UTC), ZONE) is None
    year = tuple(TUESDAY_HOLI + timedelta(days=n) for n in range(400))
    assert list(visits(VisitPlan((0, 1), closed_on=year), TUESDAY_HOLI, ZONE)) == []


@pytest.mark.parametrize(
    ("fields", "field"), [({"weekdays": (7,)}, "weekdays"), ({"order_days_before": 29}, "")]
)
def test_a_plan_that_cannot_be_is_refused(fields: dict[str, object], field: str) -> None:
    with pytest.raises(RuleError) as refused:
        VisitPlan(**{"weekdays": (0,)} | fields)  # type: ignore[arg-type]
    assert refused.value.field == (field or "order_days_before")


@given(
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(tuple),
    start=st.dates(date(2025, 1, 1), date(2028, 12, 31)),
    closed=st.sets(st.integers(0, 40)),
    before=st.integers(0, 5),
    moved=st.sampled_from(["skipped", "next_day"]),
)
def test_visits_rise_are_never_on_shut_days_and_every_order_is_due_on_a_working_day_before(
    weekdays: tuple[int, ...], start: date, closed: set[int], before: int, moved: str
) -> None:
    shut = tuple(start + timedelta(days=n) for n in closed)
    plan = VisitPlan(weekdays, before, on_holiday=moved, closed_on=shut)  # type: ignore[arg-type]
    found = list(islice(visits(plan, start, ZONE, "MH"), 20))
    assert all(a.on < b.on for a, b in pairwise(found))
    for visit in found:
        assert visit.on >= start
        for day in (visit.on, visit.order_due.date()):
            assert day not in shut
            assert not is_holiday(day, "MH")
        assert visit.order_due.date() <= visit.on - timedelta(days=before)
        if moved == "skipped":
            assert visit.on.weekday() in weekdays


def an_item(item_id: str = "tea", **fields: object) -> OrderableItem:
    usual: dict[str, object] = {
        "price_paise": 12_000,
        "cost_paise": 10_000,
        "pack_milli": 1_000,
        "on_hand_milli": 0,
        "needed_milli": 2_000,
        "daily_milli": 1_000,
    }
    return OrderableItem(item_id, **usual | fields)  # type: ignore[arg-type]


def test_an_order_that_reaches_the_minimum_is_left_alone() -> None:
    assert fill_order([an_item()], 20_000).state == "met"
    assert fill_order([an_item()], 0).added_milli == {}


def test_packs_are_added_where_money_earns_most_a_day() -> None:
    dear = an_item("ghee", price_paise=13_000, needed_milli=0)  # 30 % margin, where tea has 20 %
    slow = an_item("saffron", price_paise=20_000, needed_milli=0, daily_milli=36)  # 100 %, but for a month
    filled = fill_order([an_item(), dear, slow], 30_000)
    assert (filled.state, filled.added_milli) == ("filled", {"ghee": 1_000})
    assert (filled.needed_paise, filled.cost_paise, filled.short_paise) == (20_000, 30_000, 0)


def test_what_cannot_reach_the_minimum_stays_as_needed_and_says_by_how_much_it_is_short() -> None:
    full = an_item("salt", needed_milli=0, on_hand_milli=28_000)
    loss = an_item("sugar", needed_milli=0, price_paise=10_000)
    doubtful = an_item("new", needed_milli=0, may_grow=False)
    unknown = an_item("odd", needed_milli=0, cost_paise=None)
    filled = fill_order([an_item(daily_milli=70), full, loss, doubtful, unknown], 50_000)
    assert (filled.state, filled.added_milli, filled.short_paise) == ("below", {}, 30_000)


def test_a_needed_line_of_unknown_cost_leaves_the_minimum_open() -> None:
    filled = fill_order([an_item(cost_paise=None), an_item("soap")], 50_000)
    assert (filled.state, filled.needed_paise) == ("cost_unknown", 20_000)


@given(
    items=st.lists(
        st.builds(
            an_item,
            item_id=st.uuids().map(str),
            price_paise=st.integers(0, 30_000),
            cost_paise=st.integers(1, 20_000),
            pack_milli=st.integers(100, 24_000),
            on_hand_milli=st.integers(-5_000, 50_000),
            needed_milli=st.integers(0, 3).map(lambda n: n * 1_000),
            daily_milli=st.integers(0, 5_000),
        ),
        min_size=1,
        max_size=5,
    ),
    minimum=st.integers(0, 500_000),
)
def test_a_filled_order_recomputes_and_never_overstocks(items: list[OrderableItem], minimum: int) -> None:
    filled = fill_order(items, minimum)
    by_id = {item.item_id: item for item in items}
    costs = [
        line_cost_paise(item.cost_paise or 0, item.needed_milli + filled.added_milli.get(item.item_id, 0))
        for item in items
    ]
    assert filled.cost_paise == sum(costs)
    assert (filled.cost_paise >= minimum) == (filled.state in ("met", "filled"))
    assert filled.short_paise == max(minimum - filled.cost_paise, 0)
    for item_id, milli in filled.added_milli.items():
        item = by_id[item_id]
        assert milli % item.pack_milli == 0
        stock = max(item.on_hand_milli, 0) + item.needed_milli + milli
        assert stock <= 28 * item.daily_milli
        assert item.price_paise > (item.cost_paise or 0)
