"""What the khatas call for: money overdue, a word that was broken, a due that will likely go late."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from samaan_ml.domain.customer_events import standing_promises
from samaan_ml.domain.customer_messages import CustomerRisk, RiskRequest
from samaan_ml.domain.ledger import account, shop_day
from samaan_ml.domain.money import round_half_away, share_of
from samaan_ml.domain.promises import Promise, promise_outcomes, unpaid_of_broken
from samaan_ml.domain.risk_messages import RISK_ENTRIES, ledger_rows, promise_rows
from samaan_ml.explain import ExplanationRequest, Fact
from serving.advice.signals._signal import Signal
from serving.ports.accounts import Shop
from serving.ports.page import walk
from serving.ports.predictor import Predictor
from serving.ports.udhaar import Customer, UdhaarStore

_PAGE = 200
_MOST_OVERDUE = 200
_MOST_ASKED = 500
"""So many customers the model is asked about: those who owe most."""
_LATE_DAYS = 30
_LIKELY = 0.5
"""A risk is reported from here on: late is then likelier than not."""


def overdue_signals(udhaar: UdhaarStore, shop: Shop, today: date) -> Iterator[Signal]:
    """Return who is beyond the day on which they were to pay."""
    for customer in udhaar.overdue(shop.shop_id, today, _MOST_OVERDUE, None).rows:
        yield _collect(customer, _overdue_paise(udhaar, shop, customer, today), today)


def promise_signals(udhaar: UdhaarStore, shop: Shop, today: date) -> Iterator[Signal]:
    """Return which promises were broken and are not made good; a later word that still stands is waited for."""
    said: dict[str, list[Promise]] = defaultdict(list)
    for promise in standing_promises(shop.shop_id, udhaar.shop_events(shop.shop_id, RISK_ENTRIES)):
        said[promise.customer_id].append(promise)
    for customer_id, promises in said.items():
        if all(promise.pay_by >= today for promise in promises):
            continue
        customer = udhaar.customer(shop.shop_id, customer_id)
        if customer.balance_paise > 0:
            yield from _broken(udhaar, shop, customer, promises, today)


def _broken(
    udhaar: UdhaarStore, shop: Shop, customer: Customer, promises: list[Promise], today: date
) -> Iterator[Signal]:
    """Return which of a customer's promises are broken and unpaid."""
    entries = udhaar.entries(shop.shop_id, customer.customer_id)
    outcomes = promise_outcomes(promises, entries, today, zone=shop.zone)
    unpaid = unpaid_of_broken(promises, entries, today, zone=shop.zone)
    position = account(entries, today, zone=shop.zone, terms_days=customer.credit_days)
    for promise in promises:
        missing = min(unpaid.get(promise.promise_id, 0), position.due_paise)
        newer = any(
            outcomes[other.promise_id] == "open" and shop_day(other.made_at, shop.zone) > promise.pay_by
            for other in promises
        )
        if missing and not newer:
            yield _unkept(customer, promise, missing, position.overdue_paise, today)


def _unkept(
    customer: Customer, promise: Promise, missing_paise: int, overdue_paise: int, today: date
) -> Signal:
    """Money that was promised and did not come."""
    facts = (
        Fact.person("customer", customer.name),
        Fact.money("promised", promise.amount_paise),
        Fact.day("pay_by", promise.pay_by),
        Fact.money("unpaid", missing_paise),
    )
    return Signal(
        kind="broken_promise",
        subject_id=promise.promise_id,
        subject_name=customer.name,
        stake_paise=missing_paise,
        urgent_in_days=0,
        inputs={
            "promised_paise": promise.amount_paise,
            "unpaid_paise": missing_paise,
            "overdue_paise": overdue_paise,
            "days_since_promised_day": (today - promise.pay_by).days,
        },
        arithmetic="stake = unpaid",
        explanation=ExplanationRequest("broken_promise", facts),
        about_id=customer.customer_id,
    )


def risk_signals(
    udhaar: UdhaarStore, predictor: Predictor, shop: Shop, now: datetime, today: date
) -> Iterator[Signal]:
    """Return whose due is likelier than not to go more than 30 days late, while nothing of it is overdue.

    Raises
    ------
    PredictorUnavailable
        When no model answers.
    """
    owing = [
        customer
        for customer in _customers(udhaar, shop.shop_id)
        if customer.balance_paise > 0 and (customer.oldest_due_on is None or customer.oldest_due_on >= today)
    ]
    asked = sorted(owing, key=lambda c: (-c.balance_paise, c.customer_id))[:_MOST_ASKED]
    if not asked:
        return
    entries = udhaar.shop_entries(shop.shop_id, RISK_ENTRIES)
    events = udhaar.shop_events(shop.shop_id, RISK_ENTRIES)
    ids = tuple(customer.customer_id for customer in asked)
    answer = predictor.risk(
        RiskRequest(shop.shop_id, now, ids, ledger_rows(entries), promise_rows(shop.shop_id, events))
    )
    risks = {each.customer_id: each for each in answer.customers}
    for customer in asked:
        risk = risks[customer.customer_id]
        # Of a thin file the shop's average is all that is known; it says nothing about the customer.
        if risk.probability_30 > _LIKELY and not risk.thin_file:
            yield _risky(customer, risk)


def _customers(udhaar: UdhaarStore, shop_id: str) -> Iterator[Customer]:
    """Walk through the customers."""
    return walk(lambda after: udhaar.customers(shop_id, _PAGE, after))


def _risky(customer: Customer, risk: CustomerRisk) -> Signal:
    """Money that may not come in time."""
    chance = round_half_away(risk.probability_30 * 10_000)
    facts = (
        Fact.person("customer", customer.name),
        Fact.money("balance", customer.balance_paise),
        Fact.percent("chance", chance),
        Fact.days("late_days", _LATE_DAYS),
    )
    return Signal(
        kind="high_risk",
        subject_id=customer.customer_id,
        subject_name=customer.name,
        stake_paise=share_of(customer.balance_paise, chance),
        urgent_in_days=_LATE_DAYS,
        inputs={
            "balance_paise": customer.balance_paise,
            "chance_basis_points": chance,
            "suggested_limit_paise": risk.limit_paise,
        },
        arithmetic="stake = balance * chance_basis_points // 10000",
        explanation=ExplanationRequest("high_risk", facts),
    )


def _overdue_paise(udhaar: UdhaarStore, shop: Shop, customer: Customer, today: date) -> int:
    """Return the part of the balance that is overdue."""
    entries = udhaar.entries(shop.shop_id, customer.customer_id)
    return account(entries, today, zone=shop.zone, terms_days=customer.credit_days).overdue_paise


def _collect(customer: Customer, overdue_paise: int, today: date) -> Signal:
    """Money to ask for."""
    oldest = customer.oldest_due_on or today
    days = (today - oldest).days
    facts = (
        Fact.person("customer", customer.name),
        Fact.money("overdue", overdue_paise),
        Fact.days("oldest_days", days),
    )
    return Signal(
        kind="overdue",
        subject_id=customer.customer_id,
        subject_name=customer.name,
        stake_paise=overdue_paise,
        urgent_in_days=0,
        inputs={"overdue_paise": overdue_paise, "days_past_due": days},
        arithmetic="stake = overdue",
        explanation=ExplanationRequest("collect", facts),
    )
