"""Messages between models and their callers: one JSON form, and errors that name the field."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain import messages
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import (
    Event,
    ForecastRequest,
    ItemHistory,
    LedgerRow,
    PriceItem,
    PriceRequest,
    RiskRequest,
    decode_answer,
    decode_request,
    encode,
)

names = st.text(min_size=1, max_size=8)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
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
        as_of=st.datetimes(timezones=st.just(UTC)),
        customer_ids=st.lists(names, max_size=2).map(tuple),
        entries=st.lists(
            st.builds(
                LedgerRow,
                customer_id=names,
                at=st.datetimes(timezones=st.just(UTC)),
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
        (b"[]", "kind", "must be one of forecast, price, risk"),
        (b'{"kind":"weather"}', "kind", "must be one of forecast, price, risk, got 'weather'"),
        (b'{"kind":"risk"}', "shop_id", "'shop_id' is missing"),
        (b'{"kind":"risk","shop_id":"s","colour":1}', "colour", "is not a field of RiskRequest"),
        (b'{"kind":"risk","shop_id":3}', "shop_id", "must be a text, got '3'"),
        (b'{"kind":"risk","shop_id":"s","as_of":"2026-01-01T00:00:00"}', "as_of", "an instant with a zone"),
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
    assert messages._plain(int | None) == {int, type(None)}
    assert messages._plain(str | None) == {str, type(None)}
    assert messages._plain(dict[str, str]) == frozenset()
    item = {"item_id": "a", "category": None, "start": "2026-01-01", "units_milli": [1, None, True]}
    body = {"kind": "forecast", "shop_id": "s", "region": None, "horizon_days": 7, "items": [item]}
    with pytest.raises(RuleError) as caught:
        decode_request(json.dumps(body))
    assert caught.value.field == "items.0.units_milli.2"
