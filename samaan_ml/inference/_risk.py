"""Answer questions about udhaar risk from a stored model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from samaan_ml.domain.customer_messages import CustomerRisk, LimitRaise, Reason, RiskAnswer, RiskRequest
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.promises import Promise
from samaan_ml.inference._bounds import _bound

if TYPE_CHECKING:
    from samaan_ml.udhaar import CustomerAssessment


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
