from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from models.policy import Policy
from serving.surveillance.churn import churn

SCALE = Policy.load().master_scale


@dataclass
class Rows:
    """A snapshot of five buyers, one of them new."""

    rows: pa.Table

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        return self.rows.select(list(columns))


def snapshot(**more: Any) -> Any:
    rows = {
        "grade": ["5", "6", "4", "9", "1"],
        "previous_grade": ["5", "5", "5", "7", None],
        "limit_in_force": [10.0, 5.0, 20.0, 0.0, 7.0],
        "previous_limit": [10.0, 10.0, 10.0, 10.0, None],
        "grade_move": [0, 1, -1, 2, None],
        "last_move": [1, -1, -1, 0, 0],
    }
    return Rows(pa.table({**rows, **more}))


def test_moves_are_shares_of_the_buyers_in_both_runs() -> None:
    found = churn(SCALE, snapshot())
    assert found["buyers"] == 4
    assert (found["worse"], found["better"]) == (0.5, 0.25)
    assert found["reversed"] == 0.25  # the second: better before, worse now
    assert (found["cut"], found["raised"]) == (0.5, 0.25)
    assert (found["limit_before"], found["limit_after"]) == (40.0, 35.0)
    assert sum(map(sum, found["migration"])) == 4
    assert found["migration"][4][5] == found["migration"][6][8] == 1


def test_a_first_run_has_no_churn() -> None:
    none = pa.nulls(5, pa.string())
    assert churn(SCALE, snapshot(previous_grade=none)) == {"buyers": 0}


def test_a_real_run(watched) -> None:
    found = watched.second.summary["churn"]
    assert found["buyers"] == watched.second.summary["buyers"]
    assert found["worse"] + found["better"] == pytest.approx(
        1 - sum(row[i] for i, row in enumerate(found["migration"])) / found["buyers"]
    )
