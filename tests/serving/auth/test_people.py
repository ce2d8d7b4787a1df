"""What the operator does for people who cannot sign in: `samaan people`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

from samaan.cli import menu
from serving.app import create_app
from serving.ports.accounts import Account, Membership
from serving.settings import Settings
from serving.tasks.archive import export_shop

EMAIL = "sita@example.in"
PASSWORD = "a password of hers"


@pytest.fixture(scope="module")
def archive(new_api: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A shop's id and its zip file."""
    api = new_api()
    shop = api.sign_up()
    api.wiring.accounts.add_account(Account("sita", EMAIL, "Sita", "hash", api.clock.now()))
    api.wiring.accounts.set_member(Membership(shop.shop_id, "sita", "owner"), api.clock.now())
    file = tmp_path_factory.mktemp("archive") / "shop.zip"
    export_shop(api.wiring, shop.shop_id, file)
    return shop.shop_id, file


@pytest.fixture
def imported(
    archive: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, TestClient]]:
    """The shop in another installation, whose API runs."""
    monkeypatch.setenv("SAMAAN_HOME", str(tmp_path))
    monkeypatch.delenv("SAMAAN_DATABASE_URL", raising=False)
    assert samaan("import-shop", str(archive[1])).exit_code == 0
    with TestClient(create_app(Settings())) as client:
        yield archive[0], client


def samaan(*arguments: str, typed: str = "") -> Result:
    """Run a command as the operator, with what comes on its input."""
    return CliRunner().invoke(menu, arguments, input=typed)


def way_in(shop_id: str) -> str:
    """Return the line that tells how the person signs in."""
    (line,) = [each for each in samaan("people", "list", shop_id).output.splitlines() if EMAIL in each]
    return line


def login(client: TestClient, password: str) -> Any:
    """Try to sign in."""
    return client.post("/v1/auth/login", json={"email": EMAIL, "password": password})


def test_who_came_with_an_imported_shop_signs_in_with_the_password_that_was_set(
    imported: tuple[str, TestClient],
) -> None:
    shop_id, client = imported
    assert way_in(shop_id) == f"{EMAIL}\towner\tSita\tsigns in not yet: no password"
    assert login(client, PASSWORD).status_code == 401
    done = samaan("people", "set-password", EMAIL.upper(), typed=f"{PASSWORD}\r\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert way_in(shop_id).endswith("signs in by password")

    first = {"Authorization": f"Bearer {login(client, PASSWORD).json()['access_token']}"}
    assert client.get("/v1/auth/me", headers=first).json()["shop_id"] == shop_id
    assert samaan("people", "set-password", EMAIL, typed="another password").exit_code == 0
    assert client.get("/v1/auth/me", headers=first).status_code == 401
    assert login(client, PASSWORD).status_code == 401
    second = {"Authorization": f"Bearer {login(client, 'another password').json()['access_token']}"}
    rows = client.get("/v1/auth/sign-ins", headers=second).json()["rows"]
    told = [(row["kind"], row["device"]) for row in rows if row["kind"] == "password_set"]
    assert told == [("password_set", "samaan people set-password")] * 2
    assert all(row["address"].startswith("operator ") for row in rows if row["kind"] == "password_set")


@pytest.mark.parametrize(
    ("email", "typed", "said"),
    [
        ("nobody@example.in", PASSWORD, "nobody has the e-mail address 'nobody@example.in'"),
        (EMAIL, "short\n", "at least 8 characters"),
        (EMAIL, "", "at least 8 characters"),
        (EMAIL, "x" * 129, "at most 128 characters"),
    ],
)
def test_what_cannot_be_set_is_one_line_and_changes_nothing(
    imported: tuple[str, TestClient], email: str, typed: str, said: str
) -> None:
    shop_id, _ = imported
    done = samaan("people", "set-password", email, typed=typed)
    assert done.exit_code != 0
    assert said in str(done.exception)
    assert way_in(shop_id).endswith("not yet: no password")


def test_a_password_given_as_an_argument_is_refused(imported: tuple[str, TestClient]) -> None:
    done = samaan("people", "set-password", EMAIL, PASSWORD)
    assert done.exit_code == 2
    assert "unexpected extra argument" in done.output


def test_the_people_of_no_shop_are_an_error(imported: tuple[str, TestClient]) -> None:
    assert samaan("people", "list", "nowhere").exit_code != 0
