"""A shop to look at: goods, eight weeks of sales, khata, suppliers; made through the API, the same each time."""

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import httpx2 as httpx

PASSWORD = "correct horse battery"
EMAIL = "meena@example.in"

# id, name, Hindi name, unit, price, MRP, cost in rupees, units a day, stock, barcode
GOODS = [
    ("sugar", "Sugar", "चीनी", "kg", 46, None, 41, 9.0, 34.0, None),
    (
        "atta-10kg",
        "Aashirvaad Atta 10 kg",
        "आशीर्वाद आटा 10 किलो",
        "piece",
        455,
        470,
        418,
        3.0,
        2,
        "8901725121112",
    ),
    ("rice", "Rice, loose", "चावल, खुला", "kg", 58, None, 50, 11.0, 60.0, None),
    ("toor-dal", "Toor Dal", "अरहर दाल", "kg", 158, None, 140, 4.0, 18.0, None),
    ("moong-dal", "Moong Dal", "मूंग दाल", "kg", 132, None, 118, 2.0, 9.0, None),
    ("chana", "Kala Chana", "काला चना", "kg", 92, None, 80, 1.5, 12.0, None),
    (
        "oil-1l",
        "Fortune Soya Oil 1 l",
        "फॉर्च्यून सोया तेल 1 ली",
        "piece",
        142,
        155,
        131,
        7.0,
        11,
        "8906007280112",
    ),
    ("milk-500", "Amul Taaza 500 ml", "अमूल ताज़ा 500 मिली", "piece", 27, 27, 25.5, 24.0, 14, "8901262010115"),
    ("bread", "Britannia Bread", "ब्रेड", "piece", 45, 50, 39, 8.0, 0, "8901063142114"),
    ("eggs", "Eggs", "अंडे", "piece", 7, None, 6, 40.0, 90, None),
    ("parle-g", "Parle-G 70 g", "पारले-जी 70 ग्राम", "piece", 10, 10, 8.6, 22.0, 96, "8901719101113"),
    ("maggi", "Maggi 70 g", "मैगी 70 ग्राम", "piece", 14, 15, 12.4, 16.0, 60, "8901058851113"),
    (
        "tea-250",
        "Tata Tea Gold 250 g",
        "टाटा चाय गोल्ड 250 ग्राम",
        "piece",
        165,
        175,
        150,
        2.4,
        8,
        "8901052000111",
    ),
    ("coffee", "Bru Coffee 50 g", "ब्रू कॉफी 50 ग्राम", "piece", 138, 145, 124, 0.8, 5, "8901030700118"),
    ("salt", "Tata Salt 1 kg", "टाटा नमक 1 किलो", "piece", 28, 30, 24.5, 5.0, 22, "8904043901015"),
    ("turmeric", "Turmeric 100 g", "हल्दी 100 ग्राम", "piece", 32, 36, 26, 1.6, 15, None),
    ("chilli", "Red Chilli 100 g", "लाल मिर्च 100 ग्राम", "piece", 44, 50, 36, 1.8, 17, None),
    ("jeera", "Jeera 100 g", "जीरा 100 ग्राम", "piece", 52, 60, 44, 1.0, -2, None),
    ("soap", "Lifebuoy Soap", "लाइफबॉय साबुन", "piece", 38, 40, 33, 4.0, 30, "8901030865114"),
    ("surf", "Surf Excel 1 kg", "सर्फ एक्सेल 1 किलो", "piece", 148, 155, 134, 1.8, 9, "8901030712111"),
    ("paste", "Colgate 100 g", "कोलगेट 100 ग्राम", "piece", 62, 68, 54, 2.0, 14, "8901314010117"),
    ("shampoo", "Clinic Plus sachet", "क्लिनिक प्लस सैशे", "piece", 2, 2, 1.5, 30.0, 140, None),
    ("potato", "Potato", "आलू", "kg", 28, None, 21, 14.0, 42.0, None),
    ("onion", "Onion", "प्याज", "kg", 36, None, 28, 12.0, 38.0, None),
    ("ghee", "Amul Ghee 500 ml", "अमूल घी 500 मिली", "piece", 315, 325, 292, 0.9, 6, "8901262070119"),
    ("agarbatti", "Agarbatti", "अगरबत्ती", "piece", 15, 15, 11, 3.0, 40, None),
    ("matches", "Matches", "माचिस", "piece", 2, 2, 1.5, 12.0, 200, None),
    (
        "namkeen",
        "Haldiram Bhujia 200 g",
        "हल्दीराम भुजिया 200 ग्राम",
        "piece",
        55,
        60,
        48,
        3.6,
        20,
        "8904004400113",
    ),
    ("thumsup", "Thums Up 750 ml", "थम्स अप 750 मिली", "piece", 40, 40, 35, 6.0, 24, "8901764012112"),
    ("curd", "Curd 400 g", "दही 400 ग्राम", "piece", 35, 35, 31, 5.0, 7, None),
]
CUSTOMERS = [
    ("Sunita Devi", "+919812345601", 3000, 2450, 52),
    ("Ramesh Kumar", "+919812345602", 5000, 1180, 12),
    ("Farida Begum", "+919812345603", 2000, 2140, 47),
    ("Iqbal Tailor", "+919812345604", None, 640, 3),
    ("Lakshmi Iyer", "+919812345605", 4000, 0, 0),
    ("Gurpreet Singh", None, 3000, 895, 33),
    ("Asha Tea Stall", "+919812345607", 6000, 3720, 8),
    ("Mohan Lal", "+919812345608", 1500, 310, 1),
]


