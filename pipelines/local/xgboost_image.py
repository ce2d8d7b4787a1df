"""The built-in XGBoost algorithm as the service's image runs it: `train` and `serve PORT`, by the xgboost package.

Tables have the target first and no heading, or are libsvm files; the model is `xgboost-model`, the library's own
format. Images before 1.3 write a pickle, which scripts for them read; which one was asked for stands in
`SAMAAN_XGBOOST_PICKLE`.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.local.model_server import base_folder, serve

__all__ = ["main"]

_OWN = frozenset(
    ("num_round", "early_stopping_rounds", "csv_weights", "silent", "verbosity", "save_model_on_termination")
)
_MODEL = "xgboost-model"
_LIST = frozenset(("eval_metric",))


def train() -> None:
    """Train on the channels `train` and, where it is there, `validation`."""
    import xgboost as xgb

    base = base_folder()
    given: dict[str, str] = json.loads((base / "input/config/hyperparameters.json").read_text("utf-8"))
    if "num_round" not in given:
        raise ValueError("hyperparameter 'num_round' is required")
    channels: dict[str, dict[str, str]] = json.loads(
        (base / "input/config/inputdataconfig.json").read_text("utf-8")
    )
    if "train" not in channels:
        raise ValueError("channel 'train' is required")
    data = {
        name: _matrix(base / "input/data" / name, channels[name].get("ContentType", "libsvm"))
        for name in ("train", "validation")
        if name in channels
    }
    settings: dict[str, Any] = {
        name: value for name, value in given.items() if name not in _OWN and name[0] != "_"
    }
    for name in _LIST & set(settings):
        settings[name] = settings[name].split(",")
    stop = given.get("early_stopping_rounds")
    booster = xgb.train(
        {**settings, "nthread": 1, "seed": int(given.get("seed", 0))},
        data["train"],
        num_boost_round=int(given["num_round"]),
        evals=[(matrix, name) for name, matrix in data.items()],
        early_stopping_rounds=int(stop) if stop else None,
        verbose_eval=True,
    )
    _save(booster, base / "model" / _MODEL)


def _save(booster: Any, path: Path) -> None:
    """Write the model as the image's version does."""
    if os.environ.get("SAMAAN_XGBOOST_PICKLE"):
        path.write_bytes(pickle.dumps(booster))
    else:
        path.write_bytes(bytes(booster.save_raw("json")))


def _matrix(folder: Path, kind: str) -> Any:
    """Read a channel's files."""
    import xgboost as xgb

    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    if not files:
        raise ValueError(f"channel '{folder.name}' is empty")
    word = kind.split(";", maxsplit=1)[0].strip().lower()
    if word in ("text/csv", "csv"):
        rows = np.vstack([_table(path.read_text("utf-8")) for path in files])
        return xgb.DMatrix(rows[:, 1:], label=rows[:, 0])
    if word in ("application/x-parquet", "parquet"):
        import pandas as pd

        frame = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
        return xgb.DMatrix(frame.iloc[:, 1:].to_numpy(), label=frame.iloc[:, 0].to_numpy())
    if word in ("text/libsvm", "text/x-libsvm", "libsvm"):
        from sklearn.datasets import load_svmlight_files

        parts = load_svmlight_files([str(path) for path in files], zero_based=True)
        from scipy.sparse import vstack

        return xgb.DMatrix(vstack(parts[::2]), label=np.concatenate(parts[1::2]))
    raise ValueError(
        f"channel '{folder.name}': content type '{kind}' is not read; give text/csv or text/libsvm"
    )


def _table(text: str) -> Any:
    """Read numbers without a heading."""
    rows = np.genfromtxt(io.StringIO(text), delimiter=",", ndmin=2)
    if len(rows) and np.isnan(rows[0]).all():
        raise ValueError("the first row holds no numbers; a table for XGBoost has no heading")
    return rows


def _booster(path: Path) -> Any:
    """Read the model."""
    import xgboost as xgb

    content = path.read_bytes()
    if os.environ.get("SAMAAN_XGBOOST_PICKLE"):
        return pickle.loads(content)  # noqa: S301 - made by this run's own training job
    booster = xgb.Booster()
    booster.load_model(bytearray(content))
    return booster


def serve_model(port: int) -> None:
    """Answer tables of features."""
    import xgboost as xgb

    booster = _booster(base_folder() / "model" / _MODEL)

    def answer(body: bytes, kind: str, accept: str) -> tuple[bytes, str]:  # noqa: ARG001 - always text, as by the image
        if kind != "text/csv":
            raise ValueError(f"content type '{kind}' is not read; give text/csv")
        rows = _table(body.decode("utf-8"))
        found = np.atleast_1d(booster.predict(xgb.DMatrix(rows), validate_features=False))
        lines = [",".join(str(value) for value in np.atleast_1d(row).tolist()) for row in found]
        return "\n".join(lines).encode(), "text/csv; charset=utf-8"

    serve(answer, port)


def main() -> None:
    """Train or serve."""
    if sys.argv[1] == "train":
        train()
    else:
        serve_model(int(sys.argv[2]))


if __name__ == "__main__":
    main()
