"""A model folder answers domain messages: the one code path of the endpoint, the batch job and the API.

Loading checks the folder's checksums and imports neither pandas nor lightgbm; money and quantities leave
their whole paise and milli-units only inside this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from samaan_ml.artifacts import check_files, load_state
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import (
    MAX_DAYS,
    MAX_ITEMS,
    Answer,
    BudgetAnswer,
    BudgetItem,
    BudgetLine,
    BudgetRequest,
    Covariate,
    CustomerRisk,
    DayDemand,
    Driver,
    ForecastAnswer,
    ForecastRequest,
    ItemForecast,
    ItemHistory,
    LimitRaise,
    PriceAdvice,
    PriceAnswer,
    PriceCandidate,
    PriceItem,
    PriceRequest,
    Quantile,
    Reason,
    Request,
    RiskAnswer,
    RiskRequest,
)
from samaan_ml.domain.promises import Promise
from samaan_ml.exceptions import ArtifactError

if TYPE_CHECKING:
    from samaan_ml.forecasting.demand._serving import Histories, ServedForecast
    from samaan_ml.inventory import OrderItem
    from samaan_ml.pricing import PriceAdviceLine, PriceQuestion
    from samaan_ml.udhaar import CustomerAssessment

__all__ = ["Predictor", "answer_budget"]

_Floats = npt.NDArray[np.float64]
_LARGEST_HORIZON_DAYS = 90


class _Model(Protocol):
    """A model that answers one kind of request."""

    def answer(self, request: Any, model_version: str) -> Answer:
        """Answer a request."""
        ...


class Predictor:
    """A model folder, loaded and ready to answer.

    Parameters
    ----------
    kind : {"demand", "price", "udhaar"}
        What it answers.
    model_version : str
        Version named in its answers.
    model : object
        The loaded model.

    Examples
    --------
    >>> predictor = Predictor.load("models/demand/champion")          # doctest: +SKIP
    >>> predictor.answer(request).model_version                       # doctest: +SKIP
    '3f6d0c0a91be'
    """

    def __init__(self, kind: str, model_version: str, model: _Model) -> None:
        self.kind = kind
        self.model_version = model_version
        self._model = model

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Load a model folder after checking its checksums.

        Raises
        ------
        ArtifactError
            When the folder is absent, altered or of an unknown kind.
        """
        manifest, state = load_state(folder)
        if manifest.kind not in _MODELS:
            raise ArtifactError(
                f"'{folder}' holds a model of kind '{manifest.kind}'; expected one of {', '.join(_MODELS)}"
            )
        _, make = _MODELS[manifest.kind]
        return cls(manifest.kind, manifest.model_version, make(state))

    @staticmethod
    def check(folder: Path | str) -> str:
        """Compare a model folder with its checksums without loading the model, and return its version.

        Raises
        ------
        ArtifactError
            When the folder is absent or altered.
        """
        return check_files(folder)

    def answer(self, request: Request) -> Answer:
        """Answer a request.

        Raises
        ------
        RuleError
            When the request is of another kind, too large, or one of its fields cannot be.
        """
        if self.kind == "demand" and isinstance(request, BudgetRequest):
            return answer_budget(request)
        wanted, _ = _MODELS[self.kind]
        if not isinstance(request, wanted):
            got = type(request).__name__
            raise RuleError(
                f"a model of kind '{self.kind}' answers {wanted.__name__}, got {got}", field="kind"
            )
        return self._model.answer(request, self.model_version)


def answer_budget(request: BudgetRequest) -> BudgetAnswer:
    """Choose the packs that earn most within the cash in hand, and tell what the packs left out would have earned.

    Raises
    ------
    RuleError
        When there are too many items or a number is out of its range.

    Examples
    --------
    >>> from samaan_ml.domain.messages import BudgetItem, BudgetRequest
    >>> demand = (Quantile(0.1, 12_000), Quantile(0.5, 20_000), Quantile(0.9, 28_000))
    >>> tea = BudgetItem("tea", "hul", demand, 20_000, 4_000, 6_000, 12_000, 54_000, 4)
    >>> answer_budget(BudgetRequest("shop", 54_000, (tea,))).lines[0].packs
    1
    """
    from samaan_ml.exceptions import ParameterError
    from samaan_ml.inventory import Supplier, expected_gain_paise, order_list

    _bound(len(request.items))
    try:
        asked = [_order_item(item) for item in request.items]
        suppliers = [Supplier(each.supplier_id, each.minimum_paise) for each in request.suppliers]
        found = order_list(asked, request.budget_paise, suppliers)
    except ParameterError as error:
        raise RuleError(str(error), field="items") from None
    chosen = {line.item_id: line for line in found.lines}
    lines = []
    for item in asked:
        line = chosen.get(item.item_id)
        gain = line.expected_gain_paise if line else 0
        whole = expected_gain_paise(item, item.most_cases or 0)
        lines.append(BudgetLine(item.item_id, line.cases if line else 0, gain, max(whole - gain, 0)))
    return BudgetAnswer("order-list-1", tuple(lines), found.expected_gain_paise, found.method)


