"""Measure each Lambda from a fresh interpreter to its first answer, and the size of its package.

    python benchmarks/cold_start.py

For each slice a child process imports its handler and answers one request; CPU seconds are the child's own. The
package is what a function needs: the dependencies below, `serving` and `samaan_ml` without its training parts, as
one zip. boto3 is left out: the runtime carries it.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import get_args

from serving.settings import SliceName

ROOT = Path(__file__).parent.parent
NEEDED = (
    "fastapi",
    "pydantic-settings",
    "mangum",
    "sqlalchemy",
    "pyjwt",
    "python-multipart",
    "cryptography",
    "argon2-cffi",
)
HEAVY = {"numpy", "pandas", "scipy", "sklearn", "lightgbm", "statsmodels", "numba", "mlflow", "boto3"}
LIBRARY_PARTS = ("domain", "bills", "explain")
LIMIT_CPU_SECONDS, LIMIT_MEGABYTES = 0.9, 25.0

_CHILD = """
import json, os, resource, sys, time
sys.path.insert(0, {root!r})
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
bare = cpu()
import serving.lambdas
handler = getattr(serving.lambdas, {name!r})
imported = cpu()
event = {{"version": "2.0", "rawPath": "/health", "rawQueryString": "", "headers": {{"host": "x"}},
         "requestContext": {{"http": {{"method": "GET", "path": "/health", "sourceIp": "127.0.0.1"}}}},
         "isBase64Encoded": False}}
answer = handler(event, None)
print(json.dumps({{"bare": bare, "import": imported - bare, "answer": cpu() - bare, "status": answer["statusCode"],
                  "loaded": sorted({{name.split(".")[0] for name in sys.modules}})}}))
"""


def measure(name: str) -> dict[str, object]:
    """Start one function in a fresh interpreter."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"SAMAAN_HOME": home, "SAMAAN_PREDICTOR": "sagemaker", "SAMAAN_LOG_LEVEL": "ERROR"}
        run = subprocess.run(
            [sys.executable, "-c", _CHILD.format(root=str(ROOT), name=name)],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
    figures: dict[str, object] = json.loads(run.stdout.splitlines()[-1])
    return figures


def dependencies(*names: str) -> set[str]:
    """Follow the installed dependencies of some distributions, extras left out."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        try:
            needed = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(name)
        waiting += [
            line.split(";")[0].split("[")[0].strip(" ()<>=!~.0123456789,*")
            for line in needed
            if "extra ==" not in line
        ]
    return found


def package(path: Path) -> float:
    """Zip what a function needs and return its size in megabytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(dependencies(*NEEDED)):
            for file in importlib.metadata.files(name) or []:
                if ".." not in file.parts and file.suffix != ".pyc" and "tests" not in file.parts:
                    archive.write(str(file.locate()), str(file))
        parts = [ROOT / "serving", *(ROOT / "samaan_ml" / part for part in LIBRARY_PARTS)]
        files = [
            file
            for part in parts
            for file in part.rglob("*")
            if file.is_file() and "__pycache__" not in file.parts
        ]
        for file in [*files, ROOT / "samaan_ml" / "__init__.py"]:
            archive.write(file, file.relative_to(ROOT))
    return path.stat().st_size / 1e6


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", help="not used")
    parser.add_argument("--out", type=Path, help="write the figures there as JSON")
    arguments = parser.parse_args()
    result: dict[str, object] = {}
    for name in get_args(SliceName):
        figures = measure(name)
        loaded = figures.pop("loaded")
        heavy = sorted(HEAVY & set(loaded if isinstance(loaded, list) else []))
        result[name] = figures | {"heavy": heavy}
        seconds = f"import {figures['import']:.2f} s, first answer {figures['answer']:.2f} s CPU"
        print(f"{name:16} {seconds}, heavy: {heavy or 'none'}")
    with tempfile.TemporaryDirectory() as folder:
        size = package(Path(folder) / "function.zip")
    result["package_megabytes"] = round(size, 1)
    print(
        f"package          {size:.1f} MB zipped (limit {LIMIT_MEGABYTES} MB), import limit {LIMIT_CPU_SECONDS} s"
    )
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
