"""Messages between models and their callers: one JSON form, and errors that name the field."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain import customer_messages, message_json, messages, price_messages
from samaan_ml.domain.customer_messages import LedgerRow, RiskRequest
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import (
    Event,
    ForecastRequest,
    ItemHistory,
    decode_answer,
    decode_request,
    encode,
)
from samaan_ml.domain.price_messages import PriceItem, PriceRequest

names = st.text(min_size=1, max_size=8)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
histories = st.builds(
    ItemHistory,
    item_id=names,
    category=st.none() | names,
    start=days,
    units_milli=st.lists(st.none() | st.integers(0, 10**9), max_size=5).map(tuple),
    in_stock_share=st.none() | st.lists(st.floats(0, 1), max_size=5).map(tuple),
    price_paise=st.none() | st.lists(st.none() | st.integers(0, 10**7), max_size=5).map(tuple),
)
requests = st.one_of(
    st.builds(
        ForecastRequest,
        shop_id=names,
        region=st.none() | names,
        horizon_days=st.integers(1, 28),
        items=st.lists(histories, max_size=3).map(tuple),
        events=st.lists(st.builds(Event, on=days, name=names), max_size=2).map(tuple),
    ),
    st.builds(
        PriceRequest,
        shop_id=names,
        on=days,
        items=st.lists(
            st.builds(
                PriceItem,
                item_id=names,
                category=names,
                price_paise=st.integers(1, 10**6),
                cost_paise=st.integers(1, 10**6),
                mrp_paise=st.none() | st.integers(1, 10**6),
                daily_milli=st.integers(0, 10**6),
                last_change_on=st.none() | days,
            ),
            max_size=2,
        ).map(tuple),
    ),
    st.builds(
        RiskRequest,
        shop_id=names,
        as_of=instants,
        customer_ids=st.lists(names, max_size=2).map(tuple),
        entries=st.lists(
            st.builds(
                LedgerRow,
                customer_id=names,
                at=instants,
                kind=st.sampled_from(["credit", "payment", "reversal"]),
                amount_paise=st.integers(1, 10**9),
            ),
            max_size=2,
        ).map(tuple),
    ),
)


@given(requests)
def test_every_request_comes_back_from_its_json(request: messages.Request) -> None:
    assert decode_request(encode(request)) == request


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        (b"{", None, "not JSON"),
        (b"[]", "kind", "must be one of forecast, price, risk, budget"),
        (b'{"kind":"weather"}', "kind", "must be one of forecast, price, risk, budget, got 'weather'"),
        (b'{"kind":"risk"}', "shop_id", "'shop_id' is missing"),
        (b'{"kind":"risk","shop_id":"s","colour":1}', "colour", "is not a field of RiskRequest"),
        (b'{"kind":"risk","shop_id":3}', "shop_id", "must be a text, got '3'"),
        (b'{"kind":"risk","shop_id":"s","as_of":"2026-01-01T00:00:00"}', "as_of", "an instant with a zone"),
        (b'{"kind":"forecast","shop_id":"s","region":null,"horizon_days":7,"items":[],"levels":["half"]}',
         "levels.0", "must be a finite number, got 'half'"),
        (b'{"kind":"price","shop_id":"s","on":"soon"}', "on", "must be a date like"),
        (b'{"kind":"price","shop_id":"s","on":"2026-01-01","items":[{"item_id":"i","category":"c","price_paise":1.5}]}',
         "items.0.price_paise", "must be a whole number, got '1.5'"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(document: bytes, field: str | None, message: str) -> None:
    with pytest.raises(RuleError, match=message) as caught:
        decode_request(document)
    assert caught.value.field == field


def test_a_request_is_no_answer() -> None:
    request = RiskRequest("s", datetime(2026, 1, 1, tzinfo=UTC), (), ())
    assert json.loads(encode(request))["kind"] == "risk"
    with pytest.raises(RuleError, match=r"'model_version' is missing|is not a field of RiskAnswer"):
        decode_answer(encode(request))


def test_a_long_history_is_read_at_once_and_a_wrong_value_in_it_is_still_named() -> None:
    assert message_json._plain(int | None) == {int, type(None)}
    assert message_json._plain(str | None) == {str, type(None)}
    assert message_json._plain(dict[str, str]) == frozenset()
    item = {"item_id": "a", "category": None, "start": "2026-01-01", "units_milli": [1, None, True]}
    body = {"kind": "forecast", "shop_id": "s", "region": None, "horizon_days": 7, "items": [item]}
    with pytest.raises(RuleError) as caught:
        decode_request(json.dumps(body))
    assert caught.value.field == "items.0.units_milli.2"


FREE = ("proof", "limit_arithmetic")
"""Fields whose content is the sender's own."""


