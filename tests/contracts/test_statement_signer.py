"""What every signer of statements must do."""

import base64
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from samaan_ml.domain.ed25519 import verify
from samaan_ml.domain.errors import RuleError
from serving.adapters.local_statement_signer import LocalStatementSigner, keys_of_folder, keys_of_setting
from serving.errors import StoreUnavailable
from serving.ports.statement_signer import StatementSigner


def a_setting(count: int) -> str:
    return ",".join(base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(count))


@pytest.fixture(params=["folder", "setting"])
def signer(request: pytest.FixtureRequest, tmp_path: Path) -> StatementSigner:
    """Each signer."""
    if request.param == "folder":
        return LocalStatementSigner(lambda: keys_of_folder(tmp_path / "keys"))
    setting = a_setting(2)
    return LocalStatementSigner(lambda: keys_of_setting(setting))


def test_a_signature_is_checked_with_the_published_key_alone(signer: StatementSigner) -> None:
    signature = signer.sign(b"what was said")
    key = signer.public_keys()[signer.key_id]
    assert verify(key, b"what was said", signature)
    assert not verify(key, b"what was sold", signature)


def test_the_key_outlives_the_process_and_a_new_one_leaves_it_readable(tmp_path: Path) -> None:
    def open_again() -> LocalStatementSigner:
        return LocalStatementSigner(lambda: keys_of_folder(tmp_path))

    first = open_again()
    before = first.key_id
    assert open_again().key_id == before
    (tmp_path / "khata-0002.key").write_bytes(secrets.token_bytes(32))
    after = open_again()
    assert after.key_id != before
    assert before in after.public_keys()
    assert (tmp_path / "khata-0001.key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_end_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: keys_of_folder(tmp_path / "keys"), range(16)))
    assert len(found) == 1


@pytest.mark.parametrize(
    "setting",
    ["", "abc", a_setting(1) + ",", base64.b64encode(b"short").decode()],
    ids=["empty", "no base64", "one empty", "short"],  # a key is drawn anew in each test process
)
def test_a_wrong_setting_is_refused_with_the_way_to_make_one(setting: str) -> None:
    with pytest.raises(RuleError, match="openssl rand") as refused:
        keys_of_setting(setting)
    assert "abc" not in str(refused.value)


def test_a_damaged_or_unwritable_folder_is_a_fault_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "khata-0001.key").write_bytes(b"half")
    with pytest.raises(StoreUnavailable, match="32 bytes"):
        keys_of_folder(tmp_path)
    (tmp_path / "file").write_text("")
    broken: Callable[[], object] = lambda: keys_of_folder(tmp_path / "file" / "keys")  # noqa: E731
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        broken()
