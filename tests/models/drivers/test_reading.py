import numpy as np

from models.drivers.booster_text import Tree
from models.drivers.reading import READINGS, ZERO, read, readings

LOW, NAN = -np.inf, np.nan


def test_a_value_is_read_as_each_kind_of_split_reads_it():
    values = np.empty((READINGS, 4))
    read(np.array([NAN, -ZERO, 2 * ZERO, -7.0]), values)
    expected = [
        [0.0, 0.0, 2 * ZERO, -7.0],  # NaN is zero
        [LOW, LOW, 2 * ZERO, -7.0],  # zero and NaN are missing, and go left
        [NAN, NAN, 2 * ZERO, -7.0],  # or right: no comparison with NaN holds
        [LOW, 0.0, 2 * ZERO, -7.0],  # NaN alone is missing
        [NAN, 0.0, 2 * ZERO, -7.0],
    ]
    np.testing.assert_array_equal(values, expected)


def test_a_split_compares_the_reading_of_its_feature_and_kind():
    none = np.empty(0)
    kinds = [(missing, right) for missing in (0, 1, 2) for right in (False, True)]
    missing, right = (np.array(part) for part in zip(*kinds, strict=True))
    feature = np.array([3, 3, 1, 1, 0, 2])
    tree = Tree(feature, none, missing, right, none, none, none, none)
    rows, columns = np.divmod(readings(tree, 4), 4)
    assert rows.tolist() == [0, 0, 1, 2, 3, 4]
    assert columns.tolist() == feature.tolist()