def of_a_newer_version(raw: Any) -> Any:
    """Add a field to each message of a document."""
    if isinstance(raw, list):
        return [of_a_newer_version(each) for each in raw]
    if not isinstance(raw, dict):
        return raw
    known = {name: raw[name] if name in FREE else of_a_newer_version(raw[name]) for name in raw}
    return known | {"added_later": {"why": ["a newer container tells more"]}}


def answers_of_each_kind() -> tuple[messages.Answer, ...]:
    quantile = messages.Quantile(0.5, 1_000)
    day = messages.DayDemand(date(2026, 1, 1), 1_000, (quantile,))
    item = messages.ItemForecast("milk", (day,), (quantile,), "high", "mean")
    candidate = price_messages.PriceCandidate(5_000, 1_000, 1, 1, True)
    advice = price_messages.PriceAdvice(
        item_id="milk",
        action="hold",
        state="hold",
        price_paise=5_000,
        grade="A",
        elasticity=-1.5,
        elasticity_lower=-2.0,
        elasticity_upper=-1.0,
        gain_paise_per_week=0,
        gain_lower_paise_per_week=0,
        gain_upper_paise_per_week=0,
        binding_rule=None,
        reasons=(),
        candidates=(candidate,),
        proof={"mrp_paise": 5_000},
    )
    reason = customer_messages.Reason("days_late", "pays late", 0.1)
    risk = customer_messages.CustomerRisk(
        "ramesh", 0.5, 0.6, 0.4, 0.7, 12.0, False, (reason,), 10_000, {"income_paise": 1}
    )
    return (
        messages.ForecastAnswer("v", (item,)),
        price_messages.PriceAnswer("v", (advice,)),
        customer_messages.RiskAnswer("v", (risk,)),
    )


@pytest.mark.parametrize("answer", answers_of_each_kind(), ids=lambda answer: type(answer).__name__)
def test_an_answer_of_a_newer_container_is_read_for_what_is_known_of_it(answer: messages.Answer) -> None:
    document = json.dumps(of_a_newer_version(json.loads(encode(answer))))
    assert document.count("added_later") >= 2
    assert decode_answer(document) == answer


@given(requests)
def test_a_request_of_a_newer_version_is_refused_naming_the_field(request: messages.Request) -> None:
    with pytest.raises(RuleError, match="'added_later' is not a field of"):
        decode_request(json.dumps(of_a_newer_version(json.loads(encode(request)))))


def test_what_is_known_of_an_answer_must_still_be_right() -> None:
    document = json.loads(encode(answers_of_each_kind()[2])) | {"added_later": 1}
    document["customers"][0]["probability_30"] = "high"
    with pytest.raises(RuleError) as caught:
        decode_answer(json.dumps(document))
    assert caught.value.field == "customers.0.probability_30"


WRONG: list[Any] = [
    [], {}, [[]], True, 10**16, -(10**400), 1e308, "", "\x00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place of a document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in pairs for place in places(each, (*path, key)))]


@given(requests, st.sampled_from(WRONG), st.data())
def test_a_wrong_value_anywhere_is_refused_by_field_or_read_as_what_it_is(
    request: messages.Request, wrong: Any, data: st.DataObject
) -> None:
    document = json.loads(encode(request))
    around, place = document, data.draw(st.sampled_from(places(document)[1:]))
    for key in place[:-1]:
        around = around[key]
    around[place[-1]] = wrong
    try:
        read = decode_request(json.dumps(document))
    except RuleError as error:
        assert error.field  # noqa: PT017 (either is right)
    else:
        assert decode_request(encode(read)) == read


@pytest.mark.parametrize(
    ("value", "field"), [(10**16, "items.0.units_milli"), (-(10**16), "items.0.units_milli")]
)
def test_numbers_beyond_what_models_count_with_are_refused(value: int, field: str) -> None:
    history = ItemHistory("i", None, date(2026, 1, 1), (1, None, value), None, None)
    with pytest.raises(RuleError, match="whole numbers from") as caught:
        decode_request(encode(ForecastRequest("s", None, 7, (history,))))
    assert caught.value.field == field


def test_a_document_nested_too_deeply_is_refused() -> None:
    with pytest.raises(RuleError, match="nested too deeply"):
        decode_request("[" * 100_000)
