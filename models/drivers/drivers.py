"""Drivers: exact, path-dependent SHAP values of a LightGBM booster, without lightgbm.

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

from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from features.parallel import over_slices
from models.drivers.booster_text import Tree, read_booster
from models.drivers.lanes import WIDTH, load, spread, store

Matrix = NDArray[np.float64]

ZERO = float(np.float32(1e-35))  # LightGBM reads what is no further from zero as zero
ROWS_TO_SHARE = 64  # fewer are not worth starting threads

# left, right: child slots (see `Tree`). reading: which of `_read`'s values is compared. above: slot
# of the nearest edge above that splits on the same feature, 0 if none. curve: row of `curves`.
SPLIT = np.dtype(
    [("threshold", "f8"), ("right_share", "f8")]
    + [(name, "u4") for name in ("reading", "feature", "left", "right", "above", "curve")]
)
# One tree at eight points: its first split, first leaf, number of splits, row of P at the root.
PASS = np.dtype([(name, "u8") for name in ("split", "leaf", "splits", "weights")])


@dataclass(frozen=True, eq=False)
class Trees:
    """A booster laid out for the kernel: its raw score is `expected_value` + contributions."""

    feature_names: tuple[str, ...]
    expected_value: float
    passes: NDArray
    splits: NDArray
    leaves: Matrix
    curves: Matrix

    @classmethod
    def from_text(cls, text: str) -> "Trees":
        """Read `booster.txt`; ValueError where it is damaged or not covered (`read_booster`)."""
        return _lay_out(*read_booster(text))

    def contributions(self, X: ArrayLike) -> Matrix:
        """φ in log-odds for rows `X` (n, features), in that shape; NaN is missing.

        A row's bits depend neither on the rows beside it nor on the number of threads.
        """
        rows = np.array(X, np.float64, order="C")  # a copy, so that one compiled kernel serves all
        if rows.ndim != 2 or rows.shape[1] != len(self.feature_names):
            raise ValueError(f"X must be (n, {len(self.feature_names)}), got {rows.shape}")
        out = np.empty_like(rows)
        over_slices(lambda part: self._contribute(rows[part], out[part]), len(rows), ROWS_TO_SHARE)
        return out

    def _contribute(self, rows: Matrix, out: Matrix) -> None:
        _contribute(rows, self.passes, self.splits, self.leaves, self.curves, out)


def _lay_out(names: tuple[str, ...], trees: list[Tree]) -> Trees:
    expected_value = 0.0
    failed = np.array([np.ones(WIDTH), np.zeros(WIDTH)])  # rows 0, 1: the row left this path above
    curves, splits, leaves = [failed], [np.empty(0, SPLIT)], [np.empty(0)]
    passes, n_splits, n_leaves, n_curves = [], 0, 0, len(failed)
    for tree in trees:
        right_share, mean = _shares(tree)
        expected_value += mean
        layout, above_share, distinct = _paths(tree, right_share, len(names))
        for points, weights in _quadrature(distinct):
            split = layout.copy()
            split["curve"] += n_curves
            splits.append(split)
            leaves.append(tree.value)
            passes.append((n_splits, n_leaves, len(split), n_curves))
            curves.append(_curves(points, weights, above_share))
            n_splits, n_leaves = n_splits + len(split), n_leaves + len(tree.value)
            n_curves += len(curves[-1])
    return Trees(
        names,
        expected_value,
        np.array(passes, PASS),
        np.concatenate(splits),
        np.concatenate(leaves),
        np.concatenate(curves),
    )


def _shares(tree: Tree) -> tuple[Matrix, float]:
    """The share of training rows that goes right at each split, and the tree's expected value.

    A split that no training row reached (possible after refitting) shares evenly.
    """
    splits = len(tree.feature)
    share = np.empty(splits)
    cover = np.append(np.zeros(splits), tree.cover)
    mean = np.append(np.zeros(splits), tree.value)
    for i in reversed(range(splits)):
        left, right = tree.left[i], tree.right[i]
        cover[i] = cover[left] + cover[right]
        share[i] = cover[right] / cover[i] if cover[i] else 0.5
        mean[i] = mean[left] + share[i] * (mean[right] - mean[left])
    return share, float(mean[0])


def _paths(tree: Tree, right_share: Matrix, n_features: int) -> tuple[NDArray, Matrix, int]:
    """Splits with `curve` counted from the tree's first; for each split that comes back to a
    feature, the share of rows that its edges above let through; most distinct features on a path.
    """
    layout = np.zeros(len(right_share), SPLIT)
    variant = np.where(tree.missing == 0, 0, 2 * tree.missing - 1 + tree.missing_right)
    layout["reading"] = variant * n_features + tree.feature
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
def _contribute(X, passes, splits, leaves, curves, out):  # type: ignore[no-untyped-def]
    n_features = X.shape[1]
    most = np.uint64(1)
    for k in range(len(passes)):
        most = max(most, passes[k].splits)
    values = np.empty((5, n_features))
    right, curve = np.empty(most), np.empty(most, np.uint64)
    on_path = np.ones(2 * most + 1, np.uint64)
    P, B = np.empty((2 * most + 1, WIDTH)), np.empty((2 * most + 1, WIDTH))
    effects = np.empty((n_features, WIDTH))
    for row in range(len(X)):
        _read(X[row], values)
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
            out[row, j] = effects[j].sum()


@njit(cache=True, nogil=True)
def _read(row, values):  # type: ignore[no-untyped-def]
    """The row as each kind of split reads it, so that `value <= threshold` goes left: NaN as zero;
    zero and NaN missing, to the left or to the right; NaN missing, to the left or to the right."""
    for j in range(len(row)):
        x = 0.0 if abs(row[j]) <= ZERO else row[j]
        nan = np.isnan(x)
        values[0, j] = 0.0 if nan else x
        values[1, j] = -np.inf if nan or x == 0.0 else x
        values[2, j] = np.nan if x == 0.0 else x
        values[3, j] = -np.inf if nan else x
        values[4, j] = x


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
