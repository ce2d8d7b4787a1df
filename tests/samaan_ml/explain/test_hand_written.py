"""Texts written by hand, right and wrong by their facts: roles, periods, negation and numbers in words."""

import datetime as dt

import pytest

from samaan_ml.explain import Fact, check_numbers, is_in_language

FACTS: dict[str, tuple[Fact, ...]] = {
    "order": (
        Fact.item("item", "Maggi 70 g"),
        Fact.quantity("order_quantity", 48000),
        Fact.quantity("on_hand", 12000),
        Fact.quantity("expected_demand", 52000),
        Fact.days("cover_days", 14),
        Fact.money("cost", 57600),
    ),
    "stockout": (
        Fact.item("item", "Milk"),
        Fact.quantity("on_hand", 8000, "l"),
        Fact.quantity("daily_demand", 4000, "l"),
        Fact.days("days_left", 2),
    ),
    "price": (
        Fact.item("item", "Rice"),
        Fact.money("old_price", 6000),
        Fact.money("new_price", 5400),
        Fact.money("gain_per_day", 12000),
    ),
    "expiry": (
        Fact.item("item", "Bread"),
        Fact.quantity("at_risk", 9000),
        Fact.day("expires_on", dt.date(2026, 12, 5)),
        Fact.money("value", 36000),
    ),
    "promise": (
        Fact.person("customer", "Sita"),
        Fact.money("promised", 300000),
        Fact.day("pay_by", dt.date(2026, 11, 20)),
        Fact.money("unpaid", 100000),
    ),
    "collect": (Fact.person("customer", "Sita"), Fact.money("overdue", 250000), Fact.days("oldest_days", 60)),
    "limit": (
        Fact.person("customer", "Sita"),
        Fact.money("balance", 400000),
        Fact.money("limit", 500000),
        Fact.money("purchase", 150000),
    ),
    "demand": (
        Fact.item("item", "Oil"),
        Fact.quantity("usual", 30000, "l"),
        Fact.quantity("expected", 15000, "l"),
        Fact.days("horizon_days", 7),
    ),
    "sales": (Fact.money("today_sales", 900000), Fact.money("usual_sales", 600000)),
    "slow": (
        Fact.item("item", "Jam"),
        Fact.quantity("on_hand", 5000),
        Fact.days("idle_days", 45),
        Fact.money("value", 75000),
    ),
}
TEXTS: list[tuple[str, bool, str]] = [
    ("order", True, "Order 48 packets of Maggi 70 g for the next two weeks."),
    ("order", True, "You have a dozen left and should sell about 52 in 14 days."),
    ("order", True, "The order will cost you ₹576."),
    ("order", True, "Order four dozen."),
    ("order", False, "Order five dozen."),
    ("order", False, "You will sell about 12 and have 52 left."),
    ("order", False, "Skip this order; do not buy 48."),
    ("order", False, "Order 48 for the next three weeks."),
    ("order", False, "It costs five hundred rupees."),
    ("order", True, "48 nag mangwa lijiye, kharch ₹576."),
    ("order", False, "Saath nag mangwa lijiye."),
    ("order", True, "चार दर्जन मँगवाएँ, आपके पास 12 बचे हैं।"),
    ("order", False, "पाँच दर्जन मँगवाएँ।"),
    ("order", False, "ऑर्डर मत करें।"),
    ("order", True, "दो हफ़्ते में करीब 52 बिकेंगे।"),
    ("order", False, "लागत छह सौ रुपये है।"),
    ("order", True, "আটচল্লিশটি অর্ডার করুন, খরচ ₹576।"),
    ("order", False, "৫৮টি অর্ডার করুন।"),
    ("order", False, "আপনার কাছে ৫২টি আছে।"),
    ("order", True, "48 ஆர்டர் செய்யுங்கள்; உங்களிடம் 12 உள்ளது."),
    ("order", False, "ஐம்பது ஆர்டர் செய்யுங்கள்."),
    ("order", False, "உங்களிடம் 52 உள்ளது."),
    ("stockout", True, "Milk will run out in about two days; you have 8 litres and sell 4 litres a day."),
    ("stockout", False, "Milk will run out in a week."),
    ("stockout", False, "You sell about 4 litres a week."),
    ("stockout", True, "Doodh do din mein khatam ho jayega, 8 litre bacha hai."),
    ("stockout", False, "Doodh teen din mein khatam ho jayega."),
    ("stockout", True, "रोज़ करीब 4 लीटर बिकता है।"),
    ("stockout", False, "हर हफ़्ते करीब 4 लीटर बिकता है।"),
    ("price", True, "Lower the price of Rice from ₹60 to ₹54."),
    ("price", True, "Cut it by ₹6, that is 10%."),
    ("price", False, "Raise the price to ₹54."),
    ("price", False, "Lower it from ₹54 to ₹60."),
    ("price", True, "Expect ₹120 more profit per day."),
    ("price", False, "Expect ₹120 more profit per week."),
    ("price", False, "Lower it by ₹4."),
    ("price", True, "दाम ₹60 से घटाकर ₹54 करें, रोज़ ₹120 का फ़ायदा।"),
    ("price", False, "दाम बढ़ाकर ₹54 करें।"),
    ("price", False, "दाम चौवन की जगह चालीस रुपये करें।"),
    ("price", True, "Daam ₹6 kam karo."),
    ("price", False, "Daam ₹6 zyada karo."),
    ("price", True, "দাম কমিয়ে ₹54 করুন।"),
    ("price", False, "দাম বাড়িয়ে ₹54 করুন।"),
    ("price", True, "விலையை ₹60 இலிருந்து ₹54 ஆகக் குறைக்கவும்."),
    ("price", False, "விலையை ₹54 ஆக உயர்த்தவும்."),
    ("expiry", True, "Nine pieces worth ₹360 may not sell before 5 December."),
    ("expiry", False, "Nine pieces worth ₹360 may not sell before 5 January."),
    ("expiry", False, "Six pieces may not sell before 5 December."),
    ("promise", True, "Sita promised ₹3,000 by 20 November and has paid ₹2,000; ₹1,000 is still due."),
    ("promise", False, "Sita promised ₹1,000 and paid all ₹3,000."),
    ("promise", False, "Sita has paid ₹3,000."),
    ("promise", False, "You owe Sita ₹1,000."),
    ("promise", True, "Sita ne ₹2,000 chuka diye, ₹1,000 baaki hai."),
    ("promise", False, "Sita ne ₹1,000 chuka diye."),
    ("promise", True, "दो तिहाई रकम मिल चुकी है।"),
    ("promise", False, "आधी रकम मिल चुकी है।"),
    ("promise", True, "A third of it is still unpaid."),
    ("promise", False, "Half of it is still unpaid."),
    ("collect", True, "Sita has ₹2,500 overdue, the oldest for two months."),
    ("collect", False, "Sita has ₹2,500 overdue, the oldest for three months."),
    ("collect", False, "Sita has paid ₹2,500."),
    ("collect", True, "Sita par dhai hazar rupaye baaki hain."),
    ("collect", False, "Sita par dedh hazar rupaye baaki hain."),
    ("collect", True, "সীতার আড়াই হাজার টাকা বাকি।"),
    ("collect", False, "সীতার সাড়ে তিন হাজার টাকা বাকি।"),
    (
        "limit",
        True,
        "Sita owes ₹4,000; with this purchase of ₹1,500 it would be ₹5,500, past the limit of ₹5,000.",
    ),
    ("limit", False, "Sita owes ₹5,000; the limit is ₹4,000."),
    ("limit", False, "Sita may take a loan of ₹1,500."),
    ("demand", True, "Demand should halve from 30 litres to 15 litres in the next 7 days."),
    ("demand", False, "Demand should double from 15 litres to 30 litres."),
    ("demand", True, "मांग आधी रह जाएगी: 30 लीटर से घटकर 15 लीटर।"),
    ("demand", False, "मांग दोगुनी होगी।"),
    ("sales", True, "Sales rose by half, from ₹6,000 to ₹9,000."),
    ("sales", True, "Today's sales of ₹9,000 are ₹3,000 above the usual."),
    ("sales", False, "Today's sales of ₹9,000 are ₹3,000 below the usual."),
    ("sales", False, "Today's sales of ₹6,000 are above the usual ₹9,000."),
    ("slow", True, "Jam has not sold for 45 days; 5 pieces worth ₹750 are on the shelf."),
    ("slow", False, "Jam has not sold for 54 days."),
    ("slow", True, "जैम 45 दिन से नहीं बिका।"),
    ("slow", False, "Sab stock khatam hai."),
]


@pytest.mark.parametrize(("facts", "right", "text"), TEXTS)
def test_a_text_passes_only_where_its_facts_say_so(facts: str, right: bool, text: str) -> None:
    assert check_numbers(text, FACTS[facts]).ok == right


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Raise the price of [[item]] from ₹40 to ₹44."),
        ("hi", "[[item]] का दाम ₹40 से बढ़ाकर ₹44 करें।"),
        ("hi-Latn", "[[item]] ka daam ₹40 se badhakar ₹44 karein."),
        ("mr", "[[item]] ची किंमत ₹40 वरून वाढवून ₹44 करा."),
        ("bn", "[[item]]-এর দাম ₹40 থেকে বাড়িয়ে ₹44 করুন।"),
        ("ta", "[[item]] விலையை ₹40 இலிருந்து ₹44 ஆக உயர்த்தவும்."),
    ],
)
def test_a_text_is_in_its_own_language_alone(language: str, text: str) -> None:
    found = {
        each
        for each in ("en", "hi", "hi-Latn", "mr", "bn", "ta", "te", "gu", "kn")
        if is_in_language(text, each)
    }
    assert found == {language}
