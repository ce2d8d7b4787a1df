"""What a shop may expect of a new customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MOST_SHOP_EFFECT = 1.5
"""Log-odds by which a shop's own lateness may move what is expected of a new customer."""


@dataclass(frozen=True)
class ThinFile:
    """Outcomes of customers without tested dues.

    Parameters
    ----------
    log_odds_30, log_odds_60 : float
        Of a due more than 30 days late within either horizon.
    late_log_odds : float
        Log-odds of a due of the training shops going more than 30 days late: the reference for a shop's own.
    """

    log_odds_30: float
    log_odds_60: float
    late_log_odds: float

    def prior(self, horizon_days: int, late_share: float) -> float:
        """Return a new customer's log-odds in a shop of whose dues such a share went late."""
        own = smoothed_log_odds(late_share) - self.late_log_odds
        level = self.log_odds_30 if horizon_days == 30 else self.log_odds_60
        return level + float(np.clip(own, -_MOST_SHOP_EFFECT, _MOST_SHOP_EFFECT))


def smoothed_log_odds(share: float) -> float:
    """Return the log-odds of a share, kept from the ends; of an unknown one those of 5 %."""
    held = 0.05 if np.isnan(share) else min(max(share, 0.005), 0.9)
    return float(np.log(held / (1 - held)))
