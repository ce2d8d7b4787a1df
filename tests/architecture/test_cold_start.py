"""What a fresh interpreter may load: import contracts cannot see an eager import where a lazy one was meant."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "lightgbm",
    "statsmodels",
    "numba",
    "mlflow",
    "sagemaker",
    "pyarrow",
)
CLOUD = ("boto3", "botocore", "redis", "psycopg", "mangum")


def loaded_after(code: str, root: Path, tmp_path: Path, **environment: str) -> set[str]:
    """Run code in a fresh interpreter, with an empty environment and no network, and name what it loaded."""
    guarded = (
        "import socket, sys, json\n"
        "def refuse(*args, **kwargs): raise AssertionError('a socket was opened at import')\n"
        "socket.socket.connect = refuse\n"
        f"sys.path.insert(0, {str(root)!r})\n{code}\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment}
    run = subprocess.run(
        [sys.executable, "-c", guarded],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_the_library_menu_loads_nothing_heavy(project_root: Path, tmp_path: Path) -> None:
    assert not loaded_after("import samaan_ml; dir(samaan_ml)", project_root, tmp_path) & {*HEAVY, *CLOUD}


def test_the_command_line_menu_loads_nothing_heavy(project_root: Path, tmp_path: Path) -> None:
    code = "import samaan.cli as c\ntry: c.main(['--help'])\nexcept SystemExit: pass"
    assert not loaded_after(code, project_root, tmp_path) & {*HEAVY, *CLOUD, "fastapi"}


def test_the_domain_is_standard_library_only(project_root: Path, tmp_path: Path) -> None:
    modules = [
        path.stem for path in (project_root / "samaan_ml" / "domain").glob("*.py") if path.stem != "__init__"
    ]
    assert len(modules) >= 4
    code = "\n".join(f"import samaan_ml.domain.{name}" for name in modules)
    added = loaded_after(code, project_root, tmp_path) - loaded_after("", project_root, tmp_path)
    outside = {name for name in added - sys.stdlib_module_names if not name.startswith("_sysconfigdata")}
    assert outside == {"samaan_ml"}


def test_what_the_deployment_knows_of_the_pipelines_needs_no_library(
    project_root: Path, tmp_path: Path
) -> None:
    imported = set()
    for path in (project_root / "infra").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in {
                "pipelines",
                "samaan_ml",
            }:
                imported.add(str(node.module))
    assert "pipelines.areas" in imported
    code = "\n".join(f"import {name}" for name in sorted(imported))
    added = loaded_after(code, project_root, tmp_path) - loaded_after("", project_root, tmp_path)
    outside = {name for name in added - sys.stdlib_module_names if not name.startswith("_sysconfigdata")}
    assert outside <= {"pipelines", "samaan_ml", "training"}


@pytest.mark.parametrize("package", ["samaan", "samaan_ml", "training", "pipelines", "serving"])
def test_nothing_is_written_when_every_module_is_imported(
    package: str, project_root: Path, tmp_path: Path
) -> None:
    modules = [
        ".".join(path.relative_to(project_root).with_suffix("").parts)
        for path in sorted((project_root / package).rglob("*.py"))
        if path.stem not in {"__init__", "__main__", "env"} and "versions" not in path.parts
    ]
    assert modules
    loaded_after(
        "\n".join(f"import {name}" for name in modules), project_root, tmp_path, PYTHONDONTWRITEBYTECODE="1"
    )
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")] == []


def test_the_api_answers_a_warm_request_without_the_training_libraries(
    project_root: Path, tmp_path: Path
) -> None:
    code = (
        "from starlette.testclient import TestClient\n"
        "from serving.app import create_app\n"
        "with TestClient(create_app()) as client:\n"
        "    assert client.get('/health').status_code == 200\n"
    )
    loaded = loaded_after(
        code,
        project_root,
        tmp_path,
        SAMAAN_HOME=str(tmp_path / "home"),
        SAMAAN_PREDICTOR="sagemaker",
        AWS_DEFAULT_REGION="ap-south-1",
    )
    assert "fastapi" in loaded
    assert not loaded & set(HEAVY)
