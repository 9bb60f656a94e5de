"""Exact, path-dependent SHAP values of trees of any size, by a walk down and up each.

The Shapley weights of Lundberg et al. 2020 (doi:10.1038/s42256-019-0138-9, algorithm 2) are an
integral over t, the chance that a feature is known: at a split, the branch the row takes weighs
t + z(1 - t), the other the rest, z being the taken branch's share of the training rows. With P(n)
the product of the weights above node n, and B(n) the mean of the leaves below it so weighted, a
split on feature j adds

    φ_j += ∫₀¹ P(n) (1 - z) (B(taken) - B(other)) dt

a polynomial that eight Gauss-Legendre points integrate exactly up to sixteen distinct features on
a path; deeper trees take sixteen points, in two passes. A feature that comes back on a path is
divided out of it first (`_curves`). One walk down a tree gives P, one up gives B and φ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers.booster_text import Matrix, Tree, shares
from models.drivers.lanes import WIDTH, load, spread, store
from models.drivers.reading import READINGS, read, readings

# left, right: child slots (see `Tree`). reading: which of `read`'s values is compared. above: slot
# of the nearest edge above that splits on the same feature, 0 if none. curve: row of `curves`.
SPLIT = np.dtype(
    [("threshold", "f8"), ("right_share", "f8")]
    + [(name, "u4") for name in ("reading", "feature", "left", "right", "above", "curve")]
)
# One tree at eight points: its first split, first leaf, number of splits, row of P at the root.
PASS = np.dtype([(name, "u8") for name in ("split", "leaf", "splits", "weights")])


@dataclass(frozen=True, eq=False)
class Walk:
    """Trees laid out for the kernel, whatever their size; constant trees are left out."""

    passes: NDArray
    splits: NDArray
    leaves: Matrix
    curves: Matrix

    @classmethod
    def of(cls, trees: Sequence[Tree], n_features: int) -> "Walk":
        """Lay out trees that split on `n_features` features."""
        failed = np.array([np.ones(WIDTH), np.zeros(WIDTH)])  # rows 0, 1: left this path above
        curves, splits, leaves = [failed], [np.empty(0, SPLIT)], [np.empty(0)]
        passes, n_splits, n_leaves, n_curves = [], 0, 0, len(failed)
        for tree in trees:
            layout, above_share, distinct = _paths(tree, n_features)
            for points, weights in _quadrature(distinct):
                split = layout.copy()
                split["curve"] += n_curves
                splits.append(split)
                leaves.append(tree.value)
                passes.append((n_splits, n_leaves, len(split), n_curves))
                curves.append(_curves(points, weights, above_share))
                n_splits, n_leaves = n_splits + len(split), n_leaves + len(tree.value)
                n_curves += len(curves[-1])
        arrays = (np.concatenate(parts) for parts in (splits, leaves, curves))
        return cls(np.array(passes, PASS), *arrays)

    def add(self, rows: Matrix, out: Matrix) -> None:
        """Add the φ of rows (n, features) to `out`, of that shape."""
        if len(self.passes):
            _walk(rows, self.passes, self.splits, self.leaves, self.curves, out)


def _paths(tree: Tree, n_features: int) -> tuple[NDArray, Matrix, int]:
    """Splits with `curve` counted from the tree's first; for each split that comes back to a
    feature, the share of rows that its edges above let through; most distinct features on a path.
    """
    right_share, _ = shares(tree)
    layout = np.zeros(len(right_share), SPLIT)
    layout["reading"] = readings(tree, n_features)
    layout["threshold"], layout["right_share"] = tree.threshold, right_share
    layout["feature"], layout["left"], layout["right"] = tree.feature, tree.left, tree.right
    layout["curve"] = 1
    paths: dict[int, dict[int, tuple[int, float]]] = {0: {}}  # slot: {feature: (edge, share)}
    above_share: list[float] = []
    distinct = 0
    for i, (feature, right) in enumerate(zip(tree.feature, right_share, strict=True)):
        above, share = paths[i].get(feature, (0, 1.0))
        if above:
            layout[i]["above"], layout[i]["curve"] = above, 3 + 2 * len(above_share)
            above_share.append(share)
        for child, part in (tree.left[i], 1 - right), (tree.right[i], right):
            paths[child] = paths[i] | {feature: (child, share * part)}
        distinct = max(distinct, len(paths[tree.left[i]]))
    return layout, np.array(above_share), distinct


@cache
def _quadrature(distinct: int) -> list[tuple[Matrix, Matrix]]:
    """Gauss-Legendre points and weights on [0, 1], by eights; the integrand's degree is one less
    than the number of distinct features, none in a constant tree."""
    order = WIDTH * -(-distinct // (2 * WIDTH))
    if not order:
        return []
    points, weights = np.polynomial.legendre.leggauss(order)
    halves = (points + 1).reshape(-1, WIDTH) / 2, weights.reshape(-1, WIDTH) / 2
    return list(zip(*halves, strict=True))


def _curves(t: Matrix, weights: Matrix, above_share: Matrix) -> Matrix:
    """Rows of eight: P at the root; then, per kind of split, the weight of the branch not taken
    and the factor of φ, both per unit of that branch's share. First a feature seen once; then one
    that `z` of the rows passed above, whose weight t + z(1 - t) is divided out of the path.
    """
    once = np.array([weights, 1 - t, np.ones(WIDTH)])
    z = above_share[:, None]
    passed = t + z * (1 - t)
    again = np.stack([z * (1 - t) / passed, z / passed**2], axis=1)
    return np.concatenate([once, again.reshape(-1, WIDTH)])


@njit(cache=True, nogil=True)
def _walk(X, passes, splits, leaves, curves, out):  # type: ignore[no-untyped-def]
    n_features = X.shape[1]
    most = np.uint64(1)
    for k in range(len(passes)):
        most = max(most, passes[k].splits)
    values = np.empty((READINGS, n_features))
    right, curve = np.empty(most), np.empty(most, np.uint64)
    on_path = np.ones(2 * most + 1, np.uint64)
    P, B = np.empty((2 * most + 1, WIDTH)), np.empty((2 * most + 1, WIDTH))
    effects = np.empty((n_features, WIDTH))
    for row in range(len(X)):
        read(X[row], values)
        effects[:] = 0.0
        for k in range(len(passes)):
            tree = passes[k]
            own = splits[tree.split : tree.split + tree.splits]
            store(P, 0, load(curves, tree.weights))
            _walk_down(own, values.ravel(), curves, right, on_path, curve, P)
            for leaf in range(tree.splits + np.uint64(1)):
                store(B, tree.splits + leaf, spread(leaves[tree.leaf + leaf]))
            _walk_up(own, curves, right, curve, P, B, effects)
        for j in range(n_features):
            out[row, j] += effects[j].sum()


@njit(cache=True, nogil=True)
def _walk_down(splits, values, curves, right, on_path, curve, P):  # type: ignore[no-untyped-def]
    for i in range(len(splits)):
        split = splits[i]
        goes_right = not values[split.reading] <= split.threshold
        on = on_path[split.above]
        on_path[split.right] = on & goes_right
        on_path[split.left] = on & (not goes_right)
        curve[i] = on * split.curve  # row 0 once the row has left the path on this feature
        right[i] = goes_right
        weight = spread(right[i]) + spread(split.right_share - right[i]) * load(curves, curve[i])
        here = load(P, i)
        store(P, split.right, here * weight)
        store(P, split.left, here - here * weight)


@njit(cache=True, nogil=True)
def _walk_up(splits, curves, right, curve, P, B, effects):  # type: ignore[no-untyped-def]
    for k in range(len(splits)):
        i = len(splits) - 1 - k
        split = splits[i]
        left = load(B, split.left)
        share = spread(split.right_share - right[i])
        step = load(B, split.right) - left
        store(B, i, left + step * (spread(right[i]) + share * load(curves, curve[i])))
        effect = load(P, i) * load(curves, curve[i] + np.uint64(1)) * (share * step)
        store(effects, split.feature, load(effects, split.feature) - effect)
