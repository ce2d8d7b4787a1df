"""Makes planned prices the items' own when their day has come, shop by shop."""

import logging
from datetime import timedelta

from serving.errors import PortError, RequestError
from serving.ports import Ports
from serving.ports.cache import Topic
from serving.pricing.planning import PlanningService
from serving.pricing.service import PricingService

_log = logging.getLogger("serving.prices")
_AHEAD_OF_UTC = timedelta(days=1)
_CHANGES: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")


def apply_planned_prices(ports: Ports) -> tuple[int, int]:
    """Apply the planned prices whose day, on their shop's calendar, has come.

    A shop that fails is left for the next run and holds up no other one.

    Parameters
    ----------
    ports : Ports
        The ports.

    Returns
    -------
    tuple of int
        Prices that changed, plans that could not be followed.
    """
    pricing = PricingService(
        prices=ports.prices,
        items=ports.items,
        lots=ports.lots,
        sales=ports.sales,
        accounts=ports.accounts,
        predictor=ports.predictor,
        clock=ports.clock,
    )
    planning = PlanningService(
        pricing=pricing,
        prices=ports.prices,
        items=ports.items,
        transactions=ports.transactions,
        clock=ports.clock,
    )
    changed = refused = 0
    for shop_id in ports.prices.shops_with_plans(ports.clock.now().date() + _AHEAD_OF_UTC):
        try:
            done, left = planning.apply_due(shop_id)
        except (PortError, RequestError) as error:
            _log.error("planned prices of shop '%s'", shop_id, exc_info=error)
            continue
        if done:
            ports.cache.forget(shop_id, *_CHANGES)
        changed, refused = changed + done, refused + left
    return changed, refused
