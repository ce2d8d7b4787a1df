"""The compiled walk through a flat forest.

The steps ahead of one series differ in few features: level, price history, attributes and groups are the same in all of
them. Rows that follow each other and agree in most features go down a tree together, as the bits of a mask: a node
that looks at a shared feature is decided once for all of them, and only the others split the mask. Rows that have
little in common are walked one by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from samaan_ml.features._compile import compiled

__all__ = ["walk"]

_BLOCK = 64
_FEW = 3


@compiled
def _shared_rows(rows: Any, first: int, shared: Any) -> int:
    """Count the rows from `first` on that agree in most features, and mark the features they all agree in."""
    n_rows, width = rows.shape
    for f in range(width):
        shared[f] = True
    size = 1
    while first + size < n_rows and size < _BLOCK:
        equal = 0
        for f in range(width):
            a, b = rows[first, f], rows[first + size, f]
            equal += 1 if a == b or (a != a and b != b) else 0
        if 2 * equal < width:
            break
        for f in range(width):
            a, b = rows[first, f], rows[first + size, f]
            shared[f] &= (a == b) | ((a != a) & (b != b))
        size += 1
    return size


@compiled
def _goes_right(column: Any, size: int, threshold: Any, nan_right: Any) -> Any:
    """Set the bit of each row that goes right."""
    bits = np.uint64(0)
    if nan_right:
        for j in range(size):
            bits |= np.uint64(not (column[j] <= threshold)) << np.uint64(j)
    else:
        for j in range(size):
            bits |= np.uint64(column[j] > threshold) << np.uint64(j)
    return bits


@compiled
def _walk_together(
    row: Any,
    columns: Any,
    shared: Any,
    size: int,
    feature: Any,
    threshold: Any,
    nan_right: Any,
    left: Any,
    value: Any,
    roots: Any,
    sums: Any,
) -> None:
    """Walk a block of like rows down every tree as the bits of a mask."""
    nodes, masks = np.empty(512, dtype=np.int64), np.empty(512, dtype=np.uint64)
    every = ~np.uint64(0) >> np.uint64(64 - size)
    sums[:size] = 0.0
    for tree in range(roots.shape[0]):
        waiting = 0
        nodes[0], masks[0] = roots[tree], every
        while waiting >= 0:
            at, mask = nodes[waiting], masks[waiting]
            waiting -= 1
            below = np.int64(left[at])
            while below != at:
                f = feature[at]
                if shared[f]:
                    x = row[f]
                    at = below + np.int64((x > threshold[at]) | ((x != x) & (nan_right[at] != 0)))
                else:
                    right = mask & _goes_right(columns[f], size, threshold[at], nan_right[at] != 0)
                    at = below
                    if right == mask:
                        at = below + 1
                    elif right != np.uint64(0):
                        waiting += 1
                        nodes[waiting], masks[waiting] = below + 1, right
                        mask ^= right
                below = np.int64(left[at])
            _add_leaf(sums, size, mask, every, value[at])


@compiled
def _add_leaf(sums: Any, size: int, mask: Any, every: Any, leaf: float) -> None:
    """Add a leaf's output to the rows of the mask."""
    if mask == every:
        for j in range(size):
            sums[j] += leaf
    else:
        for j in range(size):
            sums[j] += leaf if (mask >> np.uint64(j)) & np.uint64(1) else 0.0


@compiled
def _walk_singly(
    rows: Any,
    first: int,
    size: int,
    feature: Any,
    threshold: Any,
    nan_right: Any,
    left: Any,
    value: Any,
    roots: Any,
    out: Any,
) -> None:
    """Walk rows one by one."""
    for r in range(first, first + size):
        total = 0.0
        for tree in range(roots.shape[0]):
            at = np.int64(roots[tree])
            below = np.int64(left[at])
            while below != at:
                x = rows[r, feature[at]]
                at = below + np.int64((x > threshold[at]) | ((x != x) & (nan_right[at] != 0)))
                below = np.int64(left[at])
            total += value[at]
        out[r] = total


@compiled
def walk(
    rows: Any, feature: Any, threshold: Any, nan_right: Any, left: Any, value: Any, roots: Any, out: Any
) -> None:
    """Write the sum of every tree's output, in the order of the trees, as LightGBM sums them."""
    n_rows, width = rows.shape
    shared = np.empty(width, dtype=np.bool_)
    columns = np.empty((width, _BLOCK), dtype=np.float32)
    sums = np.empty(_BLOCK, dtype=np.float64)
    first = 0
    while first < n_rows:
        size = _shared_rows(rows, first, shared)
        if size <= _FEW:
            _walk_singly(rows, first, size, feature, threshold, nan_right, left, value, roots, out)
            first += size
            continue
        for f in range(width):
            if not shared[f]:
                for j in range(size):
                    columns[f, j] = rows[first + j, f]
        _walk_together(
            rows[first], columns, shared, size, feature, threshold, nan_right, left, value, roots, sums
        )
        out[first : first + size] = sums[:size]
        first += size
