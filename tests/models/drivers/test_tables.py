import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.drivers import tables
from models.drivers.booster_text import Tree
from models.drivers.tables import Tables, small_and_large
from models.drivers.walk import Walk


def draw_tree(draw, leaves, features):
    """Any tree at all: its splits may contradict each other, its leaves may be empty."""
    splits = leaves - 1
    child = np.zeros((splits, 2), np.int64)
    free = [(0, 0), (0, 1)] if splits else []
    for i in range(1, splits):
        child[free.pop(draw.integers(len(free)))] = i
        free += [(i, 0), (i, 1)]
    for leaf, slot in enumerate(free):
        child[slot] = splits + leaf
    return Tree(
        feature=draw.integers(features, size=splits),
        threshold=draw.choice([-1.0, 0.0, 0.5, np.inf], splits),
        missing=draw.integers(3, size=splits),
        missing_right=draw.random(splits) < 0.5,
        left=child[:, 0],
        right=child[:, 1],
        value=draw.normal(size=leaves),
        cover=draw.integers(4, size=leaves).astype(float),
    )


def effects_of(way, rows):
    out = np.zeros_like(rows)
    way.add(rows, out)
    return out


@settings(max_examples=100)
@given(
    seed=st.integers(0, 10**6),
    leaves=st.lists(st.integers(1, 10), max_size=5),
    features=st.integers(1, 12),
)
def test_a_table_says_what_the_walk_does(seed, leaves, features):
    draw = np.random.default_rng(seed)
    trees = [draw_tree(draw, n, features) for n in leaves]
    rows = draw.choice([-1.0, -0.0, 0.2, 0.5, 3.0, np.nan, np.inf], (50, features))
    looked_up = effects_of(Tables.of(trees, features), rows)
    walked = effects_of(Walk.of(trees, features), rows)
    np.testing.assert_allclose(looked_up, walked, rtol=0, atol=1e-12)


def test_a_tree_of_its_own_comes_out_of_its_table_to_the_bit():
    draw = np.random.default_rng(0)
    tree = draw_tree(draw, 8, 3)
    rows = draw.choice([-1.0, 0.0, 0.5, np.nan], (200, 3))
    looked_up, walked = (effects_of(way.of([tree], 3), rows) for way in (Tables, Walk))
    assert looked_up.any()
    assert looked_up.tobytes() == walked.tobytes()


def test_the_smallest_trees_are_looked_up_while_their_tables_fit(monkeypatch):
    draw = np.random.default_rng(0)
    trees = [draw_tree(draw, leaves, 5) for leaves in (300, 4, 1, 5, 2, 4)]
    room = 8 * (1 * 2 + 2 * 3 * 8)  # of the stump and the two trees of three splits
    monkeypatch.setattr(tables, "MOST_BYTES", room)
    small, large = small_and_large(trees)
    assert [len(tree.value) for tree in small] == [1, 2, 4, 4]
    assert [len(tree.value) for tree in large] == [5, 300]
    assert Tables.of(small, 5).effects.nbytes <= room
