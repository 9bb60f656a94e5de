from datetime import date

import pyarrow as pa
import pytest

from features.partitions import count_partitions, partitions
from features.tables import write_tables

DAY = date(2024, 1, 31)


@pytest.fixture
def folder(tmp_path):
    """Seven buyers out of order, one with three invoices, and a shared table."""
    buyers = ["b5", "b1", "b7", "b3", "b2", "b6", "b4"]
    owners = [*buyers, "b3", "b3"]
    write_tables(
        {
            "buyers": pa.table({"buyer_id": buyers, "country": ["FR"] * 7}),
            "invoices": pa.table(
                {
                    "invoice_id": [str(i) for i in range(9)],
                    "buyer_id": owners,
                    "issued_on": [DAY] * 9,
                    "due_on": [DAY] * 9,
                    "amount": [1.0] * 9,
                }
            ),
            "fx": pa.table({"currency": ["USD"], "quoted_on": [DAY], "rate": [0.9]}),
        },
        tmp_path,
    )
    return tmp_path


@pytest.mark.parametrize(("buyers", "expected"), [(1, 7), (3, 3), (7, 1), (100, 1)])
def test_every_row_is_in_exactly_one_partition(folder, buyers, expected):
    parts = list(partitions(folder, buyers))
    assert len(parts) == count_partitions(folder, buyers) == expected
    ids = sorted(i for part in parts for i in part["invoices"]["invoice_id"].to_pylist())
    assert ids == [str(i) for i in range(9)]
    for part in parts:
        mine = set(part["buyers"]["buyer_id"].to_pylist())
        assert set(part["invoices"]["buyer_id"].to_pylist()) <= mine
        assert len(mine) <= buyers


def test_shared_tables_are_whole_in_each(folder):
    assert all(part["fx"].num_rows == 1 for part in partitions(folder, 2))


@pytest.mark.parametrize("stranger", [None, "a", "b35", "z"])
def test_a_row_of_nobody_is_not_lost(folder, stranger):
    invoice = {"invoice_id": "x", "buyer_id": stranger, "issued_on": DAY, "due_on": DAY}
    write_tables({"invoices": pa.Table.from_pylist([invoice | {"amount": 1.0}])}, folder)
    assert sum(part["invoices"].num_rows for part in partitions(folder, 2)) == 1
