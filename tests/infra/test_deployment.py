"""Choices that cannot be deployed are refused by name; what the functions may do is what the API asks."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from infra.deployment import Deployment, DeploymentError
from infra.package import LIBRARY_PARTS, copy_sources, package
from infra.permissions import AREAS, FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"profile": "huge"}, "profile 'huge'"),
        ({"region": "us-east-1"}, "region 'us-east-1'"),
        ({"region": "ap-south-2"}, "region 'ap-south-2'"),
        ({"name": "Samaan!"}, "name 'Samaan!'"),
        ({"cors_origins": ("*",)}, "CORS origin '\\*'"),
        ({"profile": "full", "watched": ("udhaar",)}, "questions of 'udhaar' are never stored"),
        ({"watched": ("demand",)}, "profile lite are serverless"),
        ({"sms_sender": ("1101",)}, "sms-sender needs two"),
        ({"bedrock_models": ("global.anthropic.claude",)}, "another region"),
    ],
)
def test_a_choice_that_cannot_be_deployed_is_named(choice: dict[str, Any], told: str) -> None:
    with pytest.raises(DeploymentError, match=told):
        Deployment(Path(), **choice)


def test_every_area_of_the_api_has_its_function() -> None:
    tree = ast.parse((ROOT / "serving" / "settings.py").read_text("utf-8"))
    node = next(
        n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "SliceName"
    )
    areas = {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant)}
    assert set(AREAS) == areas


SHARED = ("advice", "advice/signals")
"""What areas share lies beside them, and is reached by what they import of it."""


def modules_of(*texts: str) -> str:
    """Return texts with those of the shared parts that they import, and of what these import."""
    text, reached = "\n".join(texts), set[str]()
    while more := {name for name in SHARED if f"from serving.{name.replace('/', '.')}" in text} - reached:
        reached |= more
        paths = (path for name in sorted(more) for path in (ROOT / "serving" / name).glob("*.py"))
        text = "\n".join((text, *(path.read_text("utf-8") for path in paths)))
    return text


def text_of(area: str) -> str:
    """Return the text of an area's modules and of the shared parts they reach."""
    return modules_of(*(path.read_text("utf-8") for path in (ROOT / "serving" / area).glob("*.py")))


def ports_in(text: str) -> set[str]:
    """Name the ports that modules use."""
    without_imports = re.sub(r"(?m)^\s*from .*$", "", text)
    return set(re.findall(r"(?<!serving\.)\b(?:_?ports|p)\.([a-z_]+)\b", without_imports))


PORTS = {
    "items": "inventory",
    "stock": "inventory",
    "lots": "inventory",
    "suppliers": "inventory",
    "udhaar": "udhaar",
    "blobs": "bills",
    "bill_reader": "textract",
    "explainer": "bedrock",
    "predictor": "endpoints",
    "statement_signer": "khata_keys",
    "code_sender": "sms",
}


@pytest.mark.parametrize("area", AREAS)
def test_a_function_may_reach_what_its_area_uses_and_nothing_else(area: str) -> None:
    used = {PORTS[port] for port in ports_in(text_of(area)) if port in PORTS}
    granted = {field for field in PORTS.values() if getattr(FUNCTIONS[area], field)}
    assert granted == used


ASKED_OF = {"forecast": "demand", "price": "price", "risk": "udhaar"}


@pytest.mark.parametrize("area", AREAS)
def test_the_endpoint_a_function_may_invoke_is_the_one_its_area_asks(area: str) -> None:
    asked = {ASKED_OF[kind] for kind in re.findall(r"predictor\.(forecast|price|risk)\(", text_of(area))}
    assert asked == set(FUNCTIONS[area].endpoints)


def test_jobs_may_do_what_a_forecast_may() -> None:
    jobs, forecast = FUNCTIONS["jobs"], FUNCTIONS["forecast"]
    assert (jobs.inventory, jobs.endpoints) == (forecast.inventory, forecast.endpoints)
    text = modules_of((ROOT / "serving" / "tasks" / "jobs.py").read_text("utf-8"))
    used = {PORTS[port] for port in ports_in(text) if port in PORTS}
    assert used == {field for field in PORTS.values() if getattr(jobs, field)}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in AREAS])
def test_what_no_request_starts_is_a_function_of_the_tasks(name: str) -> None:
    module, _, handler = str(FUNCTIONS[name].handler).rpartition(".")
    tree = ast.parse((ROOT / Path(*module.split(".")).with_suffix(".py")).read_text("utf-8"))
    assert handler in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_dynamodb_and_s3_adapters_call_nothing_beyond_the_grants() -> None:
    calls = set()
    for name in ("dynamodb/table.py", "s3_blobs.py"):
        text = (ROOT / "serving" / "adapters" / name).read_text("utf-8")
        calls |= set(re.findall(r"self\._client\.([a-z_]+)\(", text))
        calls |= {kind.lower() + "_item" for kind in re.findall(r'return \{"(Put|Update|Delete)"', text)}
    # Nobody calls the port's delete: no function may delete a bill.
    text = "".join(p.read_text("utf-8") for s in AREAS for p in (ROOT / "serving" / s).glob("*.py"))
    assert "blobs.delete(" not in text
    calls -= {"transact_write_items", "delete_object"}
    granted = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", action.split(":")[1]).lower()
        for action in (*FUNCTIONS["sales"].inventory, *FUNCTIONS["sales"].bills)
    }
    assert calls == granted - {"list_bucket"}


def test_the_api_calls_only_the_granted_operations_of_cognito() -> None:
    text = (ROOT / "serving" / "adapters" / "cognito_identity.py").read_text("utf-8")
    called = {name for name in re.findall(r'self\._call\(\s*"([a-z_]+)"', text) if name.startswith("admin_")}
    granted = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", action.split(":")[1]).lower() for action in FUNCTIONS["auth"].pool
    }
    assert called == granted


def test_the_package_holds_the_api_and_the_light_parts_of_the_library_alone(tmp_path: Path) -> None:
    copy_sources(ROOT, tmp_path)
    assert (tmp_path / "serving" / "lambdas.py").exists()
    parts = {path.name for path in (tmp_path / "samaan_ml").iterdir()}
    assert parts == {"__init__.py", *LIBRARY_PARTS}
    assert not list(tmp_path.rglob("__pycache__"))


def test_packages_that_cannot_be_installed_are_told_in_pips_words(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "lambda.txt").write_text("no such line\n")
    with pytest.raises(DeploymentError, match="could not be installed"):
        package(tmp_path, tmp_path / "out")
