"""Trees as flat arrays: LightGBM's answers, bit by bit, without LightGBM.

A process that only serves never imports lightgbm: the booster's text is read once, at the end of training, into
arrays that a compiled walker goes through. A node's children lie side by side, leaves point at themselves, and
rows that are mostly alike go down a tree together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ArtifactError

__all__ = ["FlatForest"]

_DEFAULT_LEFT, _CATEGORICAL = 2, 1
_MISSING_NAN = 2
_ZERO = np.float32(1e-35)


@dataclass(frozen=True, slots=True)
class FlatForest:
    """A gradient-boosted forest in arrays.

    Parameters
    ----------
    feature : ndarray of int32, shape (n_nodes,)
        Feature each node looks at; 0 in a leaf.
    threshold : ndarray of float32, shape (n_nodes,)
        A larger value goes right; infinity in a leaf. Rounded down from LightGBM's doubles, which decides every
        float32 value alike.
    nan_right : ndarray of uint8, shape (n_nodes,)
        Whether a missing value goes right.
    left : ndarray of int32, shape (n_nodes,)
        Left child, right before the right one; a leaf's own place in a leaf.
    value : ndarray of float64, shape (n_nodes,)
        Output of a leaf; elsewhere LightGBM's own estimate of the node's output, for explanations.
    cover : ndarray of float32, shape (n_nodes,)
        Training rows that reached the node.
    roots : ndarray of int32, shape (n_trees,)
        First node of each tree.
    n_features : int
        Width of the rows.
    """

    feature: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float32]
    nan_right: npt.NDArray[np.uint8]
    left: npt.NDArray[np.int32]
    value: npt.NDArray[np.float64]
    cover: npt.NDArray[np.float32]
    roots: npt.NDArray[np.int32]
    n_features: int

    @classmethod
    def from_lightgbm(cls, text: str) -> FlatForest:
        """Read a booster's text (`Booster.model_to_string()`).

        Raises
        ------
        ArtifactError
            When the text is no LightGBM model, or one with categorical splits or linear leaves.
        """
        header, _, rest = text.partition("\nTree=0\n")
        if "max_feature_idx=" not in header:
            raise ArtifactError("the text is no LightGBM model: 'max_feature_idx' is missing from its head")
        n_features = int(header.split("max_feature_idx=")[1].split("\n")[0]) + 1
        blocks = ("0\n" + rest.split("\nend of trees")[0]).split("\nTree=") if rest else []
        trees = [_tree(block) for block in blocks]
        offsets = np.cumsum([0, *(len(t["feature"]) for t in trees)])
        joined = {
            name: np.concatenate([t[name] for t in trees]) if trees else np.zeros(0)
            for name in ("feature", "threshold", "nan_right", "value", "cover")
        }
        left = [t["left"] + offset for t, offset in zip(trees, offsets[:-1], strict=True)]
        return cls(
            feature=joined["feature"].astype(np.int32),
            threshold=joined["threshold"].astype(np.float32),
            nan_right=joined["nan_right"].astype(np.uint8),
            left=(np.concatenate(left) if left else np.zeros(0)).astype(np.int32),
            value=joined["value"].astype(np.float64),
            cover=joined["cover"].astype(np.float32),
            roots=offsets[:-1].astype(np.int32),
            n_features=n_features,
        )

    def raw(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Sum the trees' outputs for each row, as `Booster.predict(rows, raw_score=True)` does.

        Parameters
        ----------
        rows : ndarray of float32, shape (n_rows, n_features)
            Feature rows; NaN is missing.

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            Raw scores, without any init score.
        """
        from samaan_ml.forecasting.trees._forest_kernels import walk

        if rows.ndim != 2 or rows.shape[1] < self.n_features:
            raise ArtifactError(f"the model wants rows of {self.n_features} features; got shape {rows.shape}")
        out = np.zeros(len(rows), dtype=np.float64)
        rows = np.ascontiguousarray(rows, dtype=np.float32)
        walk(
            rows,
            self.feature,
            self.threshold,
            self.nan_right,
            self.left,
            self.value,
            self.roots,
            out,
        )
        return out

    def get_state(self) -> dict[str, object]:
        """Return the arrays by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> FlatForest:
        """Rebuild a forest from `get_state`'s arrays."""
        try:
            return cls(**{name: state[name] for name in cls.__slots__})
        except KeyError as error:
            raise ArtifactError(f"the forest lacks {error}; save the model again") from None