@dataclass
class Seeded:
    """A shop that was made, and how to sign in to it."""

    base_url: str
    email: str
    password: str
    shop_id: str
    token: str

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Ask the API as the owner."""
        return ask(self.base_url, self.token, method, path, body, **more)


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    """One client for all, which keeps its connection."""
    return httpx.Client(timeout=60)


def ask(base_url: str, token: str | None, method: str, path: str, body: Any = None, **more: Any) -> Any:
    """Ask the API; a refusal is an error that shows the answer."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = _client().request(method, base_url + path, json=body, headers=headers, **more)
    if answer.status_code >= 400:
        raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.text else None


def sign_in(base_url: str, email: str, password: str = PASSWORD) -> str:
    """Return an access token."""
    return str(
        ask(base_url, None, "POST", "/v1/auth/login", {"email": email, "password": password})["access_token"]
    )


def new_email() -> str:
    """Return an address that nobody has."""
    return f"{uuid.uuid4().hex[:12]}@example.in"


def new_shop(base_url: str, name: str = "Meena Kirana Store") -> Seeded:
    """Make an empty shop of its own."""
    email = new_email()
    made = ask(
        base_url,
        None,
        "POST",
        "/v1/auth/register",
        {"email": email, "password": PASSWORD, "shop_name": name, "name": "Meena"},
    )
    return Seeded(base_url, email, PASSWORD, made["shop_id"], sign_in(base_url, email))


def fill(shop: Seeded, days: int = 56, goods: int = len(GOODS), khata: bool = True) -> Seeded:
    """Fill a shop with goods, past sales and khata."""
    shop.call("PATCH", "/v1/auth/shop", {"upi_id": "meena@okbank"})
    shop.call(
        "PUT",
        "/v1/inventory/suppliers/gupta",
        {
            "name": "Gupta Traders",
            "phone": "+919800000001",
            "visit_weekdays": [0, 2, 4],
            "minimum_order_paise": 150_000,
            "credit_days": 7,
        },
    )
    for good in GOODS[:goods]:
        _add_good(shop, good)
    if days:
        _import_sales(shop, days, goods)
    if khata:
        _fill_khata(shop)
    if days:
        _add_orders(shop)
    return shop


