"""Ageing and exposures equal those rebuilt, row by row, from the ledger."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

BUCKETS = {"not_due": 0, "days_1_30": 30, "days_31_60": 60, "days_61_90": 90, "days_91_180": 180}
Key = tuple[str, str]


def unpaid(economy: Path, day: date) -> pd.DataFrame:
    """Open invoices on `day` with what remains of each, from the raw tables alone."""
    invoices = pd.read_parquet(economy / "invoices.parquet")
    payments = pd.read_parquet(economy / "payments.parquet")
    parts = payments[payments["paid_on"] <= day].groupby("invoice_id")["amount"].sum()
    is_open = (invoices["issued_on"] <= day) & ~(invoices["paid_on"].dropna() <= day).reindex(
        invoices.index, fill_value=False
    )
    rows = invoices[is_open].copy()
    rows["rest"] = rows["amount"] - rows["invoice_id"].map(parts).fillna(0)
    return rows


def bucket(amount: float, days_late: int) -> str:
    if amount < 0:
        return "unallocated_credits"
    return next((name for name, most in BUCKETS.items() if days_late <= most), "over_180")


def test_ageing_is_the_one_rebuilt_from_invoices(economy: Path) -> None:
    ageing = pd.read_parquet(economy / "ageing.parquet")
    buyers = set(ageing["buyer_id"])
    for day, given in ageing.groupby("balance_date"):
        rebuilt: dict[Key, dict[str, float]] = {}
        for row in unpaid(economy, day).itertuples():
            if row.buyer_id in buyers:
                balance = rebuilt.setdefault((row.buyer_id, row.supplier_id), {})
                name = bucket(row.amount, (day - row.due_on).days)
                balance[name] = balance.get(name, 0.0) + row.rest
        columns = [*BUCKETS, "over_180", "unallocated_credits"]
        cells = given.set_index(["buyer_id", "supplier_id"])[columns]
        found = pd.DataFrame.from_dict(rebuilt, orient="index").reindex(
            cells.index, columns=columns
        )
        assert set(rebuilt) == set(cells.index)
        assert cells.to_numpy() == pytest.approx(found.fillna(0.0).to_numpy(), abs=0.005)


def test_ageing_shows_some_buyers_in_every_bucket(economy: Path) -> None:
    ageing = pd.read_parquet(economy / "ageing.parquet")
    buyers = pd.read_parquet(economy / "buyers.parquet")
    assert ageing["balance_date"].nunique() == 8
    assert 0.1 < ageing["buyer_id"].nunique() / len(buyers) < 0.25
    assert (ageing[[*BUCKETS, "over_180"]] > 0).any().all()
    assert (ageing["unallocated_credits"] <= 0).all()


def test_outstanding_is_the_one_rebuilt_from_invoices(economy: Path) -> None:
    exposures = pd.read_parquet(economy / "exposures.parquet")
    for day, given in exposures.groupby("valid_from"):
        rows = unpaid(economy, day)
        owed = rows.groupby(["buyer_id", "supplier_id"])["rest"].sum()
        outstanding = given.set_index(["buyer_id", "supplier_id"])["outstanding"]
        found = owed.reindex(outstanding.index).fillna(0.0)
        assert outstanding.to_numpy() == pytest.approx(found.to_numpy(), abs=0.005)


def test_limits_hold_for_a_year_each(economy: Path) -> None:
    exposures = pd.read_parquet(economy / "exposures.parquet")
    days = pd.to_datetime(exposures["valid_until"]) - pd.to_datetime(exposures["valid_from"])
    assert days.dt.days.isin([364, 365]).all()
    assert (exposures["limit"] % 1000 == 0).all()
    assert (exposures["limit"] >= 0).all()