def _floats(fields: dict[str, str], name: str) -> npt.NDArray[np.float64]:
    """Read one field's numbers."""
    return np.array(fields.get(name, "").split(), dtype=np.float64)


def _ints(fields: dict[str, str], name: str) -> npt.NDArray[np.int64]:
    """Read one field's whole numbers."""
    return np.array(fields.get(name, "").split(), dtype=np.int64)


def _tree(block: str) -> dict[str, Any]:
    """Lay one tree's text out, children side by side, parents before children."""
    fields = dict(line.split("=", 1) for line in block.split("\n") if "=" in line)
    if fields.get("is_linear", "0").strip() == "1":
        raise ArtifactError("LightGBM's linear leaves are not supported; train with 'linear_tree' off")
    leaf_value, leaf_count = _floats(fields, "leaf_value"), _floats(fields, "leaf_count")
    if int(fields["num_leaves"]) == 1:
        return _leaf_only(leaf_value)
    feature, threshold = _ints(fields, "split_feature"), _floats(fields, "threshold")
    kind = _ints(fields, "decision_type")
    if (kind & _CATEGORICAL).any():
        raise ArtifactError("LightGBM's categorical splits are not supported; give categories as numbers")
    child = np.stack([_ints(fields, "left_child"), _ints(fields, "right_child")], axis=1)
    inner_value, inner_count = _floats(fields, "internal_value"), _floats(fields, "internal_count")
    n_inner = len(feature)
    place = np.zeros(n_inner, dtype=np.int64)  # of each inner node in the new order
    leaf_place = np.zeros(n_inner + 1, dtype=np.int64)
    left = np.zeros(n_inner, dtype=np.int64)
    queue, size = [0], 1
    for node in queue:
        left[node] = size
        for k in range(2):
            below = int(child[node, k])
            if below < 0:
                leaf_place[~below] = size + k
            else:
                place[below] = size + k
                queue.append(below)
        size += 2
    nan_goes_right = np.where(
        (kind >> 2) & 3 == _MISSING_NAN, (kind & _DEFAULT_LEFT) == 0, threshold < 0
    )  # a split that saw no missing value takes one for 0
    out: dict[str, Any] = {
        "feature": np.zeros(size, dtype=np.int64),
        "threshold": np.full(size, np.inf, dtype=np.float32),
        "nan_right": np.zeros(size, dtype=np.uint8),
        "left": np.arange(size),
        "value": np.zeros(size),
        "cover": np.zeros(size),
    }
    out["feature"][place], out["threshold"][place] = feature, _rounded_down(threshold)
    out["nan_right"][place], out["left"][place] = nan_goes_right, left
    out["value"][place], out["cover"][place] = inner_value, inner_count
    out["value"][leaf_place], out["cover"][leaf_place] = leaf_value, leaf_count
    return out


def _leaf_only(value: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Lay out a tree that never split."""
    return {
        "feature": np.zeros(1, dtype=np.int64),
        "threshold": np.full(1, np.inf, dtype=np.float32),
        "nan_right": np.zeros(1, dtype=np.uint8),
        "left": np.zeros(1, dtype=np.int64),
        "value": value,
        "cover": np.ones(1),
    }


def _rounded_down(threshold: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Take the largest float32 that is not above each threshold: x <= t is then the same for every float32 x.

    LightGBM takes values within 1e-35 of zero for zero; a threshold in there is moved to the edge at which that shows.
    """
    with np.errstate(over="ignore"):
        near = threshold.astype(np.float32)
    above = near.astype(np.float64) > threshold
    near = np.where(above, np.nextafter(near, np.float32(-np.inf)), near)
    below_zero = (near < 0) & (near >= -_ZERO)
    near = np.where(below_zero, np.nextafter(-_ZERO, np.float32(-np.inf)), near)
    return cast("npt.NDArray[np.float32]", np.where((near >= 0) & (near < _ZERO), _ZERO, near))
