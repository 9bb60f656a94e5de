import numpy as np

from models.decision import thin_file
from training.validation.case import Case
from training.validation.groups import groups


def test_every_row_is_in_one_group_of_each_kind(case: Case) -> None:
    found = groups(case.test)
    assert set(found) == {"file", "sector", "size", "country", "age"}
    assert all(len(labels) == len(case.test) for labels in found.values())
    assert {"below 2 M turnover", "unknown"} <= set(found["size"])


def test_a_thin_file_has_hardly_any_history_or_no_accounts() -> None:
    months, age = np.array([12.0, 2.0, np.nan, 12.0]), np.array([9.0, 9.0, 9.0, np.nan])
    assert thin_file(months, age).tolist() == [False, True, True, True]
