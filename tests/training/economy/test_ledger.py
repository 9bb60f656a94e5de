"""Trade follows the state: delays rise before default, nothing is paid or delivered in it."""

from pathlib import Path

import pandas as pd
import pytest

HEALTHY = 0.01  # true default probability below which a buyer is called so


def read(economy: Path, name: str) -> pd.DataFrame:
    frame = pd.read_parquet(economy / f"{name}.parquet")
    for column in frame.columns[frame.columns.str.endswith(("_on", "_date"))]:
        frame[column] = pd.to_datetime(frame[column])
    return frame


@pytest.fixture(scope="module")
def invoices(economy: Path) -> pd.DataFrame:
    return read(economy, "invoices")


@pytest.fixture(scope="module")
def defaults(economy: Path) -> pd.Series:
    """First default of each buyer that had one."""
    incidents = read(economy, "incidents")
    kinds = incidents["kind"].isin(["insolvency_opened", "protracted_default"])
    return incidents[kinds].groupby("buyer_id")["event_date"].min()


def test_invoices_are_well_formed(invoices: pd.DataFrame) -> None:
    assert invoices["invoice_id"].is_unique
    assert invoices["invoice_id"].is_monotonic_increasing
    assert (invoices["due_on"] >= invoices["issued_on"]).all()
    paid = invoices["paid_on"].notna()
    assert (invoices["paid_on"] >= invoices["issued_on"])[paid].all()
    assert (invoices["disputed_on"] >= invoices["issued_on"])[invoices["disputed_on"].notna()].all()
    cents = invoices["amount"] * 100
    assert (cents - cents.round()).abs().max() < 1e-5
    assert invoices["supplier_id"].nunique() > 5


def test_a_few_buyers_have_very_many_invoices(invoices: pd.DataFrame) -> None:
    count = invoices.groupby("buyer_id").size()
    assert 20 < count.mean() < 40
    assert count.max() > 4 * count.median()


def test_credit_notes_are_few_and_never_first(invoices: pd.DataFrame) -> None:
    notes = invoices["amount"] < 0
    assert 0.005 < notes.mean() < 0.05
    first = invoices.groupby("buyer_id")["amount"].first()
    assert (first > 0).all()


def test_part_payments_add_up_to_what_was_paid(economy: Path, invoices: pd.DataFrame) -> None:
    payments = read(economy, "payments")
    parts = payments.groupby("invoice_id").agg(
        amount=("amount", "sum"), last=("paid_on", "max"), count=("amount", "size")
    )
    parts = parts.join(invoices.set_index("invoice_id").rename(columns={"amount": "amount_due"}))
    paid = parts["paid_on"].notna()
    assert parts["count"][paid].eq(2).all()
    assert parts["amount"][paid].to_numpy() == pytest.approx(parts["amount_due"][paid].to_numpy())
    assert (parts["last"] == parts["paid_on"])[paid].all()
    assert (parts["amount"] < parts["amount_due"])[~paid].all()
    assert (payments["amount"] > 0).all()


def test_nobody_delivers_after_an_insolvency(economy: Path, invoices: pd.DataFrame) -> None:
    incidents = read(economy, "incidents")
    opened = incidents[incidents["kind"] == "insolvency_opened"].set_index("buyer_id")["event_date"]
    after = invoices[invoices["issued_on"] > invoices["buyer_id"].map(opened)]
    assert len(opened) > 100
    assert after.empty


def test_the_insolvent_pay_nothing_more(economy: Path, invoices: pd.DataFrame) -> None:
    incidents = read(economy, "incidents")
    opened = incidents[incidents["kind"] == "insolvency_opened"].set_index("buyer_id")["event_date"]
    insolvent = invoices[invoices["buyer_id"].isin(opened.index)]
    assert not (insolvent["paid_on"] > insolvent["buyer_id"].map(opened)).any()
    assert insolvent["paid_on"].isna().mean() > 0.02


def test_delays_rise_in_the_year_before_default(
    invoices: pd.DataFrame, defaults: pd.Series
) -> None:
    """Days late as far as known at the default, of invoices by how long before it they fell due."""
    default = invoices["buyer_id"].map(defaults)
    rows = invoices[default.notna() & (invoices["amount"] > 0)].assign(default=default)
    settled = rows["paid_on"].where(rows["paid_on"] < rows["default"], rows["default"])
    late = (settled - rows["due_on"]).dt.days
    before = (rows["default"] - rows["due_on"]).dt.days
    late_then, late_a_year_before, late_long_before = (
        late[before.between(low, high)].median()
        for low, high in ((60, 180), (365, 540), (900, 1500))
    )
    healthy = invoices[~invoices["buyer_id"].isin(defaults.index) & (invoices["amount"] > 0)]
    usual = (healthy["paid_on"] - healthy["due_on"]).dt.days.median()
    assert usual < late_long_before < late_a_year_before < late_then


def test_payment_behaviour_tells_the_truth_apart(economy: Path, invoices: pd.DataFrame) -> None:
    truth = read(economy, "truth")
    day = pd.Timestamp("2023-12-31")
    now = truth[truth["as_of_date"] == day].set_index("buyer_id")["default_probability"]
    paid = invoices[invoices["paid_on"].between(day - pd.Timedelta(days=365), day)]
    late = (paid["paid_on"] - paid["due_on"]).dt.days.groupby(paid["buyer_id"]).mean()
    known = late.index.intersection(now.index)
    assert late[known].corr(now[known], method="spearman") > 0.6
