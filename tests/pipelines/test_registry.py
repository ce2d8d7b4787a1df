"""The MLflow registry: whole or not at all, once for the same content, promoted and rolled back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.local import ModelPackage
from pipelines.operator import write_operator_view
from pipelines.registry import MlflowRegistry, RegistryError
from samaan_ml.artifacts import load_model, save_model
from samaan_ml.domain.price_messages import PriceItem, PriceRequest
from samaan_ml.exceptions import ArtifactError
from samaan_ml.pricing import ElasticityModel
from serving.adapters.inprocess_predictor import InProcessPredictor
from serving.errors import PredictorUnavailable
from training.archives import pack

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own dependencies

MakePackage = Callable[..., ModelPackage]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A registry's database with its tables, which take MLflow seconds to make."""
    registry = MlflowRegistry(tmp_path_factory.mktemp("made"))
    registry.versions("nothing")
    return (registry.home / "mlflow" / "mlflow.db").read_bytes()


@pytest.fixture
def registry(tmp_path: Path, database: bytes, monkeypatch: pytest.MonkeyPatch) -> MlflowRegistry:
    """An empty registry."""
    monkeypatch.delenv("SAMAAN_MLFLOW_URI", raising=False)
    path = tmp_path / "home" / "mlflow" / "mlflow.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(database)
    return MlflowRegistry(tmp_path / "home")


@pytest.fixture
def a_package(tmp_path: Path) -> MakePackage:
    """Packages of small models."""

    def make(name: str, wape: float = 0.5, **changes: Any) -> ModelPackage:
        folder = tmp_path / "made" / name
        folder.mkdir(parents=True, exist_ok=True)
        metadata = {"trained_until": "2026-01-01", "data_digest": "d"}
        (folder / "manifest.json").write_text(json.dumps({"model_version": name, "metadata": metadata}))
        pack(folder, tmp_path / f"{name}.tar.gz")
        report = tmp_path / f"{name}.json"
        report.write_text(json.dumps({"model": {"wape": wape}}))
        given: dict[str, Any] = {
            "group": "samaan-demand",
            "archive": tmp_path / f"{name}.tar.gz",
            "digest": name,
            "approved": True,
            "metadata": {},
            "reports": {"ModelQuality.Statistics/evaluation.json": report},
            "lineage": {"pipeline": "demand", "execution": "e1"},
        }
        return ModelPackage(**{**given, **changes})

    return make


def champion_version(registry: MlflowRegistry) -> str:
    """Read what serves, as the API does."""
    said = json.loads((registry.home / "models" / "demand" / "champion" / "manifest.json").read_text())
    return str(said["model_version"])


def test_an_approved_model_becomes_champion_with_its_lineage_and_metrics(
    registry: MlflowRegistry, a_package: MakePackage
) -> None:
    registered = registry.register(a_package("m1", 0.4))
    assert (registered.version, registered.champion) == ("1", True)
    assert champion_version(registry) == "m1"
    version = registry.champion("samaan-demand")
    assert version is not None
    assert version.metrics == {"model.wape": 0.4}
    assert version.tags["samaan.data_digest"] == "d"
    assert version.tags["samaan.execution"] == "e1"


def test_what_describes_the_data_is_kept_with_the_model_and_is_no_metric(
    registry: MlflowRegistry, a_package: MakePackage, tmp_path: Path
) -> None:
    package = a_package("m1", 0.4)
    stated = tmp_path / "statistics.json"
    stated.write_text('{"version": 0.0}', "utf-8")
    reports = {**package.reports, "ModelDataQuality.Statistics/statistics.json": stated}
    registry.register(replace(package, reports=reports))
    champion = registry.champion("samaan-demand")
    assert champion is not None
    assert champion.metrics == {"model.wape": 0.4}
    assert (registry.home / "models" / "demand" / "champion" / "statistics.json").is_file()


def test_a_model_waiting_for_approval_is_challenger_and_serves_nobody(
    registry: MlflowRegistry, a_package: MakePackage
) -> None:
    registry.register(a_package("m1"))
    registered = registry.register(a_package("m2", approved=False))
    assert not registered.champion
    assert champion_version(registry) == "m1"
    assert [version.aliases for version in registry.versions("samaan-demand")] == [
        ("challenger",),
        ("champion",),
    ]


def test_the_same_content_is_registered_once(registry: MlflowRegistry, a_package: MakePackage) -> None:
    first, again = registry.register(a_package("m1")), registry.register(a_package("m1"))
    other = MlflowRegistry(registry.home).register(a_package("m1"))
    assert first == again == other
    assert len(registry.versions("samaan-demand")) == 1


def test_promotion_swaps_the_champion_and_rolling_back_swaps_it_back(
    registry: MlflowRegistry, a_package: MakePackage
) -> None:
    for name in ("m1", "m2", "m3"):
        registry.register(a_package(name))
    assert champion_version(registry) == "m3"
    assert registry.roll_back("samaan-demand") == "2"
    assert champion_version(registry) == "m2"
    assert registry.roll_back("samaan-demand") == "1"
    with pytest.raises(RegistryError, match="had no predecessor"):
        registry.roll_back("samaan-demand")
    registry.promote("samaan-demand", "3")
    assert champion_version(registry) == "m3"


