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
_EXPLAINED = 64
"""Rows explained at once: what is between them and the reference fits the processor's cache."""


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
        masks = self._between_masks(reference)
        first, count = self._conditions_of_leaf
        width = self.condition_codes.shape[1]
        for start in range(0, len(codes), _EXPLAINED):
            part = codes[start : start + _EXPLAINED]
            row, leaf = self._between(part, masks)
            many = count[leaf]
            begin = np.cumsum(many) - many
            # All conditions of all these leaves, one after the other.
            condition = np.arange(many.sum()) + np.repeat(first[leaf] - begin, many)
            place = np.repeat(row * len(self.sizes), many) + self.condition_column[condition]
            at_row = self._flat_codes[condition * width + part.ravel()[place]]
            known = at_reference[condition]
            only_row, only_reference = at_row & ~known, known & ~at_row
            a = np.add.reduceat(only_row, begin, dtype=np.int64)
            b = np.add.reduceat(only_reference, begin, dtype=np.int64)
            value = self.leaf_value[leaf]
            share = np.repeat(value * _GAIN[a, b], many) * only_row
            share -= np.repeat(value * _GAIN[b, a], many) * only_reference
            total = np.bincount(place, weights=share, minlength=part.size)
            result[start : start + _EXPLAINED] = total.reshape(part.shape)
        return result

    def _between(self, codes: Codes, masks: Mapping[int, tuple[Codes, Array]]) -> tuple[Codes, Codes]:
        """Return (row, leaf) of every leaf that a mixture of the row and the reference can reach."""
        reachable = np.full((self.n_trees, len(codes)), self._every_leaf, dtype=self._word)
        for column, (trees, words) in masks.items():
            reachable[trees] &= words.take(codes[:, column], axis=1)
        rows, leaves = [], []
        for place in range(self._leaf_of_place.shape[1]):
            tree, row = np.nonzero(reachable & (1 << place))
            leaf = self._leaf_of_place[tree, place]
            bound = leaf >= 0
            bound &= self._conditions_of_leaf[1][leaf] > 0
            rows.append(row[bound])
            leaves.append(leaf[bound])
        return np.concatenate(rows), np.concatenate(leaves)

    def _between_masks(self, reference: Codes) -> dict[int, tuple[Codes, Array]]:
        """Return `_masks` in which a column may have the reference's code as well as the row's."""
        return {
            column: (trees, words | words[:, reference[column], None])
            for column, (trees, words) in self._masks.items()
        }

    def _allows(self, row: Codes) -> Array:
        """Return which conditions a row meets."""
        return np.asarray(
            self.condition_codes[np.arange(len(self.condition_leaf)), row[self.condition_column]]
        )

    @cached_property
    def _flat_codes(self) -> Array:
        """Return the codes that conditions allow, one after the other."""
        return np.ascontiguousarray(self.condition_codes).ravel()

    @cached_property
    def _conditions_of_leaf(self) -> tuple[Codes, Codes]:
        """Return the first condition of each leaf and how many it has."""
        count = np.bincount(self.condition_leaf, minlength=len(self.leaf_value))
        return np.cumsum(count) - count, count

    @cached_property
    def _leaf_of_place(self) -> Codes:
        """Return the leaf at each place of each tree; -1 where there is none."""
        table = np.full((self.n_trees, int(self.leaf_place.max(initial=0)) + 1), -1)
        table[self.leaf_tree, self.leaf_place] = np.arange(len(self.leaf_value))
        return table

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
    """Return where LightGBM sends a missing value: the learned side, or as 0 where it saw none in training."""
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