def _order_item(item: BudgetItem) -> OrderItem:
    """Turn an item of a message into the optimiser's."""
    from samaan_ml.inventory import OrderItem, PeriodDemand

    mean = np.asarray([item.mean_milli / 1000])
    levels = [q.level for q in item.quantiles]
    quantiles = np.asarray([[q.milli / 1000 for q in item.quantiles]])
    demand = (
        PeriodDemand.of_quantiles(mean, quantiles, levels)
        if levels
        else PeriodDemand(float(mean[0]), float(mean[0]) ** 0.5)
    )
    return OrderItem(
        item.item_id,
        item.supplier_id,
        demand,
        item.stock_milli,
        item.price_paise,
        item.pack_milli,
        item.pack_cost_paise,
        most_cases=item.most_packs,
    )


class _Demand:
    """The demand model behind the messages."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        from samaan_ml.forecasting.demand._serving import ServedDemandModel

        self._served = ServedDemandModel.from_state(state)

    def answer(self, request: ForecastRequest, model_version: str) -> ForecastAnswer:
        """Forecast the items of a request."""
        if not 1 <= request.horizon_days <= _LARGEST_HORIZON_DAYS:
            raise RuleError(
                f"'horizon_days' must be from 1 to {_LARGEST_HORIZON_DAYS}, got '{request.horizon_days}'",
                field="horizon_days",
            )
        if any(not 0 < level < 1 for level in request.levels) or list(request.levels) != sorted(
            set(request.levels)
        ):
            raise RuleError("'levels' must rise and lie between 0 and 1", field="levels")
        _bound(len(request.items))
        if not request.items:
            return ForecastAnswer(model_version, ())
        forecast = self._served.forecast(
            _histories(request), request.horizon_days, request.levels or None, explain=request.explain
        )
        return ForecastAnswer(model_version, tuple(_item_forecasts(request.items, forecast)))


def _bound(count: int) -> None:
    """Refuse a request of more items than one answer may hold."""
    if count > MAX_ITEMS:
        raise RuleError(
            f"a request holds at most {MAX_ITEMS} items, got {count}; ask in parts", field="items"
        )


def _histories(request: ForecastRequest) -> Histories:
    """Lay the histories of a request out as matrices that end on the same day."""
    from samaan_ml.forecasting.demand._serving import Histories

    items = request.items
    ends = {item.start + timedelta(days=len(item.units_milli) - 1) for item in items}
    if len(ends) != 1:
        raise RuleError(
            f"all histories must end on the same day, got {', '.join(map(str, sorted(ends)))}", "items"
        )
    n_days = max(len(item.units_milli) for item in items)
    if not 1 <= n_days <= MAX_DAYS:
        raise RuleError(
            f"a history holds from 1 to {MAX_DAYS} days, got {n_days}", field="items.0.units_milli"
        )
    for place, item in enumerate(items):
        _check_history(item, place)
    n_planned = max((len(i.price_paise or ()) - len(i.units_milli) for i in items), default=0)
    shares = _rows(items, lambda item: item.in_stock_share, n_days, 0)
    prices = _rows(items, lambda item: item.price_paise, n_days, max(n_planned, 0))
    units = _rows(items, lambda item: item.units_milli, n_days, 0)
    assert units is not None
    end = ends.pop()
    first, n_known = end - timedelta(days=n_days - 1), n_days + request.horizon_days
    calendar = _columns(request.covariates, first, n_known, "covariates")
    of_items = [
        _columns(item.covariates, first, n_known, f"items.{place}.covariates")
        for place, item in enumerate(items)
    ]
    unknown = np.full(n_known, np.nan)
    names = sorted({name for columns in of_items for name in columns})
    return Histories(
        shop_id=request.shop_id,
        item_ids=tuple(item.item_id for item in items),
        last_day=np.datetime64(end, "D"),
        units=units / 1000,
        region=request.region,
        categories=tuple(item.category for item in items),
        in_stock_share=shares,
        unit_price=None if prices is None else prices / 100,
        events=tuple((np.datetime64(event.on, "D"), event.name) for event in request.events),
        covariates=tuple(calendar.items()),
        item_covariates=tuple(
            (name, np.stack([columns.get(name, unknown) for columns in of_items])) for name in names
        ),
    )


def _columns(covariates: Sequence[Covariate], first: date, n_known: int, field: str) -> dict[str, _Floats]:
    """Lay covariates out over the days from `first` on, NaN where a value is not known."""
    columns: dict[str, _Floats] = {}
    for place, each in enumerate(covariates):
        if each.name in columns:
            raise RuleError(f"the covariate '{each.name}' is given twice", field=f"{field}.{place}.name")
        values = np.array(each.values, dtype=np.float64)
        if np.isinf(values).any():
            raise RuleError(
                f"the covariate '{each.name}' has a value that is not finite", field=f"{field}.{place}.values"
            )
        column = np.full(n_known, np.nan)
        shift = (each.start - first).days
        low, high = max(shift, 0), min(shift + len(values), n_known)
        if high > low:
            column[low:high] = values[low - shift : high - shift]
        columns[each.name] = column
    return columns


def _check_history(item: ItemHistory, place: int) -> None:
    """Refuse a history whose parts disagree or whose values cannot be."""
    days = len(item.units_milli)
    at = f"items.{place}"
    if not days:
        raise RuleError(f"item '{item.item_id}' has no day of history", field=f"{at}.units_milli")
    if any(value is not None and value < 0 for value in item.units_milli):
        raise RuleError(
            f"item '{item.item_id}' has a day with less than nothing sold", field=f"{at}.units_milli"
        )
    if item.in_stock_share is not None and len(item.in_stock_share) != days:
        raise RuleError(
            f"item '{item.item_id}' needs a share for each of its {days} days", f"{at}.in_stock_share"
        )
    shares = item.in_stock_share or ()
    if any(share is not None and not 0 <= share <= 1 for share in shares):
        raise RuleError(f"item '{item.item_id}' has a share outside 0 to 1", field=f"{at}.in_stock_share")
    if item.price_paise is not None and len(item.price_paise) < days:
        raise RuleError(
            f"item '{item.item_id}' needs a price for each of its {days} days", f"{at}.price_paise"
        )


def _rows(
    items: Sequence[ItemHistory],
    column: Callable[[ItemHistory], Sequence[float | int | None] | None],
    n_days: int,
    n_ahead: int,
) -> _Floats | None:
    """Lay one column of the histories out as a matrix, right-aligned at the last day, NaN where unknown."""
    if all(column(item) is None for item in items):
        return None
    matrix = np.full((len(items), n_days + n_ahead), np.nan)
    for row, item in enumerate(items):
        values = column(item)
        if values is not None:
            first = n_days - len(item.units_milli)
            matrix[row, first : first + len(values)] = np.array(values, dtype=np.float64)
    return matrix


def _item_forecasts(items: Sequence[ItemHistory], forecast: ServedForecast) -> list[ItemForecast]:
    """Write a forecast as messages."""
    days = [day.item() for day in forecast.dates]
    mean = _milli(forecast.mean)
    quantiles = _milli(forecast.quantiles)
    totals = _milli(forecast.total_quantiles)
    drivers = [(name, _milli(values)) for name, values in forecast.drivers]
    levels = forecast.levels
    return [
        ItemForecast(
            item_id=item.item_id,
            days=tuple(
                DayDemand(day, mean[i][h], tuple(map(Quantile, levels, quantiles[i][h])))
                for h, day in enumerate(days)
            ),
            total_quantiles=tuple(map(Quantile, levels, totals[i])),
            confidence=forecast.confidence[i],
            method=forecast.method[i],
            drivers=tuple(Driver(name, values[i]) for name, values in drivers),
        )
        for i, item in enumerate(items)
    ]


def _milli(units: npt.NDArray[np.floating]) -> Any:
    """Round units to whole milli-units, as nested lists of int."""
    return np.rint(np.asarray(units, dtype=np.float64) * 1000).astype(np.int64).tolist()


class _Price:
    """The price model behind the messages."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        from samaan_ml.pricing import ShopPricer

        self._pricer = ShopPricer.from_state(state)

    def answer(self, request: PriceRequest, model_version: str) -> PriceAnswer:
        """Advise the prices of a request."""
        _bound(len(request.items))
        questions = [_question(item, place) for place, item in enumerate(request.items)]
        lines = self._pricer.advise(request.shop_id, questions, request.on, objective=request.objective)
        return PriceAnswer(model_version, tuple(map(_advice, lines)))