def test_what_was_rolled_back_does_not_come_back_by_itself(
    registry: MlflowRegistry, a_package: MakePackage
) -> None:
    registry.register(a_package("m1"))
    registry.register(a_package("m2"))
    registry.roll_back("samaan-demand")
    assert not registry.register(a_package("m2")).champion
    assert champion_version(registry) == "m1"


def test_versions_are_compared_by_metric(registry: MlflowRegistry, a_package: MakePackage) -> None:
    registry.register(a_package("m1", 0.5))
    registry.register(a_package("m2", 0.4))
    assert registry.compare("samaan-demand", "1", "2") == {"model.wape": (0.5, 0.4)}
    with pytest.raises(RegistryError, match="has no version '9'"):
        registry.compare("samaan-demand", "1", "9")
    with pytest.raises(RegistryError, match="has no version '9'; it has 1, 2"):
        registry.promote("samaan-demand", "9")


@pytest.mark.parametrize(
    "last", ["create_run", "log_artifacts", "create_model_version", "set_registered_model_alias"]
)
def test_a_registration_cut_off_anywhere_is_finished_by_the_next(
    registry: MlflowRegistry, a_package: MakePackage, last: str
) -> None:
    class CutOff(BaseException):
        """Stands for the end of the process."""

    client = registry.client
    real = getattr(client, last)

    def then_end(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise CutOff

    setattr(client, last, then_end)
    with pytest.raises(CutOff):
        registry.register(a_package("m1"))
    fresh = MlflowRegistry(registry.home)
    if last in ("create_run", "log_artifacts"):
        assert fresh.versions("samaan-demand") == []
    registered = fresh.register(a_package("m1"))
    assert (registered.version, registered.champion) == ("1", True)
    assert len(fresh.versions("samaan-demand")) == 1
    experiment = fresh.client.get_experiment_by_name("samaan-demand")
    assert experiment is not None
    assert len(fresh.client.search_runs([experiment.experiment_id])) == 1
    assert champion_version(fresh) == "m1"


def test_a_broken_archive_registers_nothing(
    registry: MlflowRegistry, a_package: MakePackage, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(ArtifactError, match=r"'broken.tar.gz' cannot be unpacked"):
        registry.register(a_package("m1", archive=broken))
    assert registry.versions("samaan-demand") == []


def test_nothing_serves_before_anything_is_registered(registry: MlflowRegistry) -> None:
    assert registry.champion("samaan-demand") is None
    with pytest.raises(RegistryError, match="has no champion"):
        registry.roll_back("samaan-demand")


def a_price_model(folder: Path, elasticity_days: int) -> str:
    """Fit and save a small price model; give its version."""
    days = pd.date_range("2026-01-01", periods=elasticity_days)
    rows = [("s", item, day, float(3 + (i + day.day) % 4)) for i, item in enumerate("ab") for day in days]
    sales = pd.DataFrame(rows, columns=["shop_id", "item_id", "date", "units"])
    prices = sales.iloc[::20].drop(columns="units")
    prices = prices.assign(unit_price=[10.0 + n % 3 for n in range(len(prices))], unit_cost=8.0, mrp=15.0)
    return save_model(ElasticityModel().fit(sales, prices), folder).model_version


def test_the_api_serves_what_was_promoted_or_rolled_back_to_without_a_restart(
    registry: MlflowRegistry, tmp_path: Path
) -> None:
    versions = []
    served = InProcessPredictor(registry.home / "models")
    item = PriceItem("a", "all", price_paise=1100, cost_paise=800, mrp_paise=1500, daily_milli=3000)
    request = PriceRequest("s", date(2026, 8, 1), (item,))
    for place, days in enumerate((160, 200)):
        folder = tmp_path / f"model-{place}"
        versions.append(a_price_model(folder, days))
        registry.register(ModelPackage("samaan-price", folder, str(place), True, {}, {}, {}))
        assert served.price(request).model_version == versions[-1]
    assert versions[0] != versions[1]
    registry.roll_back("samaan-price")
    assert served.price(request).model_version == versions[0]
    registry.promote("samaan-price", "2")
    assert served.price(request).model_version == versions[1]


def test_an_altered_champion_serves_nobody(registry: MlflowRegistry, tmp_path: Path) -> None:
    a_price_model(tmp_path / "model", 160)
    registry.register(ModelPackage("samaan-price", tmp_path / "model", "d", True, {}, {}, {}))
    state = registry.home / "models" / "price" / "champion" / "state.json"
    state.write_text(state.read_text("utf-8") + " ", "utf-8")
    request = PriceRequest("s", date(2026, 8, 1), (PriceItem("a", "all", 1100, 800, 1500, 3000),))
    with pytest.raises(PredictorUnavailable):
        InProcessPredictor(registry.home / "models").price(request)


def spoil(folder: Path) -> None:
    """Alter the state in every copy of a model below a folder."""
    for path in folder.rglob("state.json"):
        path.write_text(path.read_text("utf-8") + " ", "utf-8")


def test_a_version_that_was_altered_is_neither_promoted_nor_rolled_back_to(
    registry: MlflowRegistry, tmp_path: Path
) -> None:
    for place, days in enumerate((160, 200)):
        a_price_model(tmp_path / f"model-{place}", days)
        package = ModelPackage("samaan-price", tmp_path / f"model-{place}", str(place), True, {}, {}, {})
        registry.register(package)
    exported, champion = registry.home / "models" / "price", registry.home / "models" / "price" / "champion"
    spoil(exported / "versions" / "1")
    assert registry.roll_back("samaan-price") == "1"  # the exported copy alone was altered: fetched once more
    assert load_model(champion, kind="price")
    registry.promote("samaan-price", "2")
    spoil(exported / "versions" / "1")
    spoil(registry.home / "mlflow" / "artifacts")
    for attempt in (
        lambda: registry.promote("samaan-price", "1"),
        lambda: registry.roll_back("samaan-price"),
    ):
        with pytest.raises(
            RegistryError, match=r"version '1' of 'samaan-price' cannot become champion: .*altered"
        ):
            attempt()
    still = registry.champion("samaan-price")
    assert still is not None
    assert (still.number, champion.resolve().name) == ("2", "2")
    assert load_model(champion, kind="price")


def test_a_model_of_others_that_was_altered_is_refused_by_its_digest(
    registry: MlflowRegistry, tmp_path: Path
) -> None:
    for number in ("1", "2"):
        folder = tmp_path / number
        folder.mkdir()
        (folder / "model.joblib").write_bytes(number.encode())
        registry.register(ModelPackage("abalone", folder, number, True, {}, {}, {}))
    for path in (registry.home / "models" / "abalone" / "versions" / "1").glob("model.joblib"):
        path.write_bytes(b"another model")
    registry.promote("abalone", "1")  # the exported copy alone was altered: fetched once more
    assert (registry.home / "models" / "abalone" / "champion" / "model.joblib").read_bytes() == b"1"
    registry.promote("abalone", "2")
    for path in registry.home.rglob("model.joblib"):
        path.write_bytes(b"another model")
    with pytest.raises(RegistryError, match=r"version '1' of 'abalone' cannot become champion: .*altered"):
        registry.roll_back("abalone")


def test_a_registry_that_is_no_database_is_named(registry: MlflowRegistry) -> None:
    (registry.home / "mlflow" / "mlflow.db").write_bytes(b"no database" * 100)
    with pytest.raises(RegistryError, match=r"mlflow.db' cannot be opened: .*not a database"):
        registry.versions("samaan-price")


def test_a_home_that_was_moved_promotes_and_registers_as_before(
    registry: MlflowRegistry, a_package: MakePackage, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        registry.register(a_package(name))
    moved = tmp_path / "elsewhere" / "home"
    moved.parent.mkdir()
    registry.home.rename(moved)
    there = MlflowRegistry(moved)
    shutil.rmtree(moved / "models" / "demand" / "versions" / "1")  # has to be fetched again
    there.promote("samaan-demand", "1")
    assert champion_version(there) == "one"
    there.register(a_package("three"))
    assert champion_version(there) == "three"
    assert not registry.home.exists()


def test_a_version_shows_the_gates_sentences_its_card_and_pictures(
    registry: MlflowRegistry, tmp_path: Path
) -> None:
    folder = tmp_path / "judged"
    folder.mkdir()
    verdict = {
        "name": "skill wql",
        "passed": True,
        "reason": "wql 0.35 against 0.49 of seasonal naive: skill 30.0%",
    }
    window = {"first": "2026-05-20", "last": "2026-06-02", "model": {"wql": 0.35}, "baseline": {"wql": 0.49}}
    said = {
        "gate.json": {"verdicts": [verdict]},
        "model_card.json": {"intended_uses": {"purpose_of_model": "orders of small shops"}},
        "evaluation.json": {
            "area": "demand",
            "primary": "wql",
            "baseline_name": "seasonal naive",
            "windows": [window],
            "model": {"coverage": 0.88},
        },
    }
    for name, content in said.items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    registry.register(ModelPackage("samaan-demand", folder, "d", True, {}, {}, {}))
    version = registry.client.get_model_version("samaan-demand", "1")
    assert "skill wql: wql 0.35 against 0.49" in str(version.description)
    assert "orders of small shops" in str(version.description)
    shown = [each.path for each in registry.client.list_artifacts(version.run_id, "pictures")]
    assert shown == ["pictures/backtest.svg", "pictures/calibration.svg"]
    view = json.loads(write_operator_view(registry.home, today=date(2026, 6, 20)).read_text("utf-8"))
    demand = view["areas"]["demand"]
    assert demand["versions"][0]["gate"]["sentences"][0]["text"] == verdict["reason"]
    assert demand["champion"] is None  # it has no manifest: nothing of ours serves it
    assert view["areas"]["price"]["versions"] == []
