"""The Lambda handlers: REST v1, HTTP v2 and ALB events, and the flows of the architecture through them."""

from collections.abc import Callable
from typing import Any

import pytest

from serving.lambdas import make_handler
from tests.lambda_events import EVENTS, Context, Functions, rest_v1


@pytest.mark.parametrize("kind", EVENTS)
def test_a_shops_day_passes_through_the_functions(
    new_api: Callable[..., Any], predictor: Any, kind: str
) -> None:
    predictor.up = True
    functions = Functions(new_api({"predictor": predictor}).wiring, EVENTS[kind])
    person = {"email": "meena@example.in", "password": "correct horse"}
    assert functions.call("POST", "/v1/auth/register", body=person | {"shop_name": "Meena"})[0] == 201
    token = functions.call("POST", "/v1/auth/login", body=person)[1]["access_token"]
    item = {"item_id": "sugar", "name": "Sugar", "price_paise": 4_500, "opening_stock_milli": 90_000}
    assert functions.call("POST", "/v1/inventory/items", token, item)[0] == 201
    for day in range(1, 10):
        line = {"item_id": "sugar", "quantity_milli": 1_000}
        sale = {"lines": [line], "sold_at": f"2026-03-0{day}T06:00:00Z"}
        assert functions.call("POST", "/v1/sales", token, sale, f"bill-{day}")[0] == 201
        assert functions.call("POST", "/v1/sales", token, sale, f"bill-{day}")[0] == 201
    assert functions.call("GET", "/v1/inventory/items/sugar/stock", token)[1]["on_hand_milli"] == 81_000
    status, card = functions.call("POST", "/v1/forecast", token, {"item_ids": ["sugar"], "horizon_days": 7})
    assert (status, card["model_version"]) == (200, "stand-in-1")
    assert functions.call("GET", "/v1/recommendations", token)[0] == 200
    assert functions.call("GET", "/v1/udhaar/customers", token)[1]["rows"] == []
    status, refused = functions.call("GET", "/v1/inventory/items/sugar/stock")
    assert (status, refused["code"]) == (401, "unauthenticated")


def test_a_function_serves_its_own_slice_alone(new_api: Callable[..., Any]) -> None:
    handler = make_handler("inventory", wiring=new_api().wiring)
    answer = handler(rest_v1("GET", "/v1/udhaar/customers", {"Host": "x"}, None), Context())
    assert answer["statusCode"] == 404


def test_an_unknown_handler_is_no_attribute() -> None:
    import serving.lambdas

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = serving.lambdas.nothing
