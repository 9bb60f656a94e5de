"""LightGBM's text format (`booster.txt`), read without lightgbm and refused where it is not whole.

Only what exact drivers cover: numerical splits, constant leaves, one output, boosted sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

REMEDY = "train with numerical features, linear_tree=false, one output and boosting=gbdt"


@dataclass(frozen=True)
class Tree:
    """One tree. Slots 0..m-1 are its m splits, a parent before its children, m..2m its leaves.

    `missing` of a split is 0 (NaN is read as zero), 1 (zero and NaN are missing) or 2 (NaN is);
    a missing value goes right where `missing_right`, others go left if value <= threshold.
    `cover` counts the training rows in each leaf.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    missing: NDArray[np.int64]
    missing_right: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: NDArray[np.float64]
    cover: NDArray[np.float64]


def read_booster(text: str) -> tuple[tuple[str, ...], list[Tree]]:
    """Feature names and trees of a booster saved by `Booster.model_to_string`.

    Raises ValueError on a text that is cut short or altered, and on what drivers do not cover:
    categorical splits, linear trees, several outputs, averaged (random forest) trees.
    """
    body, end, _ = text.partition("\nend of trees")
    header, *blocks = body.split("\nTree=")
    head = _fields(header)
    if not end or len(blocks) != len(head.get("tree_sizes", "").split()):
        raise ValueError("booster text is cut short or is not a LightGBM model; save it again")
    if head.get("num_tree_per_iteration") != "1" or "average_output" in header.splitlines():
        raise ValueError(f"booster has several outputs or averages its trees; {REMEDY}")
    names = tuple(head.get("feature_names", "").split())
    trees = []
    for number, block in enumerate(blocks):
        try:
            trees.append(_read_tree(_fields(block), len(names)))
        except (KeyError, ValueError) as error:
            raise ValueError(f"booster text, tree {number}: {error}") from error
    return names, trees


def shares(tree: Tree) -> tuple[Matrix, float]:
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


def _fields(block: str) -> Mapping[str, str]:
    pairs = (line.partition("=") for line in block.splitlines())
    return {key: value for key, _, value in pairs}


def _read_tree(fields: Mapping[str, str], n_features: int) -> Tree:
    if fields["num_cat"] != "0" or fields.get("is_linear", "0") != "0":
        raise ValueError(f"categorical split or linear leaves; {REMEDY}")
    leaves = int(fields["num_leaves"])

    def numbers(key: str, length: int) -> NDArray[np.float64]:
        values = np.array(fields[key].split() if length else [], dtype=float)
        if len(values) != length or np.isnan(values).any():
            raise ValueError(f"{key} must hold {length} numbers")
        return values

    def codes(key: str) -> NDArray[np.int64]:
        return numbers(key, leaves - 1).astype(np.int64)

    decision = codes("decision_type")
    tree = Tree(
        feature=codes("split_feature"),
        threshold=numbers("threshold", leaves - 1),
        missing=decision >> 2 & 3,
        missing_right=decision & 2 == 0,
        left=_slots(codes("left_child")),
        right=_slots(codes("right_child")),
        value=numbers("leaf_value", leaves),
        cover=numbers("leaf_count", leaves) if leaves > 1 else np.ones(1),
    )
    _check(tree, n_features)
    return tree


def _slots(child: NDArray[np.int64]) -> NDArray[np.int64]:
    """LightGBM writes leaf k as ~k."""
    return np.where(child < 0, len(child) + ~child, child)


def _check(tree: Tree, n_features: int) -> None:
    """What the kernel relies on without looking: it indexes memory by these numbers."""
    splits = np.arange(len(tree.feature))
    children = np.sort(np.concatenate([tree.left, tree.right]))
    if not np.array_equal(children, np.arange(1, 2 * len(splits) + 1)):
        raise ValueError("left_child and right_child do not form a tree")
    if (np.minimum(tree.left, tree.right) <= splits).any():
        raise ValueError("left_child or right_child stands before its parent")
    if ((tree.feature < 0) | (tree.feature >= n_features)).any():
        raise ValueError(f"split_feature is outside the {n_features} feature_names")
    if (tree.missing == 3).any():
        raise ValueError("decision_type has an unknown missing type")
    if not np.isfinite(tree.value).all() or (tree.cover < 0).any():
        raise ValueError("leaf_value must be finite and leaf_count not negative")
