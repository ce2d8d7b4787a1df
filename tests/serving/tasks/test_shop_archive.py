"""Archives that are damaged, forged or bombs are refused in one line, and nothing of them is written."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samaan.cli import menu
from serving.adapters.sql.schema import metadata
from serving.errors import InvalidInput
from serving.settings import Settings
from serving.tasks.archive import export_shop, import_shop
from serving.wiring import Wiring


@pytest.fixture(scope="module")
def archive(new_api: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a small shop."""
    api = new_api()
    shop = api.sign_up()
    shop.add_item(cost_paise=4_000)
    shop.add_customer()
    shop.sell(payment="udhaar", customer_id="ramesh")
    path: Path = tmp_path_factory.mktemp("archive") / "shop.zip"
    export_shop(api.wiring, shop.shop_id, path)
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Wiring:
    """A store with no shop."""
    wiring = Wiring(Settings(home=tmp_path / "home"))
    wiring.start()
    return wiring


def contents(path: Path) -> dict[str, bytes]:
    """Unpack an archive."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Pack files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def forged(archive: Path, path: Path, name: str, data: bytes, **entry: Any) -> Path:
    """Put a file into an archive, with all sums made right again."""
    files = contents(archive) | {name: data}
    manifest = json.loads(files["manifest.json"])
    rows = data.count(b"\n")
    sums = {"rows": rows, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} | entry
    manifest["files"][name] = sums
    if name.startswith("blobs/"):
        manifest["blobs"][name] = entry.pop("key", "x")
        manifest["files"][name].pop("key", None)
    lines = [
        f"{manifest['blobs'].get(each, each)} {said['sha256']}\n"
        for each, said in manifest["files"].items()
        if said["rows"] and not each.startswith("tally/")
    ]
    manifest["state_sha256"] = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    return pack(path, files | {"manifest.json": json.dumps(manifest).encode()})


def refused(empty: Wiring, path: Path, **options: Any) -> str:
    """Import, be refused in one line, and return it; nothing was written."""
    with pytest.raises(InvalidInput) as error:
        import_shop(empty, path, **options)
    assert "\n" not in str(error.value)
    assert empty.accounts.shop_ids() == ()
    return str(error.value)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_changed_byte_is_refused_or_changes_nothing(
    archive: Path, empty: Wiring, tmp_path: Path, place: float, flip: int
) -> None:
    raw = bytearray(archive.read_bytes())
    raw[int(place * len(raw))] ^= flip
    path = tmp_path / "changed.zip"
    path.write_bytes(raw)
    try:
        import_shop(empty, path)
    except InvalidInput as error:
        assert "\n" not in str(error)  # noqa: PT017 (a change of a time stamp is none of the contents)
        assert empty.accounts.shop_ids() == ()
    else:
        again = tmp_path / "again.zip"
        (shop_id,) = empty.accounts.shop_ids()
        assert export_shop(empty, shop_id, again).files == json_manifest(archive)
        with empty.database.writing() as db:
            for table in metadata.sorted_tables:
                db.execute(table.delete())


def json_manifest(path: Path) -> Any:
    """Return what the manifest says of the files."""
    from serving.tasks.archive.container import FileSum

    said = json.loads(contents(path)["manifest.json"])["files"]
    return {name: FileSum(**each) for name, each in said.items()}


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_file_that_ends_early_is_refused(
    archive: Path, empty: Wiring, tmp_path: Path, share: float
) -> None:
    raw = archive.read_bytes()
    path = tmp_path / "short.zip"
    path.write_bytes(raw[: int(share * len(raw))])
    assert "is not a whole archive" in refused(empty, path)


def test_a_changed_row_is_refused_by_its_sum(archive: Path, empty: Wiring, tmp_path: Path) -> None:
    files = contents(archive)
    files["tables/items.jsonl"] = files["tables/items.jsonl"].replace(b"4500", b"4501")
    assert "the sum of 'tables/items.jsonl' differs" in refused(empty, pack(tmp_path / "x.zip", files))
    del files["tables/items.jsonl"]
    assert "disagree about 'tables/items.jsonl'" in refused(empty, pack(tmp_path / "x.zip", files))


def test_a_change_with_all_sums_made_right_is_known_by_the_state(
    archive: Path, empty: Wiring, tmp_path: Path
) -> None:
    state = json.loads(contents(archive)["manifest.json"])["state_sha256"]
    data = contents(archive)["tables/items.jsonl"].replace(b'"price_paise":4500', b'"price_paise":1')
    path = forged(archive, tmp_path / "x.zip", "tables/items.jsonl", data)
    assert "holds the state" in refused(empty, path, state_sha256=state)
    import_shop(empty, path)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "tables/../../x.jsonl", "blobs/../x", "C:\\x", "tables/x.sh"]
)
def test_a_name_that_leads_elsewhere_is_refused(
    archive: Path, empty: Wiring, tmp_path: Path, name: str
) -> None:
    path = forged(archive, tmp_path / "x.zip", name, b"x\n")
    assert "which no export writes" in refused(empty, path)
    assert [each.name for each in tmp_path.iterdir() if each.name not in ("home", "x.zip")] == []


@pytest.mark.parametrize("key", ["other-shop/bills/1.png", "../../x", "{shop}/../other-shop/1.png", "/x"])
def test_a_blob_of_another_shop_is_refused(archive: Path, empty: Wiring, tmp_path: Path, key: str) -> None:
    shop_id = json.loads(contents(archive)["manifest.json"])["shop_id"]
    path = forged(archive, tmp_path / "x.zip", "blobs/000001", b"x\n", key=key.format(shop=shop_id))
    assert "is not of shop" in refused(empty, path)


def test_a_bomb_is_refused_before_it_is_unpacked(archive: Path, empty: Wiring, tmp_path: Path) -> None:
    bomb = forged(archive, tmp_path / "x.zip", "tables/items.jsonl", b"\0" * 50_000_000)
    assert bomb.stat().st_size < 100_000
    assert "more than 1000000" in refused(empty, bomb, max_bytes=1_000_000)
    lying = forged(archive, tmp_path / "y.zip", "tables/items.jsonl", b"\0" * 50_000_000, bytes=10)
    assert "has 50000000 bytes, not 10" in refused(empty, lying)
    manifest = pack(tmp_path / "z.zip", contents(archive) | {"manifest.json": b" " * 70_000_000})
    assert "no manifest of a sensible size" in refused(empty, manifest)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(archive: Path, empty: Wiring, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(archive.read_bytes())
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("tables/items.jsonl", b"")
    assert "names a file twice" in refused(empty, path)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"format": "other"}', b'{"format": "samaan-shop-1", "files": {"a": 1}}', b"\xff"],
)
def test_a_manifest_that_says_nothing_is_refused(
    archive: Path, empty: Wiring, tmp_path: Path, manifest: bytes
) -> None:
    path = pack(tmp_path / "x.zip", contents(archive) | {"manifest.json": manifest})
    assert "manifest" in refused(empty, path)


@pytest.mark.parametrize(
    ("table", "data", "said"),
    [
        ("items", b"{\n", "no JSON"),
        ("items", b"[]\n", "no plain object"),
        ("items", b'{"item_id": {}}\n', "no plain object"),
        ("items", b'{"item_id":"x"}\n', "a row of 'items' does not fit"),
        ("items", b'{"nonsense":1}\n', "a row of 'items' does not fit"),
        ("items", b'{"item_id":"x","created_at":"yesterday"}\n', "a row of 'items' does not fit"),
        ("items", b'{"item_id":"x"}', "ends within a row"),
        ("sessions", b"{}\n", "does not know"),
    ],
)
def test_rows_that_are_none_are_refused(
    archive: Path, empty: Wiring, tmp_path: Path, table: str, data: bytes, said: str
) -> None:
    assert said in refused(empty, forged(archive, tmp_path / "x.zip", f"tables/{table}.jsonl", data))


def test_the_commands_move_a_shop_and_say_one_line(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMAAN_HOME", str(tmp_path / "there"))
    monkeypatch.delenv("SAMAAN_DATABASE_URL", raising=False)
    done = CliRunner().invoke(menu, ["import-shop", str(archive)])
    assert done.exit_code == 0, done.output
    said = json.loads(contents(archive)["manifest.json"])
    assert said["shop_id"] in done.output
    back = tmp_path / "back.zip"
    done = CliRunner().invoke(menu, ["export-shop", said["shop_id"], str(back)])
    assert said["state_sha256"] in done.output
    assert contents(back).keys() == contents(archive).keys()
    assert CliRunner().invoke(menu, ["export-shop", "nobody", str(tmp_path / "no.zip")]).exit_code != 0
    assert not list(tmp_path.glob("no.zip*"))


def test_an_export_that_fails_leaves_no_file(new_api: Callable[..., Any], tmp_path: Path) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item()

    class Broken:
        tables = ("items",)

        def read(self, shop_id: str) -> Any:
            yield "items", {"item_id": shop_id}
            raise OSError("the disk is gone")

    api.wiring.parts["shop_rows"] = (Broken(),)
    with pytest.raises(OSError, match="the disk is gone"):
        export_shop(api.wiring, shop.shop_id, tmp_path / "shop.zip")
    assert list(tmp_path.iterdir()) == []
