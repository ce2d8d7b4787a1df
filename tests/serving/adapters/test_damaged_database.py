"""A damaged SQLite file is named at the start, with what to do; it never looks like a new shop."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.adapters.sql.database import Database
from serving.adapters.sql.migrate import upgrade
from serving.adapters.sql.soundness import APPLICATION_ID, DatabaseDamagedError, check_file

PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a migrated database with some rows."""
    path = tmp_path_factory.mktemp("whole") / "samaan.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE filler (word TEXT)")
        connection.executemany("INSERT INTO filler VALUES (?)", [("x" * 500,)] * 200)
    connection.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path.read_bytes()


def test_a_whole_file_and_a_missing_one_pass(whole: bytes, tmp_path: Path) -> None:
    check_file(tmp_path / "none.db")
    path = tmp_path / "samaan.db"
    path.write_bytes(whole)
    check_file(path)
    assert int.from_bytes(whole[68:72], "big") == APPLICATION_ID


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "no header": lambda data: b"\xff" * 100 + data[100:],
    "another file": lambda _: b"PK\x03\x04 a workbook",
    "half": lambda data: data[: len(data) // 2],
    "a zeroed page": lambda data: data[: len(data) - 8 * PAGE] + bytes(PAGE) + data[len(data) - 7 * PAGE :],
    "a page of noise": lambda data: data[: 6 * PAGE] + bytes(range(256)) * 16 + data[7 * PAGE :],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damage_is_named_with_the_file_and_the_way_back(damage: str, whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "samaan.db"
    path.write_bytes(DAMAGES[damage](whole))
    before = path.read_bytes()
    with pytest.raises(DatabaseDamagedError, match=r"samaan\.db.*restore"):
        upgrade(Database(f"sqlite:///{path}"))
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "samaan.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (n)")
    connection.close()
    with pytest.raises(DatabaseDamagedError, match="another program"):
        upgrade(Database(f"sqlite:///{path}"))


def test_the_server_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "samaan.db").write_bytes(b"\xff" * 5000)
    done = subprocess.run(
        [sys.executable, "-m", "serving", "serve", "--port", "0"],
        env={"PATH": "/usr/bin:/bin", "SAMAAN_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "damaged" in line]
    assert "samaan.db" in line
    assert "restore" in line
