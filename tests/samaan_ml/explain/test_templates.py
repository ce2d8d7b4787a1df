"""Templates: the same slots in all languages, no number but the facts', the text follows its facts."""

import random
from datetime import date, timedelta

import pytest

from samaan_ml.domain.errors import RuleError
from samaan_ml.explain import (
    LANGUAGES,
    TOPICS,
    ExplanationRequest,
    Fact,
    TopicName,
    check_numbers,
    format_fact,
    prove_sentences,
    write_template,
)
from samaan_ml.explain._languages import words_of
from samaan_ml.explain._template import slots

NAMES = ("Parle-G 65 g", "Toor dal 1 kg", "चीनी", "7 Up 600 ml", "Surf Excel 500g")


def some_facts(topic: TopicName, rng: random.Random) -> tuple[Fact, ...]:
    made = []
    for name, unit in TOPICS[topic].required.items():
        match unit:
            case "money":
                made.append(
                    Fact.money(name, rng.choice((rng.randint(1, 99_999) * 100, rng.randint(1, 9_999_999))))
                )
            case "quantity":
                made.append(Fact.quantity(name, rng.randint(1, 900) * rng.choice((1_000, 250)), "kg"))
            case "percent":
                made.append(Fact.percent(name, rng.randint(1, 9_900)))
            case "count":
                made.append(Fact.count(name, rng.randint(1, 30)))
            case "days":
                made.append(Fact.days(name, rng.randint(1, 120)))
            case "day":
                made.append(Fact.day(name, date(2026, 1, 1) + timedelta(days=rng.randrange(700))))
            case "item":
                made.append(Fact.item(name, rng.choice(NAMES)))
            case "person":
                made.append(Fact.person(name, "Ramesh Kumar"))
    return tuple(made)


def test_there_are_more_languages_than_seven() -> None:
    assert {"en", "hi", "hi-Latn"} < set(LANGUAGES)
    assert len(LANGUAGES) >= 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things_in_the_same_order_of_sentences(language: str) -> None:
    english, other = words_of("en").topics, words_of(language).topics
    assert set(other) == set(english)
    for variant, sentences in english.items():
        assert [set(slots(each)) for each in other[variant]] == [set(slots(each)) for each in sentences], (
            variant
        )


@pytest.mark.parametrize("topic", TOPICS)
def test_the_english_templates_use_exactly_the_facts_that_are_required(topic: TopicName) -> None:
    variants = [name for name in words_of("en").topics if name.split(".")[0] == topic]
    assert variants
    for variant in variants:
        used = {slot for sentence in words_of("en").topics[variant] for slot in slots(sentence)}
        assert used <= set(TOPICS[topic].required)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each not in {"en", "hi-Latn"}])
def test_a_language_is_written_in_its_own_script(language: str) -> None:
    for sentences in words_of(language).topics.values():
        for sentence in sentences:
            plain = "".join(part.split("}")[-1] for part in sentence.split("{"))
            assert not any("a" <= c.lower() <= "z" for c in plain), sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_fails_its_own_number_proof(language: str) -> None:
    rng = random.Random(language)
    for _ in range(12):
        for topic in TOPICS:
            request = ExplanationRequest(topic, some_facts(topic, rng), language)  # type: ignore[arg-type]
            kept, dropped = prove_sentences(write_template(request).sentences, request.facts)
            assert dropped == []
            assert kept


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", range(12))
def test_a_changed_fact_changes_the_text_and_a_turned_one_its_direction(language: str, seed: int) -> None:
    rng = random.Random(seed)
    for topic in TOPICS:
        facts = some_facts(topic, rng)
        request = ExplanationRequest(topic, facts, language)  # type: ignore[arg-type]
        said = write_template(request).text
        compared = TOPICS[topic].compared
        if compared is None or request.variant.endswith("same"):
            continue
        before, after = (request.fact(name) for name in compared)
        turned = tuple(
            Fact(
                each.id,
                each.unit,
                {before.id: after.number, after.id: before.number}[each.id],
                unit_name=each.unit_name,
            )
            if each.id in compared
            else each
            for each in facts
        )
        other = ExplanationRequest(topic, turned, language)  # type: ignore[arg-type]
        assert {request.variant, other.variant} == {f"{topic}.up", f"{topic}.down"}
        assert write_template(other).text != said
        assert not check_numbers(said, turned).ok


def test_numbers_are_written_as_india_reads_them() -> None:
    assert format_fact(Fact.money("x", 12_34_567_50), "hi") == "₹12,34,567.50"
    assert format_fact(Fact.money("x", -500), "en") == "-₹5"
    assert format_fact(Fact.quantity("x", 1_000), "en") == "1 piece"
    assert format_fact(Fact.days("x", 1), "en") == "1 day"
    assert format_fact(Fact.percent("x", 1_250), "en") == "12.5%"
    assert format_fact(Fact.day("x", date(2026, 11, 5)), "hi") == "5 नवंबर 2026"


def test_a_request_without_its_facts_is_refused_by_name() -> None:
    with pytest.raises(RuleError, match="usual_sales") as caught:
        ExplanationRequest("sales_day", (Fact.money("today_sales", 1),))
    assert caught.value.field == "usual_sales"
    with pytest.raises(RuleError, match="share one id"):
        ExplanationRequest("sales_day", (Fact.money("today_sales", 1),) * 2)
    with pytest.raises(RuleError, match="unit 'money'"):
        ExplanationRequest("sales_day", (Fact.count("today_sales", 1), Fact.money("usual_sales", 1)))


def test_a_request_survives_its_json_form_and_keeps_its_fingerprint() -> None:
    request = ExplanationRequest("expiry", some_facts("expiry", random.Random(1)), "ta")
    again = ExplanationRequest.from_json(request.to_json())
    assert again == request
    assert again.fingerprint() == request.fingerprint()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", ["stock_out", "stock_out_visit", "stock_out_late"])
def test_goods_that_run_out_today_have_no_stock_for_no_days(topic: TopicName, language: str) -> None:
    known = some_facts(topic, random.Random(1))
    today = tuple(Fact.days("days_left", 0) if fact.id == "days_left" else fact for fact in known)
    request = ExplanationRequest(topic, today, language)
    sentences = write_template(request).sentences
    assert not any("days_left" in sentence.fact_ids for sentence in sentences)
    if language == "en":
        assert "today" in sentences[0].text
    kept, dropped = prove_sentences(sentences, request.facts)
    assert (len(kept), dropped) == (len(sentences), [])
