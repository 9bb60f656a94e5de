import random
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.payments.part_payments import Parts, left_a_balance
from features.rows import NEVER, Rows

BUYERS = pa.array(["A", "B"])
DAY = date(1970, 1, 1)


def linked(invoices: list[tuple], payments: list[tuple]) -> tuple[Parts, Rows]:
    """Parts of invoices (buyer, number, amount) by payments (buyer, number, day, amount)."""
    buyer, number, amount = zip(*invoices, strict=True)
    issued = [DAY] * len(invoices)
    table = {"invoice_id": number, "buyer_id": buyer, "issued_on": issued, "due_on": issued}
    rows = Rows.of("invoices", pa.table(table | {"amount": amount}), BUYERS)
    buyer, number, days, amount = zip(*payments, strict=True)
    paid_on = [DAY + timedelta(day) for day in days]
    paid = {"invoice_id": number, "buyer_id": buyer, "paid_on": paid_on, "amount": amount}
    return Parts.of(rows, Rows.of("payments", pa.table(paid), BUYERS)), rows


def settled(invoice: float, *parts: tuple[int, float]) -> int:
    linked_parts, rows = linked([("A", "1", invoice)], [("A", "1", *part) for part in parts])
    return int(linked_parts.settled(rows["amount"], rows["paid_on"])[0])


def test_parts_go_to_the_invoice_of_their_own_buyer():
    invoices = [("A", "1", 10.0), ("B", "1", 20.0), ("B", "2", 30.0)]
    parts, _ = linked(invoices, [("B", "1", 5, 7.0), ("A", "2", 5, 9.0), ("B", "9", 5, 9.0)])
    assert (parts.start.tolist(), parts.amount.tolist()) == ([0, 0, 1, 1], [7.0])


@given(st.integers(0, 2**32 - 1))
def test_links_are_what_a_loop_finds(seed):
    rng = random.Random(seed)
    invoices = sorted({(rng.choice("AB"), str(rng.randrange(5)), 1.0) for _ in range(8)})
    payments = [
        (rng.choice("AB"), str(rng.randrange(6)), rng.randrange(9), rng.choice([None, 1.0, 2.0]))
        for _ in range(1 + rng.randrange(12))
    ]
    parts, _ = linked(invoices, payments)
    for row, (buyer, number, _) in enumerate(invoices):
        mine = slice(parts.start[row], parts.start[row + 1])
        assert list(
            zip(parts.day[mine].tolist(), parts.amount[mine].tolist(), strict=True)
        ) == sorted(
            (day, amount)
            for who, which, day, amount in payments
            if (who, which) == (buyer, number) and amount is not None
        )


def test_parts_settle_an_invoice_the_day_they_reach_it():
    assert settled(100.0, (9, 50.0), (3, 40.0), (7, 10.0)) == 9
    assert settled(0.3, (1, 0.1), (2, 0.2)) == 2  # cents, where floats would fall short
    assert settled(100.0, (3, 99.99)) == NEVER


def test_credit_notes_and_unknown_amounts_are_not_settled_by_parts():
    assert settled(-100.0, (3, 50.0)) == NEVER
    assert settled(np.nan, (3, 50.0)) == NEVER


@pytest.mark.parametrize(
    ("as_of", "settled_on", "expected"), [(4, 9, False), (5, 9, True), (9, 5, False)]
)
def test_a_part_leaves_a_balance_from_its_day_unless_it_settles(as_of, settled_on, expected):
    parts, _ = linked([("A", "1", 10.0)], [("A", "1", 5, 7.0)])
    assert left_a_balance(parts, 0, settled_on, as_of) == expected
