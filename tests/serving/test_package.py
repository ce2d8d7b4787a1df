"""The functions' package alone: small, quick to import, and enough to answer."""

import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from serving.settings import SliceName

pytestmark = pytest.mark.slow
NAMES = get_args(SliceName)

_CHILD = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before = cpu()
import serving.lambdas
handler = getattr(serving.lambdas, sys.argv[2])
imported = cpu() - before
def ask(path):
    event = {"version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {"host": "x"},
             "requestContext": {"http": {"method": "GET", "path": path, "sourceIp": "127.0.0.1"}},
             "isBase64Encoded": False}
    answer = handler(event, None)
    return [answer["statusCode"], answer["body"]]
print(json.dumps({"seconds": imported, "health": ask("/health"), "refused": ask(sys.argv[3]),
                  "loaded": sorted({name.split(".")[0] for name in sys.modules})}))
"""
_ASKED = {
    "auth": "/v1/auth/me",
    "inventory": "/v1/inventory/items",
    "sales": "/v1/sales",
    "ocr": "/v1/ocr/bills",
    "forecast": "/v1/forecast/reorder",
    "pricing": "/v1/pricing/changes",
    "udhaar": "/v1/udhaar/customers",
    "recommendations": "/v1/recommendations",
    "alerts": "/v1/alerts",
    "changes": "/v1/changes",
    "home": "/v1/home",
}


@pytest.fixture(scope="module")
def cold_start(project_root: Path) -> ModuleType:
    """The benchmark that builds the package."""
    spec = importlib.util.spec_from_file_location("cold_start", project_root / "benchmarks" / "cold_start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def unpacked(cold_start: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package in a folder of its own."""
    folder = tmp_path_factory.mktemp("package")
    megabytes = cold_start.package(folder / "function.zip")
    assert megabytes < cold_start.LIMIT_MEGABYTES
    with zipfile.ZipFile(folder / "function.zip") as archive:
        archive.extractall(folder / "task")
    return folder / "task"


@pytest.mark.parametrize("name", NAMES)
def test_the_unpacked_package_alone_answers(
    unpacked: Path, cold_start: ModuleType, tmp_path: Path, name: str
) -> None:
    environment = {"SAMAAN_HOME": str(tmp_path), "SAMAAN_PREDICTOR": "sagemaker", "SAMAAN_LOG_LEVEL": "ERROR"}
    run = subprocess.run(
        # -S: nothing of what is installed here can be found, only the package and the standard library.
        [sys.executable, "-S", "-c", _CHILD, str(unpacked), name, _ASKED[name]],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    assert figures["health"] == [200, '{"status":"ok"}']
    assert figures["refused"][0] == 401
    assert not cold_start.HEAVY & set(figures["loaded"])
    assert figures["seconds"] < 3 * cold_start.LIMIT_CPU_SECONDS  # a machine shared by others is slower
