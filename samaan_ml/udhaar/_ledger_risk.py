"""From a shop's ledger to answers about its customers: the model that is trained, stored and served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.domain.credit_limit import LimitPolicy, suggest_limit
from samaan_ml.domain.ledger import SHOP_ZONE, TERMS_DAYS
from samaan_ml.domain.money import round_half_away
from samaan_ml.domain.promises import Promise
from samaan_ml.estimators import Estimator
from samaan_ml.exceptions import ArtifactError, NotFittedError
from samaan_ml.udhaar._behaviour import features
from samaan_ml.udhaar._catalogue import FEATURE_NAMES
from samaan_ml.udhaar._columns import Floats, Ints, columns_from_entries
from samaan_ml.udhaar._encoding import Array
from samaan_ml.udhaar._features import AsOf, LedgerFeatures
from samaan_ml.udhaar._logistic import expit
from samaan_ml.udhaar._model import UdhaarRiskModel
from samaan_ml.udhaar._payment_time import PaymentTime, payment_time
from samaan_ml.udhaar._promise_counts import promise_counts
from samaan_ml.udhaar._reasons import ReasonCode
from samaan_ml.udhaar._snapshot import Snapshot
from samaan_ml.udhaar._thin_file import ThinFile

if TYPE_CHECKING:
    import pandas as pd

STATE_VERSION = 2
_NOBODY = "\0"
"""Customer id of the empty file whose score is the shop's prior."""
_STARTER_SHARE = 0.5
_PAY_SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class _Scored:
    """Scores of chosen customers, and the days and money of all customers of the ledger."""

    table: Mapping[str, Array]
    tested: Array
    pooled_30: Array
    pooled_60: Array
    half: Array
    share: Array
    reasons: Sequence[Sequence[ReasonCode]]
    days_past_due: Array
    days_to_pay: Array
    owed: Array
    soon: Array
    monthly: Array
    usual_paise: int | None


@dataclass(frozen=True, slots=True)
class CustomerAssessment:
    """How likely a customer is to go more than 30 days late, why, and how much udhaar that bears.

    Parameters
    ----------
    shop_id, customer_id : str
        Whom it is about.
    probability_30, probability_60 : float
        Probability that something falling due within 30 (60) days goes more than 30 days past due.
    lower, upper : float
        90 % interval of `probability_30`; wide for a thin file.
    days_to_pay : float
        Expected days from a purchase to its payment, at most 180.
    thin_file : bool
        Whether fewer than three dues were ever put to the test.
    reasons : tuple of ReasonCode
        Strongest first; none for a customer without entries.
    log_odds, baseline_log_odds : float
        Of `probability_30`, and the part of it that belongs to no single customer: contributions lie between.
    limit_paise : int
        Suggested limit.
    limit_arithmetic : dict
        Its inputs and steps, see `samaan_ml.domain.credit_limit`.
    due_paise : int
        What is owed.
    days_past_due : int
        Of the oldest open credit.
    paid_soon_paise : int
        Part of `due_paise` expected within 14 days without a reminder.
    monthly_paise : int
        Buying on udhaar in 30 days, over the last 90.
    """

    shop_id: str
    customer_id: str
    probability_30: float
    probability_60: float
    lower: float
    upper: float
    days_to_pay: float
    thin_file: bool
    reasons: tuple[ReasonCode, ...]
    log_odds: float
    baseline_log_odds: float
    limit_paise: int
    limit_arithmetic: dict[str, Any]
    due_paise: int
    days_past_due: int
    paid_soon_paise: int
    monthly_paise: int


