"""The number proof: planted wrong numbers are found, honest texts pass."""

import random
import re
from datetime import date

import pytest

from samaan_ml.domain.digits import to_native_digits
from samaan_ml.explain import (
    LANGUAGES,
    ExplanationRequest,
    Fact,
    Sentence,
    check_numbers,
    prove_sentences,
    write_template,
)

PRICE = (
    Fact.item("item", "Parle-G 65 g"),
    Fact.money("old_price", 4_000),
    Fact.money("new_price", 4_400),
    Fact.money("gain_per_day", 12_500),
)
ORDER = (
    Fact.item("item", "Toor dal 1 kg"),
    Fact.quantity("order_quantity", 24_000),
    Fact.quantity("on_hand", 6_000),
    Fact.quantity("expected_demand", 29_000),
    Fact.days("cover_days", 7),
    Fact.money("cost", 11_840_000),
)
EXPIRY = (
    Fact.item("item", "Amul milk"),
    Fact.quantity("at_risk", 18_000, "l"),
    Fact.day("expires_on", date(2026, 12, 5)),
    Fact.money("value", 93_650),
)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Raise Parle-G 65 g from ₹40 to ₹44, that is 10% or ₹4 more.", PRICE),
        ("Parle-G 65 g का दाम ₹40 से बढ़ाकर ₹44 करें, रोज़ ₹125 का फ़ायदा।", PRICE),
        ("Daam ₹40 se badhakar Rs 44 karein, roz 125 rupaye fayda.", PRICE),
        ("दाम ₹४० से बढ़ाकर ₹४४ करें।", PRICE),
        ("Order 24 pieces; 6 are left and 29 should sell in 7 days.", ORDER),
        ("Order two dozen of Toor dal 1 kg for Rs 1,18,400.", ORDER),
        ("It costs about 1.18 lakh rupees.", ORDER),
        ("खर्च करीब 1.2 लाख रुपये, 1 सप्ताह के लिए।".replace("1 सप्ताह", "1 हफ़्ता"), ORDER),
        ("Seven days of stock.", ORDER),
        ("Sell 18 litres before 5 Dec 2026, worth ₹936.50.", EXPIRY),
        ("Sell it by 05/12/2026; about ₹940 is at stake.", EXPIRY),
        ("5 दिसंबर तक बेचें, कीमत ₹936.50", EXPIRY),
        ("It is worth ₹937.", EXPIRY),
    ],
)
def test_an_honest_text_passes(text: str, facts: tuple[Fact, ...]) -> None:
    assert [claim.text for claim in check_numbers(text, facts).problems] == []


@pytest.mark.parametrize(
    ("text", "facts", "wrong"),
    [
        ("Raise it from ₹40 to ₹45.", PRICE, "₹45"),
        ("Lower it from ₹40 to ₹44.", PRICE, "lower"),
        ("Raise it from ₹44 to ₹40.", PRICE, "₹44"),
        ("Raise it by 12%.", PRICE, "12%"),
        ("दाम घटाकर ₹44 करें।", PRICE, "घटाकर"),
        ("दाम ₹४० से बढ़ाकर ₹४६ करें।", PRICE, "₹46"),
        ("The price should double.", PRICE, "double"),
        ("Order 42 pieces.", ORDER, "42 pieces"),
        ("Order 24 kg.", ORDER, "24 kg"),
        ("It lasts 8 days.", ORDER, "8 days"),
        ("Eight days of stock.", ORDER, "8 days"),
        ("It costs 1.3 lakh rupees.", ORDER, "1.3 lakh rupees"),
        ("It costs ₹1,18,000.", ORDER, "₹1,18,000"),
        ("It costs 1.18 crore rupees.", ORDER, "1.18 crore rupees"),
        ("It lasts 2 months.", ORDER, "2 months"),
        ("Sell before 6 Dec 2026.", EXPIRY, "6 dec 2026"),
        ("Sell before 5 Dec 2027.", EXPIRY, "5 dec 2027"),
        ("Sell before 05/11/2026.", EXPIRY, "05/11/2026"),
        ("Sales will increase.", EXPIRY, "increase"),
    ],
)
def test_a_planted_claim_is_named(text: str, facts: tuple[Fact, ...], wrong: str) -> None:
    assert wrong in [claim.text for claim in check_numbers(text, facts).problems]


def wrong_number(number: str, rng: random.Random) -> str:
    places = [i for i, c in enumerate(number) if c.isdigit()]
    place = rng.choice(places)
    first = place == places[0] and len(places) > 1
    digit = rng.choice([d for d in "123456789" + ("" if first else "0") if d != number[place]])
    return number[:place] + digit + number[place + 1 :]


def test_of_two_hundred_planted_numbers_hardly_one_is_missed_and_no_honest_text_is_refused() -> None:
    rng = random.Random(8)
    planted = found = false_alarms = 0
    while planted < 200:
        language = rng.choice(LANGUAGES)
        topic, facts = rng.choice((("price", PRICE), ("order", ORDER), ("expiry", EXPIRY)))
        request = ExplanationRequest(topic, facts, language)  # type: ignore[arg-type]
        sentence = rng.choice(write_template(request).sentences)
        cited = [fact for fact in facts if fact.id in sentence.fact_ids]
        names = [fact.name for fact in facts if fact.name]
        plain = sentence.text
        for name in names:
            plain = plain.replace(name or "", "@")
        numbers = list(re.finditer(r"\d[\d,.]*\d|\d", plain))
        if not numbers:
            continue
        false_alarms += not check_numbers(sentence.text, cited).ok
        chosen = rng.choice(numbers)
        text = plain[: chosen.start()] + wrong_number(chosen[0], rng) + plain[chosen.end() :]
        if rng.random() < 0.3:
            text = to_native_digits(text, language)
        planted += 1
        found += not check_numbers(text, cited).ok
    assert found >= 0.99 * planted
    assert false_alarms <= 0.01 * planted


def test_sentences_without_a_known_citation_are_dropped() -> None:
    kept, dropped = prove_sentences(
        [
            Sentence("Raise it to ₹44.", ("old_price", "new_price")),
            Sentence("It sells well.", ()),
            Sentence("It is ₹44.", ("somewhere",)),
            Sentence("It was ₹40.", ("new_price",)),
        ],
        PRICE,
    )
    assert [sentence.text for sentence in kept] == ["Raise it to ₹44."]
    assert len(dropped) == 3