def _add_orders(shop: Seeded) -> None:
    """Add an order of which some came, a draft, and a bill of which some came back."""
    lines = [("sugar", 25_000, 4_100), ("milk-500", 48_000, 2_550), ("bread", 24_000, 3_900)]
    keys = ("item_id", "quantity_milli", "unit_cost_paise")
    placed = {
        "order_id": "o-placed",
        "supplier_id": "gupta",
        "lines": [dict(zip(keys, each, strict=True)) for each in lines],
    }
    shop.call("POST", "/v1/orders", placed)
    shop.call("POST", "/v1/orders/o-placed/place", {})
    came = [{"item_id": "milk-500", "quantity_milli": 24_000}, {"item_id": "bread", "quantity_milli": 24_000}]
    shop.call("POST", "/v1/orders/o-placed/receipts", {"lines": came})
    draft = {
        "order_id": "o-draft",
        "supplier_id": "gupta",
        "lines": [dict(zip(keys, ("rice", 50_000, 5_000), strict=True))],
    }
    shop.call("POST", "/v1/orders", draft)
    sold = [{"item_id": "oil-1l", "quantity_milli": 3_000}, {"item_id": "sugar", "quantity_milli": 1_500}]
    shop.call("POST", "/v1/sales", {"sale_id": "b-oil", "payment": "cash", "lines": sold})
    back = {"lines": [{"item_id": "oil-1l", "quantity_milli": 1_000}], "reason": "leaking"}
    shop.call("POST", "/v1/sales/b-oil/returns", back)


def _add_good(shop: Seeded, good: tuple[Any, ...]) -> None:
    key, name, hindi, unit, price, mrp, cost, pace, stock, barcode = good
    body = {
        "item_id": key, "name": name, "aliases": [hindi], "unit": unit,
        "price_paise": round(price * 100),
        "cost_paise": round(cost * 100), "opening_stock_milli": max(round(stock * 1000), 0), "supplier_id": "gupta",
        "pack_milli": 12_000 if unit == "piece" and pace > 5 else 1_000, "reorder_point_milli": round(pace * 2000),
    }  # fmt: skip
    if mrp:
        body["mrp_paise"] = round(mrp * 100)
    if barcode:
        body["barcode"] = barcode
    shop.call("POST", "/v1/inventory/items", body)
    if stock < 0:
        lines = [{"item_id": key, "quantity_milli": round(-stock * 1000)}]
        shop.call("POST", "/v1/sales", {"lines": lines, "payment": "cash"})


def _import_sales(shop: Seeded, days: int, goods: int) -> None:
    """Import bills of the past: fewer on Tuesdays, closed on two days, more at the month's start."""
    chance = random.Random(7)
    today = datetime.now(ZoneInfo("Asia/Kolkata")).date()
    rows = ["date,item_id,quantity,unit_price"]
    for back in range(days, 0, -1):
        on = today - timedelta(days=back)
        if back in (9, 30):
            continue
        busy = (0.7 if on.weekday() == 1 else 1.0) * (1.25 if on.day <= 5 else 1.0)
        for key, _, _, unit, price, _, _, pace, _, _ in GOODS[:goods]:
            units = chance.gauss(pace * busy, (pace**0.5) * 0.8)
            units = max(round(units), 0) if unit == "piece" else max(round(units, 1), 0)
            if units:
                rows.append(f"{on},{key},{units},{price}")
    sent = shop.call(
        "POST", "/v1/sales/imports", files={"file": ("sales.csv", "\n".join(rows).encode(), "text/csv")}
    )
    shop.call("POST", f"/v1/sales/imports/{sent['import_id']}/confirm", {})


def _fill_khata(shop: Seeded) -> None:
    entries: list[dict[str, Any]] = []
    for place, (name, phone, limit, owed, back) in enumerate(CUSTOMERS):
        body: dict[str, Any] = {"customer_id": f"c{place}", "name": name, "credit_days": 30}
        if phone:
            body["phone"] = phone
        if limit:
            body["limit_paise"] = limit * 100
        shop.call("POST", "/v1/udhaar/customers", body)
        if owed:
            entries.append(_entry("credit", place, owed * 100 + 50_000, back))
            entries.append(_entry("payment", place, 50_000, back // 2))
    shop.call("POST", "/v1/udhaar/entries/batch", {"entries": entries, "atomic": True})


def _entry(kind: str, place: int, paise: int, back: int) -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(days=back)).isoformat()
    return {
        "kind": kind,
        "customer_id": f"c{place}",
        "entry_id": f"e{place}-{kind}",
        "amount_paise": paise,
        "at": at,
    }
