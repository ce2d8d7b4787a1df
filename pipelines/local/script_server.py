"""Serves a model by its own `inference.py` (model_fn, input_fn, predict_fn, output_fn) as framework images do.

`python -m pipelines.local.script_server PORT [PROGRAM]`; the program is below `/opt/ml/model/code`.
"""

from __future__ import annotations

import importlib.util
import inspect
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from pipelines.local.model_server import base_folder, serve

__all__ = ["load_program", "main", "make_answer"]


def load_program(path: Path) -> ModuleType:
    """Load the model's program."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"'{path}' is no Python program")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def make_answer(program: ModuleType, folder: Path) -> Any:
    """Make the function that answers, from the program's functions and the toolkit's defaults."""
    load = getattr(program, "model_fn", None)
    if load is None:
        raise SystemExit(f"'{program.__name__}' has no model_fn(model_dir)")
    model = _called(load, str(folder))
    transform = getattr(program, "transform_fn", None)
    read = getattr(program, "input_fn", _read)
    predict = getattr(program, "predict_fn", _predict)
    write = getattr(program, "output_fn", _write)

    def answer(body: bytes, kind: str, accept: str) -> tuple[bytes, str]:
        wanted = "application/json" if accept in ("", "*/*") and hasattr(program, "output_fn") else accept
        if transform is not None:
            return _sent(_called(transform, model, _given(body, kind), kind, wanted), wanted)
        data = _called(read, _given(body, kind), kind)
        return _sent(_called(write, _called(predict, data, model), wanted), wanted)

    return answer


def _called(function: Any, *values: Any) -> Any:
    """Call a function that takes the toolkit's context last or not."""
    places = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    return function(*values, *([None] * max(len(places) - len(values), 0)))


def _given(body: bytes, kind: str) -> Any:
    """Return a body as the toolkit does: text as text."""
    return body.decode("utf-8") if kind.startswith("text/") or kind.endswith("json") else body


def _sent(said: Any, accept: str) -> tuple[bytes, str]:
    """Read what an output function gave: a body, or a body with its type."""
    body, kind = (
        said if isinstance(said, tuple) else (said, accept if accept not in ("", "*/*") else "text/csv")
    )
    return (body if isinstance(body, bytes) else str(body).encode()), str(kind)


def _read(body: Any, kind: str) -> Any:
    """Read numbers, as the toolkit does where the program says nothing."""
    if kind == "text/csv":
        return np.genfromtxt(io.StringIO(body), delimiter=",", ndmin=2)
    if kind == "application/json":
        return np.array(json.loads(body))
    if kind == "application/x-npy":
        return np.load(io.BytesIO(body), allow_pickle=False)
    raise ValueError(f"content type '{kind}' is not read by default; write an input_fn")


def _predict(data: Any, model: Any) -> Any:
    """Predict where the program says nothing."""
    return model.predict(data) if hasattr(model, "predict") else model(data)


def _write(prediction: Any, accept: str) -> tuple[bytes, str]:
    """Write numbers where the program says nothing."""
    values = np.asarray(prediction)
    if accept == "application/json":
        return json.dumps(values.tolist()).encode(), accept
    if accept == "application/x-npy":
        written = io.BytesIO()
        np.save(written, values, allow_pickle=False)
        return written.getvalue(), accept
    rows = values.reshape(len(values), -1) if values.ndim else values.reshape(1, 1)
    return "\n".join(",".join(str(each) for each in row) for row in rows.tolist()).encode(), "text/csv"


def main() -> None:
    """Serve."""
    folder = base_folder() / "model"
    name = sys.argv[2] if len(sys.argv) > 2 else "inference.py"
    serve(make_answer(load_program(folder / "code" / name), folder), int(sys.argv[1]))


if __name__ == "__main__":
    main()
