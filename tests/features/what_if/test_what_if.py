import numpy as np
import pyarrow as pa
import pytest

from features.build import feature_matrix
from features.facts import Facts, Keys
from features.tables import TABLES, read_tables
from features.what_if.what_if import alone, raw, with_columns, with_table

AS_OF = np.datetime64("2025-06-30", "D").astype(np.int32)


@pytest.fixture(scope="module")
def facts(tables) -> Facts:
    return Facts.of(read_tables(tables))


def everyone(facts: Facts) -> np.ndarray:
    buyers = len(facts.buyers)
    return feature_matrix(facts, Keys(np.arange(buyers), np.full(buyers, AS_OF)))


def test_raw_tables_put_back_give_the_same_features(facts: Facts) -> None:
    same = facts
    for name in TABLES:
        if len(facts[name]):
            same = with_table(same, name, raw(same, name))
    np.testing.assert_array_equal(everyone(same), everyone(facts))


def test_a_buyer_alone_has_the_features_it_has_among_all(facts: Facts) -> None:
    matrix = everyone(facts)
    for buyer in range(0, len(facts.buyers), 13):
        one = alone(facts, buyer)
        assert one.buyer_ids == [facts.buyer_ids[buyer]]
        np.testing.assert_array_equal(everyone(one)[0], matrix[buyer])


def test_another_column_moves_nothing_else(facts: Facts) -> None:
    amounts = pa.array(2 * facts["invoices"]["amount"])
    doubled = with_columns(facts, "invoices", amount=amounts)
    np.testing.assert_array_equal(doubled["invoices"]["amount"], amounts)
    for name in set(TABLES["invoices"].schema.names) - {"amount"}:
        assert doubled["invoices"].arrow[name].equals(facts["invoices"].arrow[name])
    assert doubled["statements"] is facts["statements"]


def test_a_row_of_an_unknown_buyer_is_refused(facts: Facts) -> None:
    table = raw(facts, "incidents")
    stranger = pa.array(["nobody"] * len(table))
    with pytest.raises(ValueError, match="'nobody' is not in table 'buyers'"):
        with_table(facts, "incidents", table.set_column(0, "buyer_id", stranger))
