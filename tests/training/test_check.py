"""The check job: latency, groups, baseline, card; and the requests that batch transform asks."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from samaan_ml.domain.messages import decode_request
from samaan_ml.exceptions import ArtifactError, DataError
from samaan_ml.tables import ShopData
from training.areas import Prepared, area_named
from training.check import check
from training.evaluate import Evaluation, GroupRule
from training.fairness import compare_groups
from training.job import Hyperparameters
from training.latency import measure_latency, single_questions
from training.model_monitor import statistics_of, suggested_constraints, violations
from training.prepare import prepare
from training.shop_requests import requests_of, write_requests
from training.watched import watched_rows

EVALUATION = Evaluation(
    area="price",
    data={"digest": "d"},
    primary="deviance",
    model={"deviance": 2.0},
    baseline_name="one elasticity",
    baseline={"deviance": 4.0},
    windows=[],
    slices={
        "good": {"deviance": 1.0, "baseline_deviance": 2.0, "rows": 40.0},
        "bad": {"deviance": 3.0, "baseline_deviance": 2.0, "rows": 31.0},
        "small": {"deviance": 9.0, "baseline_deviance": 1.0, "rows": 29.0},
        "bare": {"deviance": 9.0},
    },
)
RULE = GroupRule("deviance", "baseline_deviance")


def test_the_worst_group_large_enough_is_found() -> None:
    found = compare_groups(EVALUATION, RULE)
    assert (found["compared"], found["too_small"]) == (2, 1)
    assert (found["worst_group"], found["worst_ratio"], found["share_worse"]) == ("bad", 1.5, 0.5)


def test_nothing_is_said_where_no_group_can_be_compared() -> None:
    found = compare_groups(EVALUATION, GroupRule("other", "baseline_deviance"))
    assert (found["compared"], found["worst_group"], found["worst_ratio"]) == (0, None, None)


@pytest.fixture(scope="module")
def prepared_folder(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a prepare job leaves for the price area."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(area_named("price"), tables, folder)
    return folder


def test_a_price_model_is_checked_with_the_shops_own_questions(
    models: dict[str, Path], prepared_folder: Path, tmp_path: Path
) -> None:
    found = check(area_named("price"), models["price"], prepared_folder, EVALUATION, 14, tmp_path)
    assert found == json.loads((tmp_path / "checks.json").read_text("utf-8"))
    assert found["latency"]["questions"] > 10
    assert 0 < found["latency"]["p95_cpu_ms"] < 1000
    assert found["size_mib"] > 0
    assert found["lineage"]["data_digest"] == "d"
    card = json.loads(found["model_card"])
    assert card == json.loads((tmp_path / "model_card.json").read_text("utf-8"))
    groups = {each["name"]: each["metric_data"] for each in card["evaluation_details"][0]["metric_groups"]}
    assert groups["model"] == [{"name": "deviance", "type": "number", "value": 2.0}]
    assert "'bad', has 1.50 times" in card["additional_information"]["caveats_and_recommendations"]
    assert "| deviance | 2 |" in (tmp_path / "model_card.md").read_text("utf-8")
    stated = json.loads((tmp_path / "statistics.json").read_text("utf-8"))
    assert "unit_price" in {each["name"] for each in stated["features"]}


def test_an_altered_model_fails_the_check(models: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for path in models["price"].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "state.json").write_text((folder / "state.json").read_text("utf-8") + " ", "utf-8")
    with pytest.raises(ArtifactError, match="was altered"):
        measure_latency(folder, [])


def test_every_shop_asks_once_and_its_questions_can_be_told_apart(
    prepared_folder: Path, world: ShopData, tmp_path: Path
) -> None:
    area = area_named("price")
    count = write_requests(area, prepared_folder, tmp_path)
    read = [decode_request(path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    assert world.sales is not None
    assert len(read) == count == world.sales["shop_id"].nunique()
    assert read == [request for _, request in requests_of(area, prepared_folder)]
    asked = sum(len(request.items) for request in read)  # type: ignore[union-attr]
    assert len(list(single_questions(read))) == asked


def test_a_baseline_finds_each_planted_change() -> None:
    before = pd.DataFrame(
        {"amount": [float(n % 50) for n in range(1000)], "kind": ["credit", "payment"] * 500}
    )
    stated = statistics_of(before)
    limits = suggested_constraints(stated)
    assert violations(before, limits, stated)["violations"] == []
    planted = {
        "baseline_drift_check": before.assign(amount=before["amount"] + 30),
        "completeness_check": before.assign(amount=before["amount"].where(before.index % 3 > 0)),
        "categorical_values_check": before.assign(kind=before["kind"].replace("payment", "gift")),
        "missing_column_check": before[["kind"]],
        "extra_column_check": before.assign(more=1),
        "data_type_check": before.assign(amount="many"),
    }
    for kind, changed in planted.items():
        found = {each["constraint_check_type"] for each in violations(changed, limits, stated)["violations"]}
        assert kind in found, kind


def test_numbers_are_described_as_the_monitors_files_have_them() -> None:
    [feature] = statistics_of(pd.DataFrame({"units": [1.0, 2.0, 3.0, None]}))["features"]
    stated = feature["numerical_statistics"]
    assert (feature["inferred_type"], stated["common"]) == ("Integral", {"num_present": 3, "num_missing": 1})
    assert (stated["mean"], stated["sum"], stated["min"], stated["max"]) == (2.0, 6.0, 1.0, 3.0)
    with pytest.raises(DataError, match="without rows"):
        statistics_of(pd.DataFrame({"units": []}))


@pytest.mark.parametrize("area", ["demand", "price", "udhaar"])
def test_no_name_of_a_shop_item_or_customer_is_watched(area: str, tables: Path, tmp_path: Path) -> None:
    from training.prepare import load_prepared

    prepare(area_named(area), tables, tmp_path)
    rows = watched_rows(area, load_prepared(tmp_path))
    assert len(rows)
    assert not {"shop_id", "item_id", "customer_id"} & set(rows.columns)


def test_a_price_evaluation_scores_every_shop_by_the_series_it_judges(prepared: Prepared) -> None:
    found = area_named("price").evaluate(prepared, Hyperparameters({}))
    assert sum(each["rows"] for each in found.slices.values()) == found.model["series"]
    total = sum(each["deviance"] for each in found.slices.values())
    assert total > 0
    assert compare_groups(found, RULE)["compared"] + compare_groups(found, RULE)["too_small"] == len(
        found.slices
    )
