"""Draw the pictures of the front page and of the explanations from the library's own answers.

Run `python docs/pictures.py`; it writes SVG files into docs/explanations/pictures. Same data and seed, same file.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from samaan_ml import DemandForecaster
from samaan_ml.bills import BillDraft, Box, Reading, Token, read_bill
from samaan_ml.domain.credit_limit import LimitPolicy, suggest_limit
from samaan_ml.domain.pricing import PriceRules
from samaan_ml.inventory import PeriodDemand, reorder_advice
from samaan_ml.pricing import PriceOptimizer
from samaan_ml.tables import ShopData

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "explanations" / "pictures"
GREEN, GREY, RED = "#0a7f5a", "#8a8f98", "#c0392b"
LEAD_DAYS, REVIEW_DAYS, ON_HAND = 2, 5, 12


def main() -> None:
    """Draw every picture."""
    mpl.rcParams.update({"svg.hashsalt": "samaan", "font.size": 10, "axes.spines.top": False})
    mpl.rcParams.update({"axes.spines.right": False, "figure.figsize": (7.2, 3.2), "savefig.bbox": "tight"})
    draw_forecast()
    draw_order()
    draw_prices()
    draw_limits()
    draw_bill()


def save(name: str) -> None:
    """Write the current figure."""
    OUT.mkdir(parents=True, exist_ok=True)
    plt.savefig(OUT / f"{name}.svg", metadata={"Date": None})
    plt.close()


def draw_forecast() -> None:
    """Draw the history of one item, its forecast with the 80 % interval, and the order that follows."""
    data = ShopData.load(ROOT / "data" / "sample")
    model = DemandForecaster(horizon=14).fit(
        data.sales, data.prices, data.stock, data.calendar, data.items, data.shops
    )
    sums = data.sales.groupby(["shop_id", "item_id"], observed=True)["units"].sum()
    shop_id, item_id = sums.idxmax()
    ahead = of_item(model.predict(), shop_id, item_id)
    past = of_item(data.sales, shop_id, item_id).tail(42)
    period = LEAD_DAYS + REVIEW_DAYS
    spread = (ahead["q0.9"] - ahead["q0.1"]).to_numpy()[
        :period
    ] / 2.563  # a normal's 80 % interval in deviations
    demand = PeriodDemand(float(ahead["mean"][:period].sum()), float(np.sqrt((spread**2).sum())))
    advice = reorder_advice(
        demand, ON_HAND * 1_000, lead_time_days=LEAD_DAYS, review_days=REVIEW_DAYS, case_milli=12_000
    )
    plt.plot(past["date"], past["units"], color=GREY, label="sold")
    plt.plot(ahead["date"], ahead["mean"], color=GREEN, label="forecast")
    plt.fill_between(
        ahead["date"], ahead["q0.1"], ahead["q0.9"], color=GREEN, alpha=0.2, label="80 % interval"
    )
    plt.axvspan(ahead["date"].iloc[0], ahead["date"].iloc[period - 1], color=GREEN, alpha=0.06)
    plt.title(
        f"Next {period} days: {demand.mean:.0f} expected, {ON_HAND} in stock -> order {advice.cases} cases of 12",
        fontsize=10,
    )
    plt.ylabel("units a day")
    plt.legend(frameon=False, loc="upper left", ncols=3)
    plt.gcf().autofmt_xdate()
    save("forecast")


def of_item(table: pd.DataFrame, shop_id: str, item_id: str) -> pd.DataFrame:
    """Return the rows of one item, sorted by day."""
    rows = table[(table["shop_id"] == shop_id) & (table["item_id"] == item_id)]
    return rows.sort_values("date").reset_index(drop=True)


def draw_order() -> None:
    """Draw the demand until the next order arrives, the stock, and the reorder point at two service levels."""
    demand = PeriodDemand(20.0, 6.0)
    units = np.arange(0, 45)
    density = np.exp(-0.5 * ((units - 20.0) / 6.0) ** 2)
    plt.bar(units, density / density.sum(), color=GREY, alpha=0.5, label="demand over lead time and review")
    for service, colour in ((0.8, GREY), (0.95, GREEN)):
        advice = reorder_advice(demand, 9_000, service_level=service, case_milli=12_000)
        point = advice.reorder_point_milli / 1_000
        plt.axvline(
            point, color=colour, label=f"{service:.0%}: up to {point:.0f}, order {advice.cases} cases of 12"
        )
    plt.axvline(9, color=RED, linestyle=":", label="in stock: 9")
    plt.xlabel("units")
    plt.yticks([])
    plt.legend(frameon=False, fontsize=9)
    save("order")


def draw_prices() -> None:
    """Draw the gain of each candidate price, and the prices that the MRP forbids."""
    key = {"shop_id": ["s"], "item_id": ["tea"]}
    belief = pd.DataFrame(
        {**key, "elasticity": -1.6, "std_error": 0.2, "lower": -2.0, "upper": -1.2, "grade": "A"}
    )
    prices = pd.DataFrame({**key, "date": "2026-01-05", "unit_price": 50.0, "unit_cost": 36.0, "mrp": 56.0})
    table = PriceOptimizer(PriceRules(max_change_bp=2_000)).what_if(
        belief, prices, "s", "tea", demand=pd.DataFrame({**key, "units": 10.0}), on="2026-03-01"
    )
    legal = table["legal"]
    for chosen, colour, label in ((legal, GREEN, "allowed by all rules"), (~legal, RED, "barred by a rule")):
        rows = table[chosen]
        plt.scatter(rows["price_paise"] / 100, rows["gain_paise"] / 100, color=colour, s=14, label=label)
    plt.axvline(56, color=RED, linestyle=":", label="MRP")
    plt.axvline(50, color=GREY, linestyle=":", label="price today")
    plt.xlabel("price, rupees")
    plt.ylabel("gain, rupees a day")
    plt.legend(frameon=False, fontsize=9)
    save("prices")


def draw_limits() -> None:
    """Draw the suggested limit of a customer who buys for 2,000 rupees a month, by the risk of paying late."""
    risks = np.linspace(0.01, 0.6, 60)
    for width, colour in ((0.02, GREEN), (0.15, GREY)):
        limits = [
            suggest_limit(
                probability=float(risk),
                upper=float(min(risk + width, 0.99)),
                monthly_paise=200_000,
                days_to_pay=20.0,
                days_past_due=0,
                policy=LimitPolicy(),
            ).limit_paise
            for risk in risks
        ]
        plt.plot(
            risks, np.array(limits) / 100, color=colour, label=f"upper end of the interval {width:.0%} above"
        )
    plt.xlabel("probability of paying more than 30 days late")
    plt.ylabel("limit, rupees")
    plt.legend(frameon=False, fontsize=9)
    save("limits")


def a_bill() -> tuple[Reading, BillDraft]:
    """Read a small bill in which one amount does not follow from its line."""
    rows = [
        "GUPTA_TRADERS",
        "Item Qty Rate Amount",
        "Dal 2 45.00 90.00",
        "Rice 5 60.00 800.00",
        "Total - - 390.00",
    ]
    tokens = tuple(
        Token(word.replace("_", " "), Box(120.0 * column, 20.0 * row, 120.0 * column + 50, 20.0 * row + 12))
        for row, text in enumerate(rows)
        for column, word in enumerate(text.split())
    )
    reading = Reading("example", tokens)
    return reading, read_bill(reading, today=date(2026, 11, 23))


def draw_bill() -> None:
    """Draw the tokens of a bill, and the amount that the arithmetic repaired."""
    reading, draft = a_bill()
    axes: Any = plt.gca()
    repaired = {line.amount.value for line in draft.lines if line.amount.status == "repaired"}
    for token in reading.tokens:
        wrong = token.text == "800.00" and 30_000 in repaired
        axes.text(token.box.left, -token.box.top, token.text, color=RED if wrong else "black")
        if wrong:
            axes.text(
                token.box.left + 60, -token.box.top, "-> 300.00: 5 x 60.00, and the total agrees", color=GREEN
            )
    axes.set_xlim(-10, 640)
    axes.set_ylim(-95, 15)
    axes.axis("off")
    save("bill")


if __name__ == "__main__":
    main()
