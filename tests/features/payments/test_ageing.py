"""A balance from invoices, a balance from snapshots, and that they agree."""

import random
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.facts import Facts, Keys
from features.payments import ageing
from features.payments.ageing import (
    BUCKETS,
    COLUMNS,
    FEATURES,
    STALE_DAYS,
    UNKNOWN,
    balances,
    rebuild,
)

EPOCH = date(1970, 1, 1)
AS_OF = 20_000
TODAY = EPOCH + timedelta(AS_OF)
SEEDS = st.integers(0, 2**32 - 1)
BUYERS = pa.table({"buyer_id": ["A", "B"], "country": ["FR", "FR"]})
DATES = ("issued_on", "due_on", "paid_on", "disputed_on", "balance_date")
NUMBERS = ("amount", *BUCKETS)


def table(rows: list[dict]) -> pa.Table:
    def column(name: str) -> pa.Array:
        values = [row[name] for row in rows]
        if name in DATES:
            return pa.array(values, pa.int32()).cast(pa.date32())
        return pa.array(values, pa.float64() if name in NUMBERS else pa.string())

    return pa.table({name: column(name) for name in rows[0]})


def key(as_of: int = AS_OF, buyers: int = 2) -> Keys:
    return Keys(np.arange(buyers), np.full(buyers, as_of, np.int32))


def features(facts: Facts, as_of: int = AS_OF) -> dict[str, float]:
    row = ageing.build(facts, key(as_of))[0]
    return dict(zip((f.name for f in FEATURES), row.tolist(), strict=True))


def draw(rng: random.Random, disputes: bool = True) -> list[dict]:
    rows = []
    for number in range(1 + rng.randrange(30)):
        issued = AS_OF - rng.randint(-20, 400)
        due = issued + rng.choice([-3, 0, 30, 60, 90])
        row = {"invoice_id": f"I{number}", "buyer_id": rng.choice("AB")}
        row |= {"supplier_id": rng.choice([None, "S1", "S2"]), "issued_on": issued, "due_on": due}
        row["paid_on"] = rng.choice([None, None, due + rng.randint(-20, 150)])
        row["amount"] = rng.choice([-20.0, round(rng.uniform(0, 1000), 2)])
        row["currency"] = rng.choice([None, "EUR"])
        row["disputed_on"] = rng.choice([None, None, issued]) if disputes else None
        rows.append(row)
    return rows


def aged(rows: list[dict], buyer: str, as_of: int) -> list[int] | None:
    """The balance by the book, in cents; None where no invoice is known."""
    known = [r for r in rows if r["buyer_id"] == buyer and r["issued_on"] <= as_of]
    balance = [0] * COLUMNS
    for r in known:
        if r["paid_on"] is not None and r["paid_on"] <= as_of:
            continue
        late = as_of - max(r["due_on"], r["issued_on"])
        bucket = sum(late > days for days in (0, 30, 60, 90, 180))
        if r["amount"] < 0:
            bucket = 6
        elif r["disputed_on"] is not None and r["disputed_on"] <= as_of:
            bucket = 7
        balance[bucket] += round(r["amount"] * 100)
    return balance if known else None


@given(SEEDS)
def test_balances_are_what_a_loop_finds(seed):
    rows = draw(random.Random(seed))
    got = balances(Facts.of({"buyers": BUYERS, "invoices": table(rows)}), key())
    for buyer, balance in zip("AB", got.tolist(), strict=True):
        assert balance == (aged(rows, buyer, AS_OF) or [UNKNOWN] * COLUMNS)


@given(SEEDS)
def test_an_ageing_rebuilt_from_invoices_gives_the_features_of_the_invoices(seed):
    rows = draw(random.Random(seed), disputes=False)
    by_invoices = Facts.of({"buyers": BUYERS, "invoices": table(rows)})
    snapshots = [rebuild(by_invoices, TODAY - timedelta(days)) for days in (0, 91, 182, 273)]
    by_snapshots = Facts.of({"buyers": BUYERS, "ageing": pa.concat_tables(snapshots)})
    expected, got = (ageing.build(facts, key()) for facts in (by_invoices, by_snapshots))
    assert got.tobytes() == expected.tobytes()


@given(SEEDS)
def test_a_rebuilt_ageing_has_every_bucket_by_supplier(seed):
    rows = [row for row in draw(random.Random(seed)) if row["issued_on"] <= AS_OF]
    given = rebuild(
        Facts.of({"buyers": BUYERS, "invoices": table(rows or draw(random.Random(0)))}), TODAY
    )
    for balance in given.to_pylist() if rows else ():
        mine = [
            row | {"disputed_on": None}
            for row in rows
            if (row["supplier_id"], row["currency"])
            == (balance["supplier_id"], balance["currency"])
        ]
        expected = aged(mine, balance["buyer_id"], AS_OF)
        assert [round(balance[bucket] * 100) for bucket in BUCKETS] == expected[: len(BUCKETS)]


def snapshot(days_before: int, supplier: str | None = "S", **buckets: float | None) -> dict:
    empty = dict.fromkeys(BUCKETS, 0.0)
    row = {"buyer_id": "A", "supplier_id": supplier, "balance_date": AS_OF - days_before}
    return row | empty | buckets | {"currency": "EUR"}