class LedgerRiskModel(Estimator):
    """Risk of every customer of a ledger: two horizons, interval, reasons, days to pay and a limit.

    Trains two `UdhaarRiskModel` on snapshots of a ledger and answers from domain entries with numpy alone:
    neither pandas nor lightgbm is imported to answer.

    A thin file leans on its shop: the log-odds are drawn towards the shop's prior by n / (n + pooling), where n
    counts the dues put to the test; a customer without tested dues scores exactly the prior, and the
    interval narrows as n grows. The prior is what became of such customers in training, moved by how much later
    than usual the shop's dues are paid.

    Parameters
    ----------
    random_state : int, default=0
        Seed.
    zone : str, default="Asia/Kolkata"
        The shops' zone.
    terms_days : int, default=30
        Due day of a credit without one, in days after it.

    Attributes
    ----------
    risk_30_, risk_60_ : UdhaarRiskModel
        The two models.
    pooling_ : float
        Strength of the shop's prior, in dues, chosen on out-of-fold log loss.
    thin_ : ThinFile
        Outcomes of customers without tested dues.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from samaan_ml.datasets import load_sample
    >>> model = LedgerRiskModel().fit(load_sample().ledger)          # doctest: +SKIP
    >>> [one] = model.assess([], datetime(2026, 7, 1, tzinfo=UTC), ["new"], shop_id="s1")  # doctest: +SKIP
    >>> one.thin_file, one.reasons                                    # doctest: +SKIP
    (True, ())
    """

    def __init__(self, random_state: int = 0, zone: str = SHOP_ZONE, terms_days: int = TERMS_DAYS) -> None:
        self.random_state = random_state
        self.zone = zone
        self.terms_days = terms_days

    def fit(
        self,
        ledger: pd.DataFrame,
        as_of_dates: Iterable[AsOf] | None = None,
        promises: pd.DataFrame | None = None,
    ) -> LedgerRiskModel:
        """Learn from snapshots of a ledger.

        Parameters
        ----------
        ledger : pandas.DataFrame or polars.DataFrame
            Entries of one or more shops, see `samaan_ml.tables`.
        as_of_dates : iterable of datetime, date or str, default=None
            Days of the snapshots; None takes one every 30 days.
        promises : pandas.DataFrame or None, default=None
            What customers promised, see `samaan_ml.tables`. Without them the model cannot learn what a broken
            promise says, and promises asked about later change nothing.

        Returns
        -------
        LedgerRiskModel
            Itself.

        Raises
        ------
        DataError
            If the ledger is too short, or too few of its customers ever went late.
        """
        from samaan_ml.udhaar._ledger_training import train_on_ledger

        trained = train_on_ledger(
            ledger, as_of_dates, self.zone, self.terms_days, self.random_state, promises
        )
        self.risk_30_, self.risk_60_ = trained.risk_30, trained.risk_60
        self.pooling_, self._spread, self._hazard = trained.pooling, trained.spread, trained.hazard
        self.thin_ = trained.thin
        return self

    def assess(
        self,
        entries: Iterable[Any],
        as_of: AsOf,
        customer_ids: Sequence[str] | None = None,
        *,
        shop_id: str = "",
        policy: LimitPolicy | None = None,
        n_reasons: int = 3,
        promises: Iterable[Promise] | None = None,
    ) -> tuple[CustomerAssessment, ...]:
        """Answer for customers of one shop.

        Parameters
        ----------
        entries : iterable of LedgerEntry or LedgerRow
            The shop's ledger, any order; what is later than `as_of` is not read.
        as_of : datetime, date or str
            Aware instant, or the end of a day of the shop.
        customer_ids : sequence of str or None, default=None
            Whom to answer for, in this order; None answers for everybody with an entry.
        shop_id : str, default=""
            Shop of entries that do not name theirs.
        policy : LimitPolicy or None, default=None
            What the shop earns and risks; None takes the defaults.
        n_reasons : int, default=3
            Reasons a customer at most.
        promises : iterable of Promise or None, default=None
            Promises to pay; None where none are recorded.

        Returns
        -------
        tuple of CustomerAssessment
            One a customer.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        self._check_fitted()
        rows = list(entries)
        shop = next((row.shop_id for row in rows if hasattr(row, "shop_id")), shop_id)
        asked = None if customer_ids is None else [(shop, str(each)) for each in customer_ids]
        columns = columns_from_entries(
            rows, self.zone, self.terms_days, shop, [(shop, _NOBODY), *(asked or [])]
        )
        as_of_each, today = LedgerFeatures(as_of, self.zone, self.terms_days).instants(columns.customers)
        counts = (
            None
            if promises is None
            else promise_counts(columns.customers, as_of_each, today, rows, promises, self.zone, shop)
        )
        snapshot = Snapshot(columns, as_of_each, today, counts)
        place = {customer: i for i, customer in enumerate(columns.customers)}
        wanted = [c for c in columns.customers if c[1] != _NOBODY] if asked is None else asked
        chosen = np.array([place[customer] for customer in wanted], dtype=np.int64)
        return self._answers(snapshot, chosen, place[(shop, _NOBODY)], policy or LimitPolicy(), n_reasons)

    def _answers(
        self, snapshot: Snapshot, chosen: Ints, nobody: int, policy: LimitPolicy, n_reasons: int
    ) -> tuple[CustomerAssessment, ...]:
        """Answer for chosen customers of a snapshot."""
        scored = self._score(snapshot, chosen, nobody, n_reasons)
        return tuple(self._answer(snapshot, scored, k, int(i), policy) for k, i in enumerate(chosen))

    def _score(self, snapshot: Snapshot, chosen: Ints, nobody: int, n_reasons: int) -> _Scored:
        """Score chosen customers of a snapshot; the last row of the table is the empty file."""
        found = features(snapshot)
        rows = np.append(chosen, nobody)
        table = {name: found[name][rows] for name in FEATURE_NAMES}
        tested = _tested(snapshot)[chosen]
        paying = payment_time(snapshot.credits, snapshot.today, self._hazard)
        owed, soon, monthly = _money(snapshot, paying)
        codes = self.risk_30_.scorer_.encoder.encode(table)[:-1]
        return _Scored(
            table=table,
            tested=tested,
            pooled_30=self._pooled(30, table, tested),
            pooled_60=self._pooled(60, table, tested),
            half=self._half_width(self.risk_30_, table, tested),
            share=_own_share(tested, self.pooling_),
            reasons=self.risk_30_.scorer_.reasons(codes, n_reasons),
            days_past_due=found["days_past_due"],
            days_to_pay=paying.expected_days(),
            owed=owed,
            soon=soon,
            monthly=monthly,
            usual_paise=_usual_monthly(monthly),
        )

    def _answer(
        self, snapshot: Snapshot, scored: _Scored, k: int, i: int, policy: LimitPolicy
    ) -> CustomerAssessment:
        """Answer for the k-th chosen customer, who is the i-th of the ledger."""
        shop_id, customer_id = snapshot.ledger.customers[i]
        log_odds, half, share = float(scored.pooled_30[k]), scored.half[k], float(scored.share[k])
        p_30, p_60 = _probability(log_odds), _probability(scored.pooled_60[k])
        upper = _probability(log_odds + half)
        days_past_due, days_to_pay = int(scored.days_past_due[i]), round(float(scored.days_to_pay[i]), 1)
        monthly_paise = round_half_away(float(scored.monthly[i]))
        limit = suggest_limit(
            probability=p_30,
            upper=upper,
            monthly_paise=monthly_paise if scored.monthly[i] > 0 else scored.usual_paise,
            days_to_pay=days_to_pay,
            days_past_due=days_past_due,
            policy=policy,
        )
        return CustomerAssessment(
            shop_id=shop_id,
            customer_id=customer_id,
            probability_30=p_30,
            probability_60=max(p_60, p_30),
            lower=_probability(log_odds - half),
            upper=upper,
            days_to_pay=days_to_pay,
            thin_file=bool(scored.tested[k] < 3),
            reasons=tuple(_scaled(reason, share) for reason in scored.reasons[k] if share > 0),
            log_odds=log_odds,
            baseline_log_odds=self._baseline(scored.table, share),
            limit_paise=limit.limit_paise,
            limit_arithmetic=limit.arithmetic,
            due_paise=int(scored.owed[i]),
            days_past_due=days_past_due,
            paid_soon_paise=round_half_away(float(scored.soon[i])),
            monthly_paise=monthly_paise,
        )

    def _pooled(self, horizon_days: int, table: Mapping[str, Array], tested: Floats) -> Array:
        """Return log-odds drawn towards what the shop may expect of a new customer, the table's last row."""
        model = self.risk_30_ if horizon_days == 30 else self.risk_60_
        return pool(model.log_odds(table)[:-1], self._prior(horizon_days, table), tested, self.pooling_)

    def _prior(self, horizon_days: int, table: Mapping[str, Array]) -> float:
        """Return a new customer's log-odds in the shop of the table's last row."""
        return self.thin_.prior(horizon_days, float(table["shop_late30_share"][-1]))

    def _half_width(self, model: UdhaarRiskModel, table: Mapping[str, Array], tested: Floats) -> Array:
        """Return half the width of the 90 % interval of the log-odds.

        Two things are not known: the model, and where in the spread of customers one with few dues lies.
        """
        codes = model.scorer_.encoder.encode(table)[:-1]
        # Of a customer without tested dues the own score is not used: the model is as unsure of the prior
        # as of the usual row.
        share = _own_share(tested, self.pooling_)
        own = model.scorer_.half_width(np.vstack([codes, model.scorer_.reference[None, :]]), 0.9)
        of_model = share * own[:-1] + (1 - share) * own[-1]
        known, everybody = self._spread
        unseen = 2.0 / (2.0 + tested)
        of_customer = unseen * (unseen * everybody**2 + (1 - unseen) * known**2)
        return np.asarray(np.sqrt(of_model**2 + 1.645**2 * of_customer))

    def _baseline(self, table: Mapping[str, Array], share: float) -> float:
        """Return what of the pooled log-odds is not the customer's own."""
        return share * self.risk_30_.scorer_.baseline() + (1 - share) * self._prior(30, table)

    def get_state(self) -> dict[str, object]:
        """Return everything an answer needs, as JSON values and arrays."""
        self._check_fitted()
        return {
            "version": STATE_VERSION,
            "random_state": self.random_state,
            "zone": self.zone,
            "terms_days": self.terms_days,
            "risk_30": self.risk_30_.get_state(),
            "risk_60": self.risk_60_.get_state(),
            "pooling": self.pooling_,
            "spread": list(self._spread),
            "hazard": self._hazard,
            "thin": [self.thin_.log_odds_30, self.thin_.log_odds_60, self.thin_.late_log_odds],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> LedgerRiskModel:
        """Rebuild a model from `get_state`.

        Raises
        ------
        ArtifactError
            If the state is of another version.
        """
        if state.get("version") != STATE_VERSION:
            raise ArtifactError(
                f"the udhaar model's state has version '{state.get('version')}', this code reads {STATE_VERSION}; "
                "train the model again"
            )
        model = cls(int(state["random_state"]), str(state["zone"]), int(state["terms_days"]))
        model.risk_30_ = UdhaarRiskModel.from_state(state["risk_30"])
        model.risk_60_ = UdhaarRiskModel.from_state(state["risk_60"])
        model.pooling_ = float(state["pooling"])
        known, everybody = state["spread"]
        model._spread = (float(known), float(everybody))
        model._hazard = np.asarray(state["hazard"], dtype=float)
        model.thin_ = ThinFile(*(float(each) for each in state["thin"]))
        return model

    def _check_fitted(self) -> None:
        """Refuse to answer before `fit`."""
        if not hasattr(self, "risk_30_"):
            raise NotFittedError("this LedgerRiskModel has learned nothing yet; call fit(ledger) first")


def pool(log_odds: Array, prior: float, tested: Floats, strength: float) -> Array:
    """Draw log-odds towards the shop's prior: by nothing with many dues put to the test, fully with none."""
    share = _own_share(tested, strength)
    return np.asarray(prior + share * (log_odds - prior))


def _own_share(tested: Floats, strength: float) -> Floats:
    """Return the share of a score that is the customer's own; an empty file has none."""
    return np.asarray(tested / np.maximum(tested + strength, 1e-9))


def _tested(snapshot: Snapshot) -> Floats:
    """Count each customer's dues that were put to the test."""
    _, tested = snapshot.lateness
    return snapshot.total(snapshot.credits.customer[tested])


def _money(snapshot: Snapshot, paying: PaymentTime) -> tuple[Floats, Floats, Floats]:
    """Return what each customer owes, the part expected soon, and the usual buying in 30 days."""
    c = snapshot.credits
    age = snapshot.today[c.customer] - c.day
    owed = snapshot.total(c.customer, c.open)
    soon = snapshot.total(c.customer, c.open * paying.paid_within(c.customer, age, _PAY_SOON_DAYS))
    fresh = age < 90
    first = np.full(snapshot.n, 30.0)
    np.maximum.at(first, c.customer, age + 1.0)
    monthly = snapshot.total(c.customer[fresh], c.amount[fresh]) * 30.0 / np.minimum(first, 90.0)
    return owed, soon, monthly


def _usual_monthly(monthly: Floats) -> int | None:
    """Return what a new customer is taken to buy: half the median of those who buy; None where no customer buys."""
    buying = monthly[monthly > 0]
    return round_half_away(float(np.median(buying)) * _STARTER_SHARE) if len(buying) else None


def _scaled(reason: ReasonCode, share: float) -> ReasonCode:
    """Scale a reason to its part in the pooled score."""
    return ReasonCode(
        reason.feature,
        reason.direction,
        reason.contribution * share,
        reason.value,
        reason.typical,
        reason.text,
    )


def _probability(log_odds: float) -> float:
    """Turn log-odds into a probability."""
    return float(expit(np.asarray(log_odds)))
