"""The four flows of the architecture through Lambda events: DynamoDB, S3, Cognito (moto), endpoint stand-ins."""

import io
import secrets
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest

from samaan_ml.domain.messages import (
    DayDemand,
    ForecastAnswer,
    ForecastRequest,
    ItemForecast,
    Quantile,
    decode_request,
    encode,
)
from serving.adapters.cognito_identity import CognitoIdentity
from serving.adapters.sagemaker_predictor import SageMakerPredictor
from serving.adapters.textract_bill_reader import TextractBillReader
from serving.settings import Settings
from serving.wiring import Wiring
from tests.lambda_events import EVENTS, Functions

REGION = "ap-south-1"
PERSON = {"email": "meena@example.in", "password": "Correct-Horse-7"}


class Endpoint:
    """Stands for the demand endpoint: the real message in, the mean of each history out."""

    def __init__(self) -> None:
        self.up = True
        self.asked: list[str] = []

    def invoke_endpoint(self, **asked: Any) -> dict[str, Any]:
        from botocore.exceptions import EndpointConnectionError

        self.asked.append(asked["EndpointName"])
        if not self.up:
            raise EndpointConnectionError(endpoint_url="https://endpoint.example")
        request = decode_request(asked["Body"])
        assert isinstance(request, ForecastRequest)
        rows = []
        for item in request.items:
            known = [units for units in item.units_milli if units is not None]
            quantiles = (Quantile(0.1, 0), Quantile(0.5, sum(known) // len(known)), Quantile(0.9, max(known)))
            start = item.start + timedelta(days=len(item.units_milli))
            days = tuple(
                DayDemand(start + timedelta(days=n), quantiles[1].milli, quantiles)
                for n in range(request.horizon_days)
            )
            rows.append(ItemForecast(item.item_id, days, quantiles, "high", "mean"))
        return {"Body": io.BytesIO(encode(ForecastAnswer("endpoint-1", tuple(rows))))}


class Expenses:
    """Stands for Textract: one bill of two lines."""

    def analyze_expense(self, **asked: Any) -> dict[str, Any]:
        assert asked["Document"]["Bytes"]

        def field(kind: str, text: str) -> dict[str, Any]:
            return {
                "Type": {"Text": kind, "Confidence": 99.0},
                "ValueDetection": {"Text": text, "Confidence": 99.0},
            }

        def line(*values: str) -> dict[str, Any]:
            kinds = ("ITEM", "QUANTITY", "UNIT_PRICE", "PRICE")
            return {"LineItemExpenseFields": [field(*pair) for pair in zip(kinds, values, strict=True)]}

        lines = [line("Sugar", "10", "40.00", "400.00"), line("Salt", "5", "20.00", "100.00")]
        summary = [field("VENDOR_NAME", "SHARMA TRADERS"), field("TOTAL", "500.00")]
        return {"ExpenseDocuments": [{"SummaryFields": summary, "LineItemGroups": [{"LineItems": lines}]}]}


def a_picture() -> bytes:
    """A small PNG of noise."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + secrets.token_bytes(64) for _ in range(64))
    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def make_tables(client: Any, settings: Settings) -> None:
    """Make the three tables as the architecture draws them."""
    tables: list[tuple[str, list[str], tuple[str, str] | None]] = [
        (settings.inventory_table, ["shopId", "itemId"], ("CategoryIndex", "category")),
        (settings.sessions_table, ["sessionId"], None),
        (settings.udhaar_table, ["shopId", "customerId"], ("OverdueIndex", "dueDate")),
    ]
    for name, keys, index in tables:
        schema = [{"AttributeName": k, "KeyType": t} for k, t in zip(keys, ("HASH", "RANGE"), strict=False)]
        used = keys + ([index[1]] if index else [])
        asked: dict[str, Any] = {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": schema,
            "AttributeDefinitions": [{"AttributeName": k, "AttributeType": "S"} for k in used],
        }
        if index:
            by = [schema[0], {"AttributeName": index[1], "KeyType": "RANGE"}]
            asked["GlobalSecondaryIndexes"] = [
                {"IndexName": index[0], "KeySchema": by, "Projection": {"ProjectionType": "ALL"}}
            ]
        client.create_table(**asked)


@pytest.fixture
def endpoint() -> Endpoint:
    """The demand endpoint."""
    return Endpoint()


@pytest.fixture
def aws(tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """All ports as they are chosen on AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with moto.mock_aws():
        cognito = boto3.client("cognito-idp", region_name=REGION)
        own: Any = [
            {"Name": name, "AttributeDataType": "String", "Mutable": True} for name in ("shopId", "role")
        ]
        pool = str(cognito.create_user_pool(PoolName="shops", Schema=own)["UserPool"]["Id"])
        app = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName="api",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]
        chosen: dict[str, Any] = dict.fromkeys(
            ("inventory_store", "session_store", "udhaar_store"), "dynamodb"
        )
        settings = Settings(
            home=tmp_path,
            predictor="sagemaker",
            identity="cognito",
            blobs="s3",
            bill_reader="textract",
            **chosen,
        )

        def keys() -> Any:
            import requests

            address = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}/.well-known/jwks.json"
            return requests.get(address, timeout=5).json()

        stand_in: Any = endpoint
        expenses: Any = Expenses()
        wiring = Wiring(
            settings,
            predictor=SageMakerPredictor(
                demand_endpoint="demand",
                price_endpoint="price",
                udhaar_endpoint="risk",
                region=REGION,
                client=stand_in,
            ),
            bill_reader=TextractBillReader(expenses),
        )
        wiring.parts["identity"] = CognitoIdentity(
            wiring.accounts, wiring.clock, cognito, pool, str(app), REGION, keys
        )
        make_tables(wiring.dynamodb, settings)
        boto3.client("s3", region_name=REGION).create_bucket(
            Bucket=settings.bills_bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        wiring.start()
        yield wiring
        wiring.close()


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind == "http-v2" else pytest.mark.slow) for kind in EVENTS]
)
def test_the_four_flows_work_on_aws(aws: Wiring, endpoint: Endpoint, kind: str) -> None:
    functions = Functions(aws, EVENTS[kind])

    def call(method: str, path: str, body: Any = None, status: int = 201, **more: Any) -> Any:
        got, answer = functions.call(
            method, f"/v1{path}", token, body, more.pop("key", secrets.token_hex(8)), **more
        )
        assert got == status, (path, answer)
        return answer

    token = ""
    call("POST", "/auth/register", PERSON | {"shop_name": "Meena"})
    token = call("POST", "/auth/login", PERSON, 200)["access_token"]

    # 1. Inventory update: Inventory Lambda -> DynamoDB
    shop_id = call("GET", "/auth/me", status=200)["shop_id"]
    for item_id in ("sugar", "salt"):
        item = {
            "item_id": item_id,
            "name": item_id.title(),
            "price_paise": 4_500,
            "opening_stock_milli": 90_000,
        }
        call("POST", "/inventory/items", item, key=f"item-{item_id}")
        call("POST", "/inventory/items", item, key=f"item-{item_id}")
    row = aws.dynamodb.get_item(
        TableName=aws.settings.inventory_table, Key={"shopId": {"S": shop_id}, "itemId": {"S": "sugar"}}
    )["Item"]
    assert row["onHandMilli"] == {"N": "90000"}

    # 2. OCR: OCR Lambda -> Textract and S3 -> draft -> confirmed -> DynamoDB
    bill = call("POST", "/ocr/bills", file=("image", a_picture()))
    kept = boto3.client("s3", region_name=REGION).list_objects_v2(Bucket=aws.settings.bills_bucket)
    assert kept["KeyCount"] >= 1
    assert "SHARMA TRADERS" in str(bill["draft"])
    lines = [{"line": 0, "item_id": "sugar", "quantity_milli": 10_000, "unit_cost_paise": 4_000}]
    call("POST", f"/ocr/bills/{bill['bill_id']}/confirm", {"lines": lines, "reviewed": True})
    assert call("GET", "/inventory/items/sugar/stock", status=200)["on_hand_milli"] == 100_000

    # 3. Forecast: Forecast Lambda -> RDS (history) -> SageMaker -> RDS (saved); the endpoint may be down later
    today = datetime.now(UTC)
    for day in range(10, 0, -1):
        sale = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}
        call(
            "POST", "/sales", sale | {"sold_at": (today - timedelta(days=day)).isoformat()}, key=f"bill-{day}"
        )
        call(
            "POST", "/sales", sale | {"sold_at": (today - timedelta(days=day)).isoformat()}, key=f"bill-{day}"
        )
    assert call("GET", "/inventory/items/sugar/stock", status=200)["on_hand_milli"] == 90_000
    asked = {"item_ids": ["sugar"], "horizon_days": 7}
    forecast = call("POST", "/forecast", asked, 200)
    assert (forecast["model_version"], forecast["degraded"]) == ("endpoint-1", False)
    assert set(endpoint.asked) == {"demand"}  # once for the days asked, once for those the order is to last
    endpoint.up = False
    for kept_answers in ("forecast", "demand"):
        aws.cache.forget(shop_id, kept_answers)
    assert call("POST", "/forecast", asked, 200)["degraded"]

    # 4. Recommendations: Inventory and Udhaar in DynamoDB -> insights
    call("POST", "/udhaar/customers", {"customer_id": "ramesh", "name": "Ramesh"})
    long_ago = (today - timedelta(days=90)).isoformat()
    call("POST", "/udhaar/customers/ramesh/credits", {"amount_paise": 77_700, "at": long_ago})
    insights = call("GET", "/recommendations", status=200)
    assert "ramesh" in str(insights)
    status, refused = functions.call("GET", "/v1/inventory/items", "")
    assert (status, refused["code"]) == (401, "unauthenticated")
