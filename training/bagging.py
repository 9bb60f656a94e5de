"""Bagging: several boosters of one kind as a single one, their mean.

The mean of B boosters is a booster: all their trees, each leaf a B-th of itself. So it is saved,
served and explained like any other, and drivers stay exact.
"""

import re
from collections.abc import Sequence

import lightgbm as lgb

_SIZES = re.compile(r"^tree_sizes=.*\n", re.MULTILINE)
_TREE = re.compile(r"^Tree=\d+\n", re.MULTILINE)
_SCALED = re.compile(r"^(leaf_value|internal_value|shrinkage)=(.*)$", re.MULTILINE)
_END = "end of trees\n"


def mean_booster(boosters: Sequence[lgb.Booster]) -> lgb.Booster:
    """The booster whose raw score is the mean of those of `boosters`, trained alike."""
    if len(boosters) == 1:
        return boosters[0]
    texts = [booster.model_to_string() for booster in boosters]
    head, *_ = _TREE.split(
        _SIZES.sub("", texts[0]), maxsplit=1
    )  # without sizes, trees are looked for
    _, tail = texts[0].split(_END, maxsplit=1)
    trees = [tree for text in texts for tree in _TREE.split(text.split(_END)[0])[1:]]
    scaled = (_scale(tree, len(boosters)) for tree in trees)
    body = "".join(f"Tree={number}\n{tree}" for number, tree in enumerate(scaled))
    merged = lgb.Booster(model_str=f"{head}{body}{_END}{tail}")
    return lgb.Booster(model_str=merged.model_to_string())  # with sizes again, as any other text


def _scale(tree: str, parts: int) -> str:
    def divided(line: re.Match) -> str:
        values = (repr(float(value) / parts) for value in line[2].split())
        return f"{line[1]}={' '.join(values)}"

    return _SCALED.sub(divided, tree)
