import numpy as np
import pyarrow as pa
import pytest

from features.facts import Facts
from features.payments.part_payments import Parts
from features.payments.receivables import open_cents

NO_PARTS = Parts(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0))
PARTS = Parts(np.array([0, 2]), np.array([10, 20], np.int32), np.array([30.0, 50.0]))


@pytest.mark.parametrize(("as_of", "left"), [(9, 10_000), (10, 7_000), (25, 2_000)])
def test_part_payments_reduce_what_is_open_as_they_become_known(as_of, left):
    assert open_cents(PARTS, 0, as_of, 10_000, 1.0) == left


def test_parts_are_in_the_currency_of_the_invoice():
    assert open_cents(PARTS, 0, 10, 20_000, 2.0) == 14_000


def test_what_is_open_is_never_below_zero_nor_above_the_amount():
    assert open_cents(PARTS, 0, 25, 5_000, 1.0) == 0
    returned = Parts(PARTS.start, PARTS.day, -PARTS.amount)
    assert open_cents(returned, 0, 25, 5_000, 1.0) == 5_000


def test_a_credit_note_takes_no_parts():
    assert open_cents(PARTS, 0, 25, -5_000, 1.0) == -5_000
    assert open_cents(NO_PARTS, 0, 25, 5_000, 1.0) == 5_000


@pytest.mark.parametrize(("currency", "codes"), [("EUR", []), ("USD", [0])])
def test_codes_of_currencies_are_there_where_one_is_foreign(currency, codes):
    day = pa.array([0], pa.date32())
    invoice = {"invoice_id": ["I"], "buyer_id": ["B"], "issued_on": day, "due_on": day}
    invoices = pa.table(invoice | {"amount": [1.0], "currency": [currency]})
    buyers = pa.table({"buyer_id": ["B"], "country": ["FR"]})
    facts = Facts.of({"buyers": buyers, "invoices": invoices})
    assert facts.receivables.currency.tolist() == codes
