"""Boosted trees over codes, scored and explained with numpy alone.

Scoring follows QuickScorer (Lucchese et al., 2015): every leaf of a tree is one bit; for each column and code
the bits of the leaves that remain reachable are known beforehand, so a tree's leaf is the lowest bit of the
AND over the columns. Explanation is exact: the Shapley value of each column against one reference row, summed
over leaves in closed form (interventional TreeSHAP with one background row, Lundberg et al., 2020).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial
from typing import Any

import numpy as np

from samaan_ml.udhaar._encoding import Array, Codes

MAX_LEAVES = 16
"""One bit a leaf in 16-bit words."""
_CHUNK = 256


@dataclass(frozen=True)
class LeafPath:
    """One leaf: its tree, its place from the left, its value and the codes each column may have."""

    tree: int
    leaf: int
    value: float
    allowed: dict[int, Array]


@dataclass(frozen=True)
class Forest:
    """Leaves of all trees as sets of codes.

    Parameters
    ----------
    sizes : tuple of int
        Number of codes of each column.
    n_trees : int
        Number of trees.
    leaf_tree, leaf_place : int arrays (n_leaves,)
        Tree of each leaf and its place in it, from the left.
    leaf_value : float array (n_leaves,)
        Log-odds of each leaf.
    condition_leaf, condition_column : int arrays (n_conditions,)
        A condition restricts one column for one leaf; conditions are sorted by leaf.
    condition_codes : bool array (n_conditions, max codes)
        The codes it allows.
    """

    sizes: tuple[int, ...]
    n_trees: int
    leaf_tree: Codes
    leaf_place: Codes
    leaf_value: Array
    condition_leaf: Codes
    condition_column: Codes
    condition_codes: Array

    @classmethod
    def from_leaves(cls, leaves: Sequence[LeafPath], sizes: Sequence[int]) -> Forest:
        """Collect leaves."""
        rows = [
            (i, column, allowed) for i, leaf in enumerate(leaves) for column, allowed in leaf.allowed.items()
        ]
        codes = np.zeros((len(rows), max(sizes)), dtype=bool)
        for row, (_, _, allowed) in enumerate(rows):
            codes[row, : len(allowed)] = allowed
        return cls(
            tuple(sizes),
            max((leaf.tree for leaf in leaves), default=-1) + 1,
            np.array([leaf.tree for leaf in leaves], dtype=np.int64),
            np.array([leaf.leaf for leaf in leaves], dtype=np.int64),
            np.array([leaf.value for leaf in leaves], dtype=float),
            np.array([row[0] for row in rows], dtype=np.int64),
            np.array([row[1] for row in rows], dtype=np.int64),
            codes,
        )

    def score(self, codes: Codes) -> Array:
        """Return the sum of the trees' values, shape (n_rows,)."""
        total = np.zeros(len(codes))
        base = np.arange(self.n_trees)[:, None] * MAX_LEAVES
        for start in range(0, len(codes) if self.n_trees else 0, _CHUNK):
            part = codes[start : start + _CHUNK]
            reachable = np.full((self.n_trees, len(part)), self._every_leaf, dtype=self._word)
            for column, (trees, masks) in self._masks.items():
                reachable[trees] &= masks.take(part[:, column], axis=1)
            leaf = _LOWEST_BIT.take(reachable) + base
            total[start : start + _CHUNK] = self._values.take(leaf).sum(axis=0)
        return total

    def contributions(self, codes: Codes, reference: Codes) -> Array:
        """Share score(row) - score(reference) among the columns by Shapley's rule.

        Parameters
        ----------
        codes : int array (n_rows, n_columns)
            Rows to explain.
        reference : int array (n_columns,)
            The row they are compared with.

        Returns
        -------
        float array (n_rows, n_columns)
            Rows sum to the difference of the scores.
        """
        result = np.zeros((len(codes), len(self.sizes)))
        if not self.n_trees:
            return result
        at_reference = self._allows(reference)
        for i, row in enumerate(codes):
            at_row = self._allows(row)
            only_row, only_reference = at_row & ~at_reference, at_reference & ~at_row
            n = len(self.leaf_value)
            a = np.bincount(self.condition_leaf, weights=only_row, minlength=n).astype(np.int64)
            b = np.bincount(self.condition_leaf, weights=only_reference, minlength=n).astype(np.int64)
            dead = np.bincount(self.condition_leaf, weights=~(at_row | at_reference), minlength=n) > 0
            value = np.where(dead, 0.0, self.leaf_value)
            gain, loss = value * _GAIN[a, b], value * _GAIN[b, a]
            share = only_row * gain[self.condition_leaf] - only_reference * loss[self.condition_leaf]
            result[i] = np.bincount(self.condition_column, weights=share, minlength=len(self.sizes))
        return result

    def _allows(self, row: Codes) -> Array:
        """Tell which conditions a row meets."""
        return np.asarray(
            self.condition_codes[np.arange(len(self.condition_leaf)), row[self.condition_column]]
        )

    @property
    def _word(self) -> Any:
        """Return the smallest word with a bit for every leaf of a tree."""
        return np.uint8 if not len(self.leaf_place) or self.leaf_place.max() < 8 else np.uint16

    @property
    def _every_leaf(self) -> int:
        """Return the word in which every leaf is reachable."""
        return int(np.iinfo(self._word).max)

    @cached_property
    def _values(self) -> Array:
        """Return leaf values, MAX_LEAVES a tree."""
        values = np.zeros(self.n_trees * MAX_LEAVES)
        values[self.leaf_tree * MAX_LEAVES + self.leaf_place] = self.leaf_value
        return values

    @cached_property
    def _masks(self) -> dict[int, tuple[Codes, Array]]:
        """Return, for each column, the trees that read it and the leaves still reachable for each code."""
        masks: dict[int, tuple[Codes, Array]] = {}
        for column in np.unique(self.condition_column):
            rows = np.flatnonzero(self.condition_column == column)
            leaf = self.condition_leaf[rows]
            trees, first = np.unique(self.leaf_tree[leaf], return_index=True)
            bits = np.where(self.condition_codes[rows], 0, 1 << self.leaf_place[leaf][:, None]).astype(
                self._word
            )
            # Leaves are sorted by tree, so a tree's conditions on the column lie together.
            barred = np.bitwise_or.reduceat(bits, first, axis=0)
            masks[int(column)] = (trees, ~barred)
        return masks

    def get_state(self) -> dict[str, object]:
        """Return what `from_state` needs."""
        return {
            "sizes": list(self.sizes),
            "n_trees": self.n_trees,
            "leaf_tree": self.leaf_tree.astype(np.int32),
            "leaf_place": self.leaf_place.astype(np.int8),
            "leaf_value": self.leaf_value,
            "condition_leaf": self.condition_leaf.astype(np.int32),
            "condition_column": self.condition_column.astype(np.int16),
            "condition_codes": np.packbits(self.condition_codes, axis=1),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Forest:
        """Rebuild a forest."""
        sizes = tuple(int(size) for size in state["sizes"])
        codes = np.unpackbits(state["condition_codes"], axis=1, count=max(sizes)).astype(bool)
        return cls(
            sizes,
            int(state["n_trees"]),
            state["leaf_tree"].astype(np.int64),
            state["leaf_place"].astype(np.int64),
            state["leaf_value"].astype(float),
            state["condition_leaf"].astype(np.int64),
            state["condition_column"].astype(np.int64),
            codes,
        )


def leaf_paths(
    tree: Mapping[str, Any], number: int, scale: float, inputs: Sequence[Array]
) -> Iterator[LeafPath]:
    """Walk one dumped LightGBM tree and yield its leaves, left to right.

    Parameters
    ----------
    tree : mapping
        `tree_structure` of LightGBM's dump.
    number : int
        The tree's number in the forest.
    scale : float
        Factor on the values.
    inputs : sequence of float arrays (n_codes,)
        What each code of each column was fed to LightGBM as; NaN for missing.
    """
    place = iter(range(MAX_LEAVES))

    def walk(node: Mapping[str, Any], allowed: dict[int, Array]) -> Iterator[LeafPath]:
        if "split_feature" not in node:
            yield LeafPath(number, next(place), float(node["leaf_value"]) * scale, allowed)
            return
        column = int(node["split_feature"])
        fed = inputs[column]
        left = np.where(np.isnan(fed), _missing_left(node), fed <= node["threshold"]).astype(bool)
        before = allowed.get(column, np.ones(len(fed), dtype=bool))
        yield from walk(node["left_child"], {**allowed, column: before & left})
        yield from walk(node["right_child"], {**allowed, column: before & ~left})

    return walk(tree, {})


def _missing_left(node: Mapping[str, Any]) -> bool:
    """Tell where LightGBM sends a missing value: the learned side, or as 0 where it saw none in training."""
    if node["missing_type"] == "NaN":
        return bool(node["default_left"])
    return bool(node["threshold"] >= 0)


def _lowest_bits() -> Array:
    """Return the place of the lowest set bit of every 16-bit word."""
    word = np.arange(1 << 16)
    return np.where(word, np.log2(np.maximum(word & -word, 1)), 0).astype(np.int64)


_LOWEST_BIT = _lowest_bits()
# Weight of a leaf for a column met by the row alone, where a columns are met by the row alone and b by the
# reference alone: (a - 1)! b! / (a + b)!
_GAIN = np.array(
    [
        [factorial(a - 1) * factorial(b) / factorial(a + b) if a else 0.0 for b in range(MAX_LEAVES + 1)]
        for a in range(MAX_LEAVES + 1)
    ]
)
