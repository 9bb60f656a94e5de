"""Payments against invoices, checked against a cent-by-cent till."""

from collections import Counter, deque
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.ledgers.settlement import Items, allocate, settle

ITEM = st.tuples(st.integers(-1, 2), st.integers(0, 5), st.integers(-3, 6))


def items(rows: list[tuple[int, int, int]]) -> Items:
    group, day, cents = np.array(rows, np.int64).reshape(-1, 3).T
    return Items(group, day.astype(np.int32), cents)


def till(claims: list[tuple[int, int, int]], payments: list[tuple[int, int, int]]) -> Counter[Any]:
    """Every cent of every payment goes to the first claim of its group that is still open."""
    paid: Counter[Any] = Counter()
    for group in range(3):
        owed = deque(
            index
            for index, _ in sorted(enumerate(claims), key=lambda item: item[1][1])
            for _ in range(claims[index][2])
            if claims[index][0] == group
        )
        for index, (of, _, cents) in sorted(enumerate(payments), key=lambda item: item[1][1]):
            for _ in range(cents if of == group else 0):
                if owed:
                    paid[owed.popleft(), index] += 1
    return paid


@given(st.lists(ITEM, max_size=12), st.lists(ITEM, max_size=12))
def test_money_goes_to_the_first_claim_that_is_open(
    claims: list[tuple[int, int, int]], payments: list[tuple[int, int, int]]
) -> None:
    found = allocate(items(claims), items(payments))
    pairs = zip(found.claim.tolist(), found.payment.tolist(), strict=True)
    assert dict(zip(pairs, found.cents.tolist(), strict=True)) == till(claims, payments)


def day(number: int) -> date:
    return date(2024, 1, number)


def ledger(*rows: dict[str, Any]) -> pa.Table:
    blank = {
        "buyer_id": "B",
        "issued_on": day(1),
        "due_on": day(10),
        "paid_on": None,
        "match": None,
    }
    fields = {"invoice_id": pa.string(), "number": pa.string(), "buyer_id": pa.string()}
    fields |= {name: pa.date32() for name in ("issued_on", "due_on", "paid_on")}
    fields |= {"amount": pa.float64(), "match": pa.string()}
    filled = [blank | {"invoice_id": row["number"]} | row for row in rows]
    return pa.Table.from_pylist(filled, pa.schema(fields.items()))


def payments(*rows: dict[str, Any]) -> pa.Table:
    blank = {"buyer_id": "B", "reference": None, "match": None}
    fields = {"buyer_id": pa.string(), "paid_on": pa.date32(), "amount": pa.float64()}
    fields |= {"reference": pa.string(), "match": pa.string()}
    return pa.Table.from_pylist([blank | row for row in rows], pa.schema(fields.items()))


def test_a_group_is_paid_first_due_first() -> None:
    book = ledger(
        {"number": "F2", "amount": 50.0, "due_on": day(20), "match": "A"},
        {"number": "F1", "amount": 100.0, "match": "A"},
        {"number": "F3", "amount": 100.0, "match": "A", "buyer_id": "C"},
    )
    done = settle(
        book,
        payments(
            {"paid_on": day(12), "amount": 60.0, "match": "A"},
            {"paid_on": day(25), "amount": 70.0, "match": "A"},
        ),
    )
    assert done.invoices["paid_on"].to_pylist() == [None, day(25), None]
    assert done.parts.sort_by("paid_on").to_pydict() == {
        "invoice_id": ["F1", "F1", "F2"],
        "buyer_id": ["B"] * 3,
        "paid_on": [day(12), day(25), day(25)],
        "amount": [60.0, 40.0, 30.0],
    }
    assert not done.unused.any()
    assert not done.surplus.any()


def test_a_payment_at_once_is_only_a_date() -> None:
    done = settle(
        ledger({"number": "F1", "amount": 100.0, "match": "A"}),
        payments({"paid_on": day(9), "amount": 100.0, "match": "A"}),
    )
    assert done.invoices["paid_on"].to_pylist() == [day(9)]
    assert done.invoices["filled paid_on"].to_pylist() == [True]
    assert not len(done.parts)


def test_a_reference_goes_before_the_group() -> None:
    book = ledger(
        {"number": "F1", "amount": 100.0, "match": "A"},
        {"number": "F2", "amount": 100.0, "match": "A", "due_on": day(20)},
    )
    done = settle(
        book, payments({"paid_on": day(9), "amount": 100.0, "match": "A", "reference": "F2"})
    )
    assert done.invoices["paid_on"].to_pylist() == [None, day(9)]


def test_a_credit_note_of_the_group_pays_and_is_used_up() -> None:
    book = ledger(
        {"number": "F1", "amount": 100.0, "match": "A"},
        {"number": "C1", "amount": -30.0, "match": "A", "issued_on": day(5), "due_on": day(5)},
        {"number": "C2", "amount": -30.0},
    )
    done = settle(book, payments({"paid_on": day(9), "amount": 70.0, "match": "A"}))
    assert done.invoices["paid_on"].to_pylist() == [day(9), day(5), None]
    assert done.parts["amount"].to_pylist() == [30.0, 70.0]


def test_what_pays_nothing_and_what_pays_too_much() -> None:
    done = settle(
        ledger({"number": "F1", "amount": 100.0, "match": "A"}),
        payments(
            {"paid_on": day(9), "amount": 130.0, "match": "A"},
            {"paid_on": day(10), "amount": 10.0, "match": "A"},
            {"paid_on": day(9), "amount": 5.0, "match": "Z"},
            {"paid_on": day(9), "amount": 5.0},
        ),
    )
    assert done.unused.tolist() == [False, True, True, True]
    assert done.surplus.tolist() == [True, False, False, False]


def test_the_ledgers_own_date_stays() -> None:
    done = settle(
        ledger({"number": "F1", "amount": 100.0, "match": "A", "paid_on": day(8)}),
        payments({"paid_on": day(9), "amount": 100.0, "match": "A"}),
    )
    assert done.invoices["paid_on"].to_pylist() == [day(8)]
    assert not done.unused.any()


def test_empty_ledgers() -> None:
    done = settle(ledger(), payments({"paid_on": day(9), "amount": 1.0, "match": "A"}))
    assert done.unused.tolist() == [True]
    assert not len(settle(ledger({"number": "F", "amount": 1.0}), payments()).parts)
