"""Whom to remind first: expected recovered rupees against what a reminder costs in goodwill.

A customer who will pay without a reminder is left alone; one who rarely answers and has been asked often is not
asked again. The largest balance is not the first name on the list: what a reminder brings forward is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.money import round_half_away


@dataclass(frozen=True, slots=True)
class DueCustomer:
    """What the queue needs to know of a customer with something past due.

    Parameters
    ----------
    customer_id : str
        Who.
    overdue_paise : int
        What is past due.
    paid_soon_paise : int
        Part of it expected within 14 days without a reminder.
    probability_late : float
        Probability that it goes more than 30 days late.
    monthly_paise : int
        Usual buying in 30 days: what the shop would lose with the customer's goodwill.
    reminders_14 : int, default=0
        Reminders sent in the last 14 days.
    promised : bool, default=False
        Whether an open promise to pay stands; a promise is waited for.
    disputed : bool, default=False
        Whether the customer disagrees with an entry and that is not settled; it is talked about, not reminded of.
    """

    customer_id: str
    overdue_paise: int
    paid_soon_paise: int
    probability_late: float
    monthly_paise: int
    reminders_14: int = 0
    promised: bool = False
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class RecoveryPolicy:
    """What a reminder does, and what it costs.

    Parameters
    ----------
    response : float, default=0.35
        Share of the dues not expected soon that a first reminder brings forward.
    fatigue : float, default=0.5
        What is left of the response after each reminder of the last 14 days.
    margin_ratio : float, default=0.12
        Share of the price that the shop keeps.
    annoyance : float, default=0.01
        Share of a year's margin on a customer that a reminder puts at risk, growing with each recent one.

    Raises
    ------
    RuleError
        If a share is outside 0 to 1.
    """

    response: float = 0.35
    fatigue: float = 0.5
    margin_ratio: float = 0.12
    annoyance: float = 0.01

    def __post_init__(self) -> None:
        """Reject shares outside 0 to 1."""
        for name in ("response", "fatigue", "margin_ratio", "annoyance"):
            if not 0 <= getattr(self, name) <= 1:
                raise RuleError(f"'{name}' is {getattr(self, name)}; give a share from 0 to 1", field=name)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A customer's place in the queue, with its arithmetic: gain = recovered - goodwill.

    Parameters
    ----------
    customer_id : str
        Who.
    gain_paise : int
        What a reminder is worth, goodwill deducted.
    recovered_paise : int
        (overdue - paid soon) x response x fatigue ^ reminders x (1 - probability late).
    goodwill_paise : int
        12 x monthly x margin x annoyance x (1 + reminders).
    action : {"remind", "wait", "talk"}
        "wait" where a reminder is not worth it or a promise stands; "talk" where the shop had better speak with
        the customer in person: long odds that a text moves anything.
    why : str
        "worth_it", "pays_anyway", "promise_stands", "goodwill", "unlikely_to_answer", "disputed".
    """

    customer_id: str
    gain_paise: int
    recovered_paise: int
    goodwill_paise: int
    action: str
    why: str


_LONG_ODDS = 0.7


def recovery_queue(
    customers: Iterable[DueCustomer], policy: RecoveryPolicy | None = None
) -> tuple[QueueEntry, ...]:
    """Rank customers by what a reminder is worth; those to leave alone come last.

    Examples
    --------
    >>> sure = DueCustomer("pays anyway", 500_000, 495_000, 0.02, 300_000)
    >>> slow = DueCustomer("needs a nudge", 80_000, 10_000, 0.2, 100_000)
    >>> [(each.customer_id, each.action) for each in recovery_queue([sure, slow])]
    [('needs a nudge', 'remind'), ('pays anyway', 'wait')]
    """
    used = policy or RecoveryPolicy()
    entries = [_entry(customer, used) for customer in customers if customer.overdue_paise > 0]
    return tuple(sorted(entries, key=lambda e: (e.action != "remind", -e.gain_paise, e.customer_id)))


def _entry(customer: DueCustomer, policy: RecoveryPolicy) -> QueueEntry:
    """Do the sum for one customer."""
    waiting = max(customer.overdue_paise - customer.paid_soon_paise, 0)
    answer = policy.response * policy.fatigue**customer.reminders_14 * (1 - customer.probability_late)
    recovered = round_half_away(waiting * answer)
    yearly_margin = 12 * customer.monthly_paise * policy.margin_ratio
    goodwill = round_half_away(yearly_margin * policy.annoyance * (1 + customer.reminders_14))
    gain = recovered - goodwill
    if customer.disputed:
        action, why = "talk", "disputed"
    elif customer.promised:
        action, why = "wait", "promise_stands"
    elif customer.probability_late >= _LONG_ODDS:
        action, why = "talk", "unlikely_to_answer"
    elif gain > 0:
        action, why = "remind", "worth_it"
    else:
        action, why = "wait", "pays_anyway" if waiting * 4 < customer.overdue_paise else "goodwill"
    return QueueEntry(customer.customer_id, gain, recovered, goodwill, action, why)
