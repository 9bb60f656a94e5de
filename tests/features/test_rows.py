from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import typeof

from features import rows as module
from features.rows import NEVER, Rows, sorted_unique

BUYERS = pa.array(["A", "B", "C"])


def invoices(**columns: list) -> pa.Table:
    count = len(next(iter(columns.values())))
    filled = {
        "invoice_id": [f"I{row}" for row in range(count)],
        "buyer_id": ["A"] * count,
        "issued_on": [date(2024, 1, 1)] * count,
        "due_on": [date(2024, 1, 31)] * count,
        "amount": [1.0] * count,
    }
    return pa.table(filled | columns)


@pytest.fixture
def threads(monkeypatch):
    """Strings are encoded in slices from the second row on."""
    monkeypatch.setattr(module, "WORTH_A_THREAD", 1)


@given(st.lists(st.sampled_from("ABC")))
def test_rows_of_a_buyer_stand_together_in_their_first_order(buyers):
    frame = invoices(
        buyer_id=pa.array(buyers, pa.string()), amount=np.arange(len(buyers), dtype=float)
    )
    rows = Rows.of("invoices", frame, BUYERS)
    for code, buyer in enumerate("ABC"):
        mine = rows["amount"][rows.start[code] : rows.start[code + 1]]
        assert mine.tolist() == [float(n) for n, b in enumerate(buyers) if b == buyer]


LABELS = st.lists(st.sampled_from(["EUR", "USD", "EURO", "", None]), min_size=1, max_size=20)


@settings(suppress_health_check=["function_scoped_fixture"])
@given(LABELS, st.sampled_from(["currency", "supplier_id"]))
def test_codes_say_what_the_strings_said(threads, labels, column):
    rows = Rows.of("invoices", invoices(**{column: pa.array(labels, pa.string())}), BUYERS)
    names = [*rows.labels[column].tolist(), None]
    assert [names[code] for code in rows[column]] == labels
    assert sorted(names[:-1]) == sorted(set(labels) - {None})


@settings(suppress_health_check=["function_scoped_fixture"])
@given(LABELS)
def test_all_are_passes_over_nulls(threads, labels):
    rows = Rows.of("invoices", invoices(currency=pa.array(labels, pa.string())), BUYERS)
    assert rows.all_are("currency", "EUR") == (set(labels) <= {"EUR", None})


def test_dates_are_days_and_null_is_never():
    frame = invoices(paid_on=pa.array([date(1970, 1, 3), None], pa.date32()))
    assert Rows.of("invoices", frame, BUYERS)["paid_on"].tolist() == [2, NEVER]


def test_amounts_and_dates_are_not_copied():
    frame = invoices(amount=pa.array([1.0, 2.0]))
    rows = Rows.of("invoices", frame, BUYERS)
    address = frame["amount"].chunk(0).buffers()[1].address
    assert rows["amount"].ctypes.data == address
    assert not rows["amount"].flags.writeable


def test_chunks_are_one_column():
    frame = pa.concat_tables([invoices(amount=[1.0]), invoices(amount=[2.0])])
    assert Rows.of("invoices", frame, BUYERS)["amount"].tolist() == [1.0, 2.0]


def test_flags_are_numbers_and_null_is_missing():
    frame = pa.table(
        {
            "buyer_id": ["A", "A", "A"],
            "event_date": [date(2024, 1, 1)] * 3,
            "kind": ["claim"] * 3,
            "disputed": [True, False, None],
        }
    )
    np.testing.assert_array_equal(
        Rows.of("incidents", frame, BUYERS)["disputed"], [1.0, 0.0, np.nan]
    )


def test_a_fact_is_known_from_its_date_and_never_before_it_happened():
    frame = pa.table(
        {
            "buyer_id": ["A"] * 3,
            "event_date": [date(2024, 1, 10)] * 3,
            "known_on": [date(2024, 1, 20), date(2024, 1, 1), None],
            "kind": ["claim"] * 3,
        }
    )
    known = Rows.of("incidents", frame, BUYERS).known.astype("datetime64[D]")
    assert known.astype(str).tolist() == ["2024-01-20", "2024-01-10", "2024-01-10"]


def test_accounts_without_a_publication_date_are_known_after_the_lag():
    frame = pa.table({"buyer_id": ["A"], "closing_date": [date(2023, 12, 31)]})
    known = Rows.of("statements", frame, BUYERS).known.astype("datetime64[D]")
    assert str(known[0]) == "2024-09-30"


def test_shared_tables_are_grouped_by_their_key():
    frame = pa.table(
        {
            "currency": ["USD", "GBP", "USD"],
            "quoted_on": [date(2024, 1, 1)] * 3,
            "rate": [1.0, 2.0, 3.0],
        }
    )
    rows = Rows.of("fx", frame, BUYERS)
    assert (rows.start.tolist(), rows["rate"].tolist()) == ([0, 1, 3], [2.0, 1.0, 3.0])


def test_a_stranger_is_named():
    with pytest.raises(ValueError, match=r"'invoices': buyer_id 'Z'"):
        Rows.of("invoices", invoices(buyer_id=["A", "Z"]), BUYERS)


def test_an_absent_table_has_no_rows():
    rows = Rows.none("invoices", 3)
    assert (len(rows), rows.start.tolist(), rows["amount"].tolist()) == (0, [0, 0, 0, 0], [])
    assert rows.code("currency", "EUR") == -1


def test_kernels_meet_one_type_whether_there_are_rows_or_none():
    none, some = Rows.none("invoices", 3), Rows.of("invoices", invoices(amount=[1.0]), BUYERS)
    assert typeof(none.start) == typeof(some.start)
    assert typeof(none.known) == typeof(some.known)
    for column in ("issued_on", "amount", "currency"):
        assert typeof(none[column]) == typeof(some[column])


@given(st.lists(st.sampled_from("ABCDE")))
def test_sorted_unique(values):
    column = pa.chunked_array([pa.array(values, pa.string())])
    assert sorted_unique(column).to_pylist() == sorted(set(values))
