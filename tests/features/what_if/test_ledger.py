"""One buyer's bills on 30 June 2024, written by hand; days are counted from that day."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.build import feature_matrix
from features.catalog import NAMES
from features.facts import NEVER, Facts, Keys
from features.tables import TABLES
from features.what_if.ledger import cure, overdue_rows, settle_overdue, shift_payments

TODAY = date(2024, 6, 30)
AS_OF = (TODAY - date(1970, 1, 1)).days


def day(offset: int | None) -> date | None:
    return None if offset is None else TODAY + timedelta(offset)


def ledger(*bills: tuple[int, int | None], parts: tuple[tuple[int, int], ...] = ()) -> Facts:
    """`bills` are (due, paid), `parts` (number of the bill, paid)."""
    rows = {
        "buyers": [{"buyer_id": "B", "country": "FR"}],
        "invoices": [
            {
                "invoice_id": str(number),
                "buyer_id": "B",
                "issued_on": day(due - 30),
                "due_on": day(due),
                "paid_on": day(paid),
                "amount": 100.0,
            }
            for number, (due, paid) in enumerate(bills)
        ],
        "payments": [
            {"invoice_id": str(number), "buyer_id": "B", "paid_on": day(paid), "amount": 40.0}
            for number, paid in parts
        ],
        "incidents": [{"buyer_id": "B", "event_date": day(-50), "known_on": day(-50)}],
    }
    rows["incidents"][0]["kind"] = "claim"
    return Facts.of(
        {name: pa.Table.from_pylist(given, TABLES[name].schema) for name, given in rows.items()}
    )


def features(facts: Facts) -> dict[str, float]:
    matrix = feature_matrix(facts, Keys(np.array([0]), np.array([AS_OF], np.int32)))
    return dict(zip(NAMES, matrix[0].tolist(), strict=True))


def paid(facts: Facts, table: str = "invoices") -> list[int | None]:
    days = facts[table]["paid_on"]
    return [None if d == NEVER else int(d) - AS_OF for d in days]


def test_late_payments_come_sooner_but_never_before_they_are_due() -> None:
    facts = ledger((-100, -80), (-90, -85), (-60, -70))
    assert paid(shift_payments(facts, AS_OF, -10)) == [-90, -90, -70]
    assert features(facts)["dbt_12m"] == pytest.approx(25 / 3)
    assert features(shift_payments(facts, AS_OF, -10))["dbt_12m"] == pytest.approx(10 / 3)


def test_what_was_not_paid_by_the_day_or_was_due_long_ago_stays() -> None:
    facts = ledger((-400, -300), (-20, None), (-20, 10))
    assert paid(shift_payments(facts, AS_OF, -15)) == paid(facts)


def test_payments_put_off_beyond_the_day_leave_the_bill_open() -> None:
    facts = ledger((-100, -80), (-40, -5))
    later = shift_payments(facts, AS_OF, 20)
    assert paid(later) == [-60, 15]
    assert features(facts)["overdue_amount"] == 0
    assert features(later)["overdue_amount"] == 100
    assert features(later)["dbt_12m"] == pytest.approx((40 + 40) / 2)


def test_part_payments_move_with_their_invoice() -> None:
    facts = ledger((-100, -80), (-50, None), parts=((0, -95), (1, -20), (1, 5)))
    assert paid(shift_payments(facts, AS_OF, -10), "payments") == [-100, -30, 5]
    assert paid(shift_payments(facts, AS_OF, 7), "payments") == [-88, -13, 5]


@given(
    bills=st.lists(
        st.tuples(st.integers(-380, 20), st.none() | st.integers(-380, 60)), min_size=1, max_size=8
    ),
    days=st.integers(0, 90),
)
def test_days_gained_never_worsen_payment_and_days_lost_never_better_it(bills, days) -> None:
    facts = ledger(*((due, None if late is None else max(late, due - 30)) for due, late in bills))
    sooner, now, later = (
        features(shift_payments(facts, AS_OF, by))["dbt_12m"] for by in (-days, 0, days)
    )
    if not np.isnan(now):
        assert sooner <= now + 1e-12
        assert later >= now - 1e-12


def test_no_day_is_no_change() -> None:
    facts = ledger((-100, -80))
    assert shift_payments(facts, AS_OF, 0) is facts


def test_the_bills_due_first_are_settled_first() -> None:
    facts = ledger((-10, None), (-40, 3), (-70, -60), (5, None), parts=((1, -30),))
    assert overdue_rows(facts, AS_OF).tolist() == [1, 0]
    assert features(facts)["overdue_amount"] == 60 + 100
    assert features(settle_overdue(facts, AS_OF, 1))["overdue_amount"] == 100
    settled = features(settle_overdue(facts, AS_OF, 2))
    assert settled["overdue_amount"] == 0
    assert settled["dbt_12m"] == features(facts)["dbt_12m"]  # paid today: as late as it was


def test_a_cure_ends_the_default() -> None:
    facts = ledger((-100, -80))
    assert features(facts)["in_default"] == 1
    cured = features(cure(facts, AS_OF))
    assert cured["in_default"] == cured["uncured_incidents"] == 0
    assert cured["claim_12m"] == 1  # what happened stays
