"""Answer questions about prices from a stored model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.price_messages import PriceAdvice, PriceAnswer, PriceCandidate, PriceItem, PriceRequest
from samaan_ml.inference._bounds import _bound

if TYPE_CHECKING:
    from samaan_ml.pricing import PriceAdviceLine, PriceQuestion


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