def of_snapshots(*rows: dict) -> dict[str, float]:
    return features(Facts.of({"buyers": BUYERS, "ageing": table(list(rows))}))


def test_features_of_a_snapshot():
    balance = {"not_due": 50.0, "days_1_30": 30.0, "over_180": 20.0, "unallocated_credits": -10.0}
    got = of_snapshots(snapshot(5, **balance), snapshot(95, not_due=80.0, days_31_60=20.0))
    assert (got["open_amount"], got["overdue_amount"]) == (90, 50)
    assert got["overdue_share"] == 0.5
    assert (got["overdue_share_1_30"], got["overdue_share_over_180"]) == (0.3, 0.2)
    assert got["credits_share"] == 0.1
    assert got["balance_days_late"] == pytest.approx(0.3 * 15.5 + 0.2 * 270.5)
    assert got["overdue_share_change_3m"] == pytest.approx(0.3)


def test_snapshots_alone_show_a_year_of_behaviour_and_trade():
    got = of_snapshots(
        snapshot(5, not_due=50.0, days_1_30=30.0, over_180=20.0),
        snapshot(95, not_due=80.0, days_31_60=20.0),
        snapshot(275, not_due=50.0, unallocated_credits=-10.0),  # still fresh 182 days before
    )
    assert [got[f"overdue_amount_{days}"] for days in ("1_30", "31_60", "over_180")] == [30, 0, 20]
    assert got["not_due_amount"] == 50
    assert got["balance_overdue_share_12m"] == pytest.approx((0.5 + 0.2 + 0 + 0) / 4)
    assert got["balance_overdue_share_max_12m"] == 0.5
    late = 0.3 * 15.5 + 0.2 * 270.5
    assert got["balance_days_late_12m"] == pytest.approx((late + 0.2 * 45.5) / 4)
    assert got["balance_trend_12m"] == pytest.approx(100 / ((100 + 40 + 40) / 3) - 1)
    alone = of_snapshots(snapshot(5, not_due=50.0, days_1_30=50.0))
    assert alone["balance_overdue_share_12m"] == 0.5
    assert np.isnan([alone["balance_trend_12m"], alone["overdue_share_change_3m"]]).all()


def test_the_latest_snapshot_of_each_supplier_counts():
    got = of_snapshots(
        snapshot(40, "S1", not_due=1.0),
        snapshot(10, "S1", not_due=10.0),
        snapshot(30, "S2", not_due=100.0),
        snapshot(-1, "S1", not_due=1000.0),
        snapshot(20, None, not_due=10_000.0, days_1_30=None),
    )
    assert got["open_amount"] == 10_110


def test_a_stale_snapshot_says_nothing():
    assert of_snapshots(snapshot(STALE_DAYS - 1, not_due=1.0))["open_amount"] == 1
    assert np.isnan(list(of_snapshots(snapshot(STALE_DAYS, not_due=1.0)).values())).all()


def test_invoices_go_before_snapshots():
    invoice = {"invoice_id": "I", "buyer_id": "A", "issued_on": AS_OF - 9, "due_on": AS_OF - 1}
    tables = {"invoices": table([invoice | {"amount": 5.0}])}
    facts = Facts.of({"buyers": BUYERS, "ageing": table([snapshot(1, not_due=7.0)])} | tables)
    assert features(facts)["overdue_amount"] == 5
    assert features(facts, AS_OF - 1)["open_amount"] == 5
    earlier = features(Facts.of({"buyers": BUYERS} | tables), AS_OF - 10)
    assert np.isnan(earlier["open_amount"])


def test_nothing_open_is_no_share():
    paid = {"invoice_id": "I", "buyer_id": "A", "issued_on": AS_OF - 9, "due_on": AS_OF - 5}
    invoices = table([paid | {"paid_on": AS_OF - 5, "amount": 5.0}])
    got = features(Facts.of({"buyers": BUYERS, "invoices": invoices}))
    assert (got["open_amount"], got["overdue_amount"]) == (0, 0)
    assert np.isnan(got["overdue_share"])


def test_amounts_are_converted_at_the_rate_known():
    quotes = {"currency": ["USD", "USD"], "rate": [0.5, 9.0]}
    quoted = pa.array([AS_OF - 1, AS_OF + 1], pa.int32()).cast(pa.date32())
    dollars = snapshot(1, not_due=100.0) | {"currency": "USD"}
    fx = pa.table(quotes | {"quoted_on": quoted})
    facts = Facts.of({"buyers": BUYERS, "ageing": table([dollars]), "fx": fx})
    assert features(facts)["open_amount"] == 50


@given(SEEDS)
def test_what_becomes_known_later_changes_nothing(seed):
    rows = draw(random.Random(seed))
    as_known = [
        row | {c: None for c in ("paid_on", "disputed_on") if (row[c] or 0) > AS_OF}
        for row in rows
        if row["issued_on"] <= AS_OF
    ]
    before, after = (
        Facts.of({"buyers": BUYERS} | ({"invoices": table(some)} if some else {}))
        for some in (rows, as_known)
    )
    assert ageing.build(after, key()).tobytes() == ageing.build(before, key()).tobytes()
