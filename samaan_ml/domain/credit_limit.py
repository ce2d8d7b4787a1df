"""How much udhaar a customer can carry: the arithmetic of a limit, and the check at the counter.

A limit is a suggestion. It carries every number it was made from, so that anybody can do the sum again
(`recompute`), and it never uses interest: what the shop earns on udhaar is the margin on the goods.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import Account
from samaan_ml.domain.money import round_half_away

LATE_FOR_GOOD_DAYS = 30
FORMULA = (
    "p = probability + caution * max(upper - probability, 0); turns = 90 / min(max(days_to_pay, 15), 90); "
    "usual = monthly * max(days_to_pay / 30, 1) * headroom; earning = (1 - p) * margin * turns; "
    "loss = p * (1 - margin) * loss_given_default; share = max(1 - loss / earning, 0), 0 where earning is 0; "
    "bearable = min(usual * share, cash * concentration), 0 where days_past_due > 30; "
    "limit = floor(bearable / round_to) * round_to"
)
VERSION = "limit-1"


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """What a shop earns, loses and risks on udhaar.

    Parameters
    ----------
    margin_ratio : float, default=0.12
        Share of the price that the shop keeps.
    loss_given_default : float, default=0.75
        Share of what is owed by a customer who goes more than 30 days late that is never seen again.
    caution : float, default=0.25
        How far to move from the probability towards the upper end of its interval: a thin file is judged
        more carefully.
    headroom : float, default=1.5
        Limit of a riskless customer, as a multiple of the dues that usual buying and paying add up to.
    concentration : float, default=0.1
        Largest share of the shop's cash that one customer may owe.
    cash_paise : int or None, default=None
        Cash the shop can have outstanding; None where it is not known, and then it does not bind.
    starter_paise : int, default=100000
        Usual monthly buying assumed of a customer without any, where the shop has none to compare with.
    round_to_paise : int, default=5000
        Limits are rounded down to a multiple of this.

    Raises
    ------
    RuleError
        If a share is outside 0 to 1, or an amount negative.
    """

    margin_ratio: float = 0.12
    loss_given_default: float = 0.75
    caution: float = 0.25
    headroom: float = 1.5
    concentration: float = 0.1
    cash_paise: int | None = None
    starter_paise: int = 100_000
    round_to_paise: int = 5_000

    def __post_init__(self) -> None:
        """Reject shares outside 0 to 1."""
        for name in ("margin_ratio", "loss_given_default", "caution", "concentration"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise RuleError(f"'{name}' is {value}; give a share from 0 to 1", field=name)
        if (
            self.headroom <= 0
            or self.round_to_paise < 1
            or self.starter_paise < 0
            or (self.cash_paise or 0) < 0
        ):
            raise RuleError("'headroom' and 'round_to_paise' must be positive, amounts not negative")


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """A suggested limit and the numbers it was made from.

    Parameters
    ----------
    limit_paise : int
        The suggestion.
    arithmetic : dict
        Inputs and steps by name, JSON values, with the formula and its version; `recompute` does the sum again
        from the inputs.
    """

    limit_paise: int
    arithmetic: dict[str, Any]


def suggest_limit(
    *,
    probability: float,
    upper: float,
    monthly_paise: int | None,
    days_to_pay: float | None,
    days_past_due: int,
    policy: LimitPolicy | None = None,
) -> LimitDecision:
    """Suggest a limit from expected loss, margin, usual buying and the shop's cash.

    1. usual dues = monthly buying x days to pay / 30 (at least one month's), times headroom.
    2. cautious probability p = probability + caution x (upper - probability).
    3. a rupee on udhaar earns (1 - p) x margin x turns a quarter and loses p x (1 - margin) x loss share.
    4. the limit is the usual dues times the share of the earning that the loss leaves, never beyond the
       concentration of the shop's cash; nothing new for one who is more than 30 days late.

    Parameters
    ----------
    probability, upper : float
        Probability of going more than 30 days late, and the upper end of its interval.
    monthly_paise : int or None
        Usual buying on credit in 30 days; None for a customer without any.
    days_to_pay : float or None
        Expected days until a credit is paid.
    days_past_due : int
        Of the oldest open credit.
    policy : LimitPolicy or None, default=None
        The shop's own figures; None takes the defaults.

    Returns
    -------
    LimitDecision
        Limit and arithmetic.

    Examples
    --------
    >>> decision = suggest_limit(probability=0.02, upper=0.04, monthly_paise=200_000, days_to_pay=20.0,
    ...                          days_past_due=0)
    >>> decision.limit_paise
    290000
    >>> recompute(decision.arithmetic) == decision.limit_paise
    True
    """
    used = LimitPolicy() if policy is None else policy
    inputs = {
        "probability": probability,
        "upper": upper,
        "monthly_paise": used.starter_paise if monthly_paise is None else monthly_paise,
        "days_to_pay": 30.0 if days_to_pay is None else days_to_pay,
        "days_past_due": days_past_due,
        "margin_ratio": used.margin_ratio,
        "loss_given_default": used.loss_given_default,
        "caution": used.caution,
        "headroom": used.headroom,
        "concentration": used.concentration,
        "cash_paise": used.cash_paise,
        "round_to_paise": used.round_to_paise,
    }
    return LimitDecision(
        recompute(inputs), {**inputs, **_steps(inputs), "formula": FORMULA, "version": VERSION}
    )


def recompute(arithmetic: Mapping[str, Any]) -> int:
    """Do the sum of a limit again from its inputs alone."""
    return int(_steps(arithmetic)["limit_paise"])


def _steps(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the steps of the sum."""
    p = given["probability"] + given["caution"] * max(given["upper"] - given["probability"], 0.0)
    turns = 90.0 / min(max(given["days_to_pay"], 15.0), 90.0)
    months = max(given["days_to_pay"] / 30.0, 1.0)
    need = given["monthly_paise"] * months * given["headroom"]
    earning = (1 - p) * given["margin_ratio"] * turns
    loss = p * (1 - given["margin_ratio"]) * given["loss_given_default"]
    share = max(1 - loss / earning, 0.0) if earning > 0 else 0.0
    cap = None if given["cash_paise"] is None else given["cash_paise"] * given["concentration"]
    late = given["days_past_due"] > LATE_FOR_GOOD_DAYS
    bearable = 0.0 if late else min(need * share, need * share if cap is None else cap)
    return {
        "cautious_probability": p,
        "turns_a_quarter": turns,
        "usual_dues_paise": round_half_away(need),
        "earning_per_rupee": earning,
        "loss_per_rupee": loss,
        "bearable_share": share,
        "cash_cap_paise": None if cap is None else round_half_away(cap),
        "late_for_good": late,
        "limit_paise": int(bearable // given["round_to_paise"]) * given["round_to_paise"],
    }


@dataclass(frozen=True, slots=True)
class CounterCheck:
    """What the counter may do with a sale on udhaar.

    Parameters
    ----------
    verdict : {"allow", "warn", "block"}
        What to do.
    after_paise : int
        Balance after the sale.
    limit_paise : int
        The limit.
    over_paise : int
        By how much the limit is passed; 0 if it is not.
    """

    verdict: Literal["allow", "warn", "block"]
    after_paise: int
    limit_paise: int
    over_paise: int


def check_at_counter(
    account: Account, sale_paise: int, limit_paise: int, policy: Literal["warn", "block"] = "warn"
) -> CounterCheck:
    """Check a sale on udhaar against the limit at the moment of sale; an advance (jama) counts in full."""
    after = account.balance_paise + sale_paise
    over = max(after - limit_paise, 0)
    return CounterCheck(policy if over else "allow", after, limit_paise, over)
