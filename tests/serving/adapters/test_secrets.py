"""The database and the khata's keys from AWS Secrets Manager, and what runs beside requests."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest

from serving import lambdas
from serving.adapters.aws_secrets import AwsSecrets
from serving.errors import StoreUnavailable
from serving.settings import Settings
from serving.wiring import Wiring


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    with moto.mock_aws():
        yield boto3.client("secretsmanager", region_name="ap-south-1")


def test_the_fields_that_rds_writes_become_a_url_over_tls(client: Any) -> None:
    held = {"username": "samaan", "password": "p@ss/w:rd", "host": "db.in", "port": 5433, "dbname": "shops"}
    client.create_secret(Name="db", SecretString=json.dumps(held))
    url = AwsSecrets(client).database_url("db")
    assert url == "postgresql+psycopg://samaan:p%40ss%2Fw%3Ard@db.in:5433/shops?sslmode=require"


@pytest.mark.parametrize("held", ["no json", "[]", '{"username": "u", "password": "hidden"}'])
def test_a_secret_without_a_database_is_named_and_not_shown(client: Any, held: str) -> None:
    client.create_secret(Name="db", SecretString=held)
    with pytest.raises(StoreUnavailable, match="'db' holds no database") as caught:
        AwsSecrets(client).database_url("db")
    assert "hidden" not in str(caught.value)


def test_a_secret_that_is_not_there_is_a_fault_of_the_store(client: Any) -> None:
    with pytest.raises(StoreUnavailable, match="'gone' could not be read"):
        AwsSecrets(client).text("gone")


def test_the_wiring_takes_database_and_keys_from_their_secrets(client: Any, tmp_path: Path) -> None:
    place = f"sqlite:///{tmp_path / 'other.db'}"
    client.create_secret(Name="db", SecretString=json.dumps({"url": place}))
    client.create_secret(Name="khata", SecretString=base64.b64encode(bytes(range(32))).decode())
    wiring = Wiring(Settings(home=tmp_path, database_secret="db", khata_secret="khata"))
    assert str(wiring.database.url) == place
    assert len(wiring.statement_signer.public_keys()) == 1
    assert not (tmp_path / "keys").exists()


def test_the_tasks_migrate_and_send(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAMAAN_HOME", str(tmp_path))
    assert lambdas.migrate({}) == {"revision": "head"}
    assert lambdas.send_messages() == {"sent": 0, "failed": 0}
    assert (tmp_path / "samaan.db").exists()