def _question(item: PriceItem, place: int) -> PriceQuestion:
    """Put one item's question in the pricer's words."""
    from samaan_ml.pricing import PriceQuestion

    if item.daily_milli < 0:
        raise RuleError(
            f"item '{item.item_id}' sells less than nothing a day", field=f"items.{place}.daily_milli"
        )
    return PriceQuestion(
        item_id=item.item_id,
        category=item.category,
        price_paise=item.price_paise,
        cost_paise=item.cost_paise,
        mrp_paise=item.mrp_paise,
        units_per_day=item.daily_milli / 1000,
        hsn=item.hsn,
        gst_rate_bp=item.gst_rate_bp,
        last_change_on=item.last_change_on,
        known_value=item.known_value,
        reference_price_paise=item.reference_price_paise,
        reference_age_days=item.reference_age_days,
    )


def _advice(line: PriceAdviceLine) -> PriceAdvice:
    """Write one item's advice as a message."""
    return PriceAdvice(
        item_id=line.item_id,
        action=line.action,
        state=line.state,
        price_paise=line.price_paise,
        grade=line.grade,
        elasticity=line.elasticity,
        elasticity_lower=line.elasticity_lower,
        elasticity_upper=line.elasticity_upper,
        gain_paise_per_week=line.gain_paise_per_week,
        gain_lower_paise_per_week=line.gain_lower_paise_per_week,
        gain_upper_paise_per_week=line.gain_upper_paise_per_week,
        binding_rule=line.binding_rule,
        reasons=line.reasons,
        candidates=tuple(
            PriceCandidate(
                price_paise=each.price_paise,
                units_milli=round(each.units * 1000),
                revenue_paise=each.revenue_paise,
                profit_paise=each.profit_paise,
                legal=each.legal,
                barred_by=each.barred_by,
            )
            for each in line.candidates
        ),
        proof={} if line.proof is None else line.proof.to_json(),
        arithmetic=line.arithmetic,
    )


