"""No look-ahead, in any feature: whatever becomes known later, the features of today stand.

Portfolios are drawn at random over all tables. What was known on AS_OF is told apart here, row by
row, by the rules of the tables themselves; the rest is replaced, left out or added to.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.build import feature_matrix
from features.facts import Facts, Keys
from features.tables import TABLES, Column

Row = dict[str, object]
Tables = dict[str, list[Row]]

AS_OF = date(2023, 6, 30)
TODAY = (AS_OF - date(1970, 1, 1)).days
BUYERS = ["B1", "B2", "B3"]
CODES: dict[str, list[str]] = {
    "buyer_id": BUYERS,
    "currency": ["EUR", "USD"],
    "country": ["FR", "DE"],
    "sector": ["F", "G"],
    "legal_form": ["SA", "SARL"],
    "payers": ["all", "FR", "F"],
    "kind": ["overdue_declared", "claim", "protracted_default", "insolvency_opened", "cure"],
}
FILLED_IN_LATER = ("paid_on", "disputed_on")  # columns of invoices
SEEDS = st.integers(0, 2**32 - 1)


def draw(seed: int) -> Tables:
    """A portfolio with events from 900 days before AS_OF to 500 days after."""
    rng = random.Random(seed)
    tables = {
        name: [{c.name: value(c, rng) for c in table.columns} for _ in range(rng.randrange(25))]
        for name, table in TABLES.items()
    }
    tables["buyers"] = [
        {c.name: value(c, rng) for c in TABLES["buyers"].columns} | {"buyer_id": buyer}
        for buyer in BUYERS
    ]
    for number, invoice in enumerate(tables["invoices"]):
        invoice["invoice_id"] = f"{seed}/{number}"
    for part in tables["payments"]:
        paid = rng.choice(tables["invoices"] or [part])
        part |= {"invoice_id": paid["invoice_id"], "buyer_id": paid["buyer_id"]}
    return tables


DRAWN: dict[str, Callable[[random.Random], object]] = {
    "date": lambda rng: AS_OF + timedelta(rng.randint(-900, 500)),
    "flag": lambda rng: rng.random() < 0.5,
    "number": lambda rng: float(rng.randint(1, 24)),
    "amount": lambda rng: round(rng.lognormvariate(6, 2) * rng.choice([1, 1, 1, -1]), 2),
    "id": lambda rng: f"id {rng.randrange(3)}",
    "text": lambda rng: "text",
    "code": lambda rng: "code",
}


def value(column: Column, rng: random.Random) -> object:
    if not column.required and rng.random() < 0.2:
        return None
    if column.name in CODES:
        return rng.choice(CODES[column.name])
    return DRAWN[column.kind](rng)


def known(name: str, row: Row) -> bool:
    """Whether a row was known on AS_OF, by the rule of its table."""
    table = TABLES[name]
    if table.event_on is None or table.known_on is None:
        return True
    event = row[table.event_on]
    assert isinstance(event, date)
    told = row[table.known_on] or event + timedelta(table.lag_days)
    return event <= AS_OF and told <= AS_OF


def past(tables: Tables) -> Tables:
    """What was known on AS_OF, and nothing else."""
    kept = {name: [dict(r) for r in rows if known(name, r)] for name, rows in tables.items()}
    for invoice in kept["invoices"]:
        for column in FILLED_IN_LATER:
            day = invoice[column]
            if isinstance(day, date) and day > AS_OF:
                invoice[column] = None
    return kept


def another_future(tables: Tables, other: Tables, seed: int) -> Tables:
    """The past of `tables`, in its order, among the future of `other`; open invoices end anyhow."""
    rng = random.Random(seed)
    mixed = past(tables)
    for name, rows in mixed.items():
        for row in other[name]:
            if not known(name, row):
                rows.insert(rng.randint(0, len(rows)), row)
    for invoice in mixed["invoices"]:
        for column in FILLED_IN_LATER:
            if invoice[column] is None:
                invoice[column] = AS_OF + timedelta(rng.randint(1, 300))
    return mixed


def facts_of(tables: Tables) -> Facts:
    frames = {n: pa.Table.from_pylist(rows, TABLES[n].schema) for n, rows in tables.items()}
    return Facts.of(frames)


def bits(facts: Facts, keys: Keys) -> np.ndarray:
    return feature_matrix(facts, keys).view(np.int64)


def on(day: int) -> Keys:
    return Keys(np.arange(3), np.full(3, day, np.int32))


@given(SEEDS, SEEDS, SEEDS)
@settings(max_examples=60)
def test_nothing_that_becomes_known_later_moves_any_feature(seed, other, order):
    tables = draw(seed)
    expected = bits(facts_of(past(tables)), on(TODAY))
    np.testing.assert_array_equal(bits(facts_of(tables), on(TODAY)), expected)
    changed = another_future(tables, draw(other), order)
    np.testing.assert_array_equal(bits(facts_of(changed), on(TODAY)), expected)


def test_the_futures_drawn_do_matter_once_they_are_known():
    tables = draw(1)
    now, then = facts_of(past(tables)), facts_of(another_future(tables, draw(2), 3))
    assert (bits(now, on(TODAY + 600)) != bits(then, on(TODAY + 600))).any(axis=1).all()


@given(
    SEEDS, st.lists(st.tuples(st.integers(0, 2), st.integers(-400, 400)), min_size=1, max_size=9)
)
@settings(max_examples=40)
def test_a_row_depends_on_its_own_buyer_and_day_alone(seed, asked):
    tables = draw(seed)
    facts = facts_of(tables)
    buyer, shift = np.array(asked).T
    keys = Keys(buyer.astype(np.int64), (TODAY + shift).astype(np.int32))
    batch = bits(facts, keys)
    for number in range(len(keys)):
        one = slice(number, number + 1)
        in_batch = bits(facts, Keys(keys.buyer[one], keys.as_of[one]))
        np.testing.assert_array_equal(in_batch[0], batch[number])

        name = BUYERS[buyer[number]]
        own = {
            n: [r for r in rows if r.get("buyer_id", name) == name] for n, rows in tables.items()
        }
        alone = bits(facts_of(own), Keys(np.zeros(1, np.int64), keys.as_of[one]))
        np.testing.assert_array_equal(alone[0], batch[number])


@pytest.mark.parametrize("name", sorted(TABLES.keys() - {"buyers"}))
def test_every_table_but_that_of_buyers_may_be_absent(name):
    tables = draw(5)
    without = {n: rows for n, rows in tables.items() if n != name}
    empty = tables | {name: []}
    np.testing.assert_array_equal(
        bits(facts_of(without), on(TODAY)), bits(facts_of(empty), on(TODAY))
    )
