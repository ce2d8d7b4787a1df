"""The only features a risk may rest on: behaviour in this shop's own khata, nothing about the person.

No name, phone, caste, religion, gender, locality or photo is here, and nothing outside this list reaches a
model: `LedgerFeatures` reads seven ledger columns and writes exactly these. The direction is the sign of the
effect on the risk that any shopkeeper would call fair: +1 may only raise it, -1 only lower it, 0 is learned.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """One allowed feature.

    Parameters
    ----------
    name : str
        Column name, with its unit.
    direction : int
        +1 where more of it may only raise the risk, -1 where it may only lower it, 0 where it is learned.
    text : str
        The feature in plain words, for a reason shown to the shop.
    """

    name: str
    direction: int
    text: str


CATALOGUE: tuple[Feature, ...] = (
    # what is owed now
    Feature("days_past_due", 1, "days past due of the oldest open credit"),
    Feature("overdue_ratio", 1, "share of the balance that is past due"),
    Feature("old_due_ratio", 1, "share of the balance older than 60 days"),
    Feature("oldest_open_days", 0, "days since the oldest unpaid purchase"),
    Feature("open_credits", 0, "number of unpaid purchases"),
    Feature("balance_months", 0, "balance, in months of usual purchases on credit"),
    Feature("utilisation", 0, "balance as a share of the highest ever"),
    Feature("balance_growth", 0, "balance against 30 days ago"),
    # how dues were kept
    Feature("late_share", 1, "share of dues paid late"),
    Feature("late30_share", 1, "share of dues paid more than 30 days late"),
    Feature("recent_late_share", 1, "share of recent dues paid late"),
    Feature("mean_days_late", 1, "average days late"),
    Feature("recent_days_late", 1, "average days late of recent dues"),
    Feature("last_days_late", 1, "days late of the last due"),
    Feature("previous_days_late", 1, "days late of the due before the last"),
    Feature("worst_days_late_180", 1, "worst delay of the last 180 days"),
    Feature("recent_due_gap_days", 1, "recent days from the due day to the payment, early ones counted"),
    Feature("due_gap_spread_days", 0, "how much payments scatter around the due day"),
    Feature("earliest_due_gap_days", 0, "earliest payment against the due day"),
    Feature("last_three_due_gap_days", 1, "days from the due day to the payment, last three dues"),
    Feature("on_time_streak", -1, "dues kept in a row"),
    Feature("settled_credits", 0, "purchases already paid off"),
    Feature("written_off_share", 1, "share of purchases written off"),
    Feature("days_to_pay", 0, "average days from purchase to payment"),
    Feature("days_to_pay_spread", 0, "how much the days to payment vary"),
    Feature("days_to_pay_trend", 0, "change in the days to payment"),
    Feature("terms_used_ratio", 1, "recent share of the allowed days that was used"),
    Feature("last_terms_used_ratio", 1, "share of the allowed days used for the last due"),
    # payments
    Feature("payment_ratio_30", -1, "paid in 30 days, against what was owed"),
    Feature("payment_ratio_90", -1, "paid in 90 days, against what was owed"),
    Feature("days_since_payment", 0, "days since the last payment"),
    Feature("payments_90", 0, "payments in 90 days"),
    Feature("full_payment_share", 0, "share of payments that cleared the balance"),
    Feature("payday_in_days", 0, "days until the usual day of payment"),
    Feature("payday_regularity", 0, "how regular the day of payment is"),
    # buying
    Feature("tenure_days", 0, "days since the first purchase on credit"),
    Feature("credits_count", 0, "purchases on credit so far"),
    Feature("credits_90", 0, "purchases on credit in 90 days"),
    Feature("days_since_credit", 0, "days since the last purchase on credit"),
    Feature("credit_gap_days", 0, "usual days between purchases on credit"),
    Feature("credit_growth", 0, "buying of 30 days against the usual"),
    Feature("last_credit_ratio", 0, "last purchase against the usual"),
    Feature("last_credit_terms_days", 0, "days allowed for the last purchase"),
    Feature("usual_terms_ratio", 0, "days allowed for the last purchase, against the usual"),
    Feature("shop_relative_last_credit", 0, "last purchase against the shop's usual"),
    Feature("shop_relative_credit", 0, "usual purchase against the shop's usual"),
    Feature("shop_relative_balance", 0, "balance against the shop's usual purchase"),
    # the calendar: dues that fall before the pay-day are harder to keep
    Feature("day_of_month", 0, "day of the month"),
    Feature("next_due_day_of_month", 0, "day of the month on which the last purchase falls due"),
    Feature("due_after_payday_days", 0, "days from the usual day of payment to the due day"),
    # promises made by word of mouth
    Feature("broken_promises", 1, "promises to pay that were broken"),
    Feature("kept_promise_share", -1, "share of promises to pay that were kept"),
    # the shop
    Feature("shop_late_share", 1, "share of all dues paid late in this shop"),
    Feature("shop_late30_share", 1, "share of all dues paid more than 30 days late in this shop"),
)

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in CATALOGUE)
DIRECTIONS: dict[str, int] = {feature.name: feature.direction for feature in CATALOGUE if feature.direction}
TEXTS: dict[str, str] = {feature.name: feature.text for feature in CATALOGUE}