class _Risk:
    """The udhaar model behind the messages."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        from samaan_ml.udhaar import LedgerRiskModel

        self._model = LedgerRiskModel.from_state(state)

    def answer(self, request: RiskRequest, model_version: str) -> RiskAnswer:
        """Assess the customers of a request."""
        _bound(len(request.customer_ids))
        if request.as_of.tzinfo is None:
            raise RuleError("'as_of' must be an instant with a zone", field="as_of")
        promises = _promises(request)
        assessed = self._model.assess(
            request.entries, request.as_of, request.customer_ids, shop_id=request.shop_id, promises=promises
        )
        raises = [self._limit_raise(request, each, promises) for each in request.customer_ids]
        return RiskAnswer(model_version, tuple(map(_customer_risk, assessed, raises)))

    def _limit_raise(
        self, request: RiskRequest, customer_id: str, promises: tuple[Promise, ...] | None
    ) -> LimitRaise | None:
        """Search for the payment that raises a customer's limit, where it is asked for."""
        from samaan_ml.udhaar import what_would_raise_limit

        if not request.what_if:
            return None
        found = what_would_raise_limit(
            self._model,
            request.entries,
            request.as_of,
            customer_id,
            shop_id=request.shop_id,
            promises=promises,
        )
        if found is None:
            return None
        after = found.after
        return LimitRaise(found.pay_paise, after.limit_paise, after.probability_30, after.limit_arithmetic)


def _promises(request: RiskRequest) -> tuple[Promise, ...] | None:
    """Read the promises of a request as the domain's."""
    if request.promises is None:
        return None
    return tuple(
        Promise(
            promise_id=str(number),
            shop_id=request.shop_id,
            customer_id=said.customer_id,
            amount_paise=said.amount_paise,
            made_at=said.made_at,
            pay_by=said.pay_by,
        )
        for number, said in enumerate(request.promises)
    )


def _customer_risk(assessed: CustomerAssessment, limit_raise: LimitRaise | None) -> CustomerRisk:
    """Write one customer's risk as a message."""
    return CustomerRisk(
        customer_id=assessed.customer_id,
        probability_30=assessed.probability_30,
        probability_60=assessed.probability_60,
        lower=assessed.lower,
        upper=assessed.upper,
        days_to_pay=assessed.days_to_pay,
        thin_file=assessed.thin_file,
        reasons=tuple(Reason(each.feature, each.text, each.contribution) for each in assessed.reasons),
        limit_paise=assessed.limit_paise,
        limit_arithmetic=assessed.limit_arithmetic,
        due_paise=assessed.due_paise,
        paid_soon_paise=assessed.paid_soon_paise,
        monthly_paise=assessed.monthly_paise,
        limit_raise=limit_raise,
    )


_MODELS: dict[str, tuple[type[Request], Callable[[Mapping[str, Any]], _Model]]] = {
    "demand": (ForecastRequest, _Demand),
    "price": (PriceRequest, _Price),
    "udhaar": (RiskRequest, _Risk),
}
