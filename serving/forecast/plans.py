"""What a caller knows of the days ahead, laid beside the history: planned prices, promotions, weather."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from samaan_ml.domain.messages import Covariate, ItemHistory
from samaan_ml.domain.printed_price import PrintedPrice, check_mrp
from serving.advice.history import HISTORY_DAYS
from serving.errors import InvalidInput
from serving.forecast.schemas import ItemPlan, KnownColumn, PlannedPrice
from serving.ports.items import Item


def planned_histories(
    histories: Iterable[ItemHistory],
    items: Iterable[Item],
    printed: Callable[[Item], PrintedPrice | None],
    plans: Sequence[ItemPlan],
    starts_on: date,
    horizon_days: int,
) -> tuple[ItemHistory, ...]:
    """Put each item's plan into its history.

    Raises
    ------
    InvalidInput
        Naming the field, where a plan is of an item not asked about, is given twice, lies outside the horizon,
        overlaps another one.
    AboveMrpError
        Naming the field, where a price is above the printed one of the item or of a lot on the shelf.
    """
    by_id = {item.item_id: item for item in items}
    found = {history.item_id: history for history in histories}
    seen: set[str] = set()
    for place, plan in enumerate(plans):
        field = f"plans.{place}"
        if plan.item_id not in by_id:
            raise InvalidInput(f"item '{plan.item_id}' is not asked about", field=f"{field}.item_id")
        if plan.item_id in seen:
            raise InvalidInput(f"item '{plan.item_id}' has two plans", field=f"{field}.item_id")
        seen.add(plan.item_id)
        limit = printed(by_id[plan.item_id]) if plan.prices else None
        days = _by_day(plan.prices, limit, starts_on, horizon_days, field)
        columns = known_columns(plan.covariates, starts_on, horizon_days, f"{field}.covariates")
        if plan.item_id in found:  # an item without a past is not asked about
            found[plan.item_id] = _with_plan(found[plan.item_id], days, columns)
    return tuple(found.values())


def _by_day(
    prices: Sequence[PlannedPrice], limit: PrintedPrice | None, starts_on: date, horizon_days: int, field: str
) -> dict[int, int]:
    """Lay planned prices out by day of the horizon."""
    days: dict[int, int] = {}
    for place, each in enumerate(prices):
        at = f"{field}.prices.{place}"
        first, last = (each.from_on - starts_on).days, (each.until_on - starts_on).days
        _check_within(first, starts_on, horizon_days, f"{at}.from_on")
        _check_within(last, starts_on, horizon_days, f"{at}.until_on")
        check_mrp(each.price_paise, limit, f"{at}.price_paise")
        for day in range(first, last + 1):
            if day in days:
                raise InvalidInput(
                    f"{starts_on + timedelta(days=day)} has two planned prices", field=f"{at}.from_on"
                )
            days[day] = each.price_paise
    return days


def _check_within(day: int, starts_on: date, horizon_days: int, field: str) -> None:
    """Refuse a day outside the horizon."""
    if not 0 <= day < horizon_days:
        last = starts_on + timedelta(days=horizon_days - 1)
        raise InvalidInput(
            f"{starts_on + timedelta(days=day)} lies outside the horizon, {starts_on} to {last}", field=field
        )


def _with_plan(history: ItemHistory, days: dict[int, int], columns: tuple[Covariate, ...]) -> ItemHistory:
    """Replace the prices of some days ahead and add columns."""
    known = list(history.price_paise or ())
    for day, price in days.items():
        known[len(history.units_milli) + day] = price
    return replace(history, price_paise=tuple(known), covariates=columns)


def known_columns(
    columns: Sequence[KnownColumn], starts_on: date, horizon_days: int, field: str
) -> tuple[Covariate, ...]:
    """Translate columns.

    Raises
    ------
    InvalidInput
        Naming the field, where a name comes twice or days lie beyond the horizon or before any history.
    """
    earliest = starts_on - timedelta(days=HISTORY_DAYS)
    names: set[str] = set()
    for place, each in enumerate(columns):
        at = f"{field}.{place}"
        if each.name in names:
            raise InvalidInput(f"the column '{each.name}' is given twice", field=f"{at}.name")
        names.add(each.name)
        if each.start < earliest:
            raise InvalidInput(
                f"{each.start} lies before the history, which starts on {earliest}", field=f"{at}.start"
            )
        beyond = (each.start - starts_on).days + len(each.values) - horizon_days
        if beyond > 0:
            raise InvalidInput(
                f"the column '{each.name}' reaches {beyond} days beyond the horizon", field=f"{at}.values"
            )
    return tuple(Covariate(each.name, each.start, tuple(each.values)) for each in columns)
