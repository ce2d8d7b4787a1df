"""What every store of decisions must do."""

from datetime import datetime, timedelta

import pytest

from serving.adapters.sql.database import Database
from serving.adapters.sql.recommendations import SqlRecommendationStore
from serving.ports.recommendations import Choice, RecommendationStore


@pytest.fixture
def recommendations(database: Database) -> RecommendationStore:
    """Each store of decisions."""
    return SqlRecommendationStore(database)


def test_decisions_are_kept_in_order_and_by_shop(
    recommendations: RecommendationStore, shop_id: str, now: datetime
) -> None:
    made = [
        Choice("overdue:ramesh", "dismissed", 100, "", "meena", now + timedelta(days=n)) for n in range(3)
    ]
    for choice in made[::-1]:
        recommendations.choose(shop_id, choice)
    assert recommendations.choices_since(shop_id, now + timedelta(days=1)) == tuple(made[1:])
    assert recommendations.choices_since(shop_id + "x", now) == ()
