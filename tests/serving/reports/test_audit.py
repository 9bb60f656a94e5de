from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.facts import Facts
from features.tables import read_tables, write_tables
from models.credit_model import CreditModel
from models.limits.loss import capital_requirement
from models.policy import Policy
from serving.batch import score_table
from serving.reports.audit import AMOUNTS, AuditSummary, audit, band
from serving.reports.audit_page import write_audit_page

DAY = date(2025, 6, 30)
POLICY = Policy.load().revise({"caps.group": 100.0})


@pytest.fixture(scope="module")
def summary(credit_model: CreditModel, tables: Path) -> AuditSummary:
    return audit(credit_model, tables, DAY)


@pytest.fixture(scope="module")
def euros(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portfolio with every invoice in euros, whatever it was."""
    folder = tmp_path_factory.mktemp("euros") / "portfolio"
    copytree(tables, folder)
    invoices = pq.read_table(folder / "invoices.parquet")
    place = invoices.column_names.index("currency")
    one = pa.array(["EUR"] * len(invoices))
    write_tables({"invoices": invoices.set_column(place, "currency", one)}, folder)
    return folder


def open_cents(folder: Path) -> pd.Series:
    """Cents open by buyer, by a plain reading of the ledger in whole cents."""
    invoices = pd.read_parquet(folder / "invoices.parquet")
    parts = pd.read_parquet(folder / "payments.parquet")
    known = invoices[invoices["issued_on"] <= DAY]
    still = known[known["paid_on"].isna() | (known["paid_on"] > DAY)]
    paid = parts[parts["paid_on"] <= DAY].groupby("invoice_id")["amount"].sum()
    cents = (100 * still["amount"]).round()
    part = (100 * still["invoice_id"].map(paid).fillna(0)).round()
    left = np.where(cents > 0, (cents - part).clip(lower=0), cents)
    return pd.Series(left).groupby(still["buyer_id"].to_numpy()).sum()


def test_what_is_owed_reconciles_with_the_ledger_to_the_cent(
    credit_model: CreditModel, euros: Path
) -> None:
    found = audit(credit_model, euros, DAY)
    by_hand = open_cents(euros)
    invoiced = found.buyers["open"].reindex(by_hand.index)
    assert (100 * invoiced).round().to_list() == by_hand.to_list()
    others = found.buyers["open"].drop(by_hand.index)  # balances told by snapshots, or nothing
    assert 100 * found.totals()["open"] == pytest.approx(
        by_hand.sum() + 100 * others.fillna(0).sum(), abs=0.5
    )


def test_limits_and_grades_are_those_of_the_batch(
    summary: AuditSummary, bundle: Path, tables: Path
) -> None:
    batch = score_table(CreditModel.load(bundle), Facts.of(read_tables(tables)), DAY).to_pandas()
    assert summary.buyers["limit"].to_list() == batch["limit"].to_list()
    assert summary.buyers["grade"].to_list() == batch["grade"].to_list()


@pytest.mark.parametrize("by", ["grade", "sector", "country", "group"])
def test_every_segment_adds_up_to_the_totals(summary: AuditSummary, by: str) -> None:
    segments = summary.segments(by)
    assert segments["buyers"].sum() == len(summary.buyers)
    for name in AMOUNTS:
        assert segments[name].sum() == pytest.approx(summary.totals()[name], abs=0.005)
    assert summary.bands(by).to_numpy().sum() == len(summary.buyers)


def test_granted_against_limit_counts_each_buyer_once(summary: AuditSummary) -> None:
    held = int(summary.buyers["granted"].notna().sum())
    assert 0 < held == summary.granted_against_limit().to_numpy().sum()


def test_a_default_is_certain_and_a_loss_is_on_what_is_owed(summary: AuditSummary) -> None:
    buyers = summary.buyers
    failed = buyers[(buyers["grade"] == "D") & (buyers["exposure"] > 0)]
    assert len(failed)
    assert failed["expected_loss"].to_numpy() == pytest.approx(0.60 * failed["exposure"])
    sound = buyers[buyers["grade"] != "D"]
    loss = 0.60 * sound["default_probability"] * sound["exposure"]
    assert sound["expected_loss"].to_numpy() == pytest.approx(loss.to_numpy())


def test_the_uninsured_gap_is_what_no_insurer_pays(summary: AuditSummary) -> None:
    buyers, share = summary.buyers, summary.policy.cover.insured_share
    within = np.minimum(buyers["exposure"], buyers["granted"].fillna(0))
    assert buyers["covered"].to_list() == within.to_list()
    assert buyers["uninsured"].to_numpy() == pytest.approx(buyers["exposure"] - share * within)
    lost = buyers["default_probability"] * 0.60 * share * within
    sound = buyers["grade"] != "D"
    assert buyers["insurer_expected_loss"][sound].to_numpy() == pytest.approx(lost[sound])


def test_money_by_hand() -> None:
    sound = {"grade": ["7", "D"], "exposure": [100_000.0, 50_000.0], "covered": [1e5, 5e4]}
    capital = 100_000 * (float(capital_requirement(0.02, 0.60)) + 0.01)
    found = by_hand(
        **sound,
        expected_loss=[1_200.0, 30_000.0],
        insurer_expected_loss=[1_080.0, 27_000.0],
        insurable_turnover=[600_000.0, 300_000.0],
        capital=[capital, 1.0],
        surplus=[8_000.0, 4_000.0],
    ).money()
    assert found.index.tolist() == ["7", "all but D"]
    for _, row in found.iterrows():
        assert row["premium, %"] == pytest.approx(0.288)
        assert row["usual 0.1-1 %"] == "within"
        assert row["sales to recover"] == pytest.approx(12_000)
        assert row["return on capital, %"] == pytest.approx(100 * 6_800 / capital)


@pytest.mark.parametrize("only", ["invoices", "statements", "ageing", None])
def test_any_ledger_is_audited(
    credit_model: CreditModel, tables: Path, tmp_path: Path, only: str | None
) -> None:
    everything = read_tables(tables)
    kept = {name: everything[name] for name in ("buyers", only) if name}
    write_tables(kept, tmp_path)
    found = audit(credit_model, tmp_path, DAY)
    assert len(found.buyers) + found.persons == len(everything["buyers"])
    assert (found.buyers["exposure"].sum() > 0) == (only in ("invoices", "ageing"))
    within = np.minimum(found.buyers["exposure"], found.buyers["limit"])
    assert found.buyers["covered"].to_list() == within.to_list()  # nothing is said to be granted
    write_audit_page(found, tmp_path / "page.html")
    assert "What it costs and earns" in (tmp_path / "page.html").read_text()


def by_hand(**columns: list) -> AuditSummary:
    rows = len(next(iter(columns.values())))
    blank = {name: [0.0] * rows for name in AMOUNTS}
    ids = pd.Index([f"B{i}" for i in range(rows)], name="buyer_id")
    frame = pd.DataFrame(blank | columns, ids)
    return AuditSummary(DAY, "EUR", POLICY, frame, pd.Series(dtype="int64"), 0)


def test_concentration_of_four_buyers() -> None:
    found = by_hand(
        exposure=[40.0, 30.0, 20.0, 10.0],
        group=["G", "G", "B2", "B3"],
        sector=["C", "C", "C", "C"],
        country=["FR", "DE", "FR", "DE"],
    ).concentration()
    assert found["HHI"].to_list() == pytest.approx([0.30, 0.54, 1.0, 0.52])
    assert found["like"].to_list() == pytest.approx([1 / 0.30, 1 / 0.54, 1.0, 1 / 0.52])
    assert found["top 1, %"].to_list() == pytest.approx([40, 70, 100, 60])
    assert found["top 5, %"].to_list() == pytest.approx([100] * 4)


def test_a_group_above_the_cap_is_named() -> None:
    found = by_hand(
        exposure=[60.0, 50.0, 90.0], limit=[0.0, 0.0, 100.0], group=["G", "G", "B2"]
    ).groups_above_cap()
    assert found.index.tolist() == ["G"]
    assert found.loc["G", "exposure"] == 110


def test_a_portfolio_that_owes_nothing() -> None:
    nothing = ["x", "y"]
    found = by_hand(exposure=[0.0, 0.0], group=nothing, sector=nothing, country=nothing)
    assert (found.concentration()["HHI"] == 0).all()
    assert found.concentration()["like"].isna().all()


def test_bands_end_on_their_upper_bound() -> None:
    limits = pd.Series([0.0, 1_000.0, 10_000.0, 11_000.0, 1e6, 1.01e6])
    assert list(band(limits)) == [
        "none", "up to 10k", "up to 10k", "up to 25k", "up to 1,000k", "above 1,000k",
    ]  # fmt: skip


def test_rows_the_import_refused_are_counted_by_reason(
    credit_model: CreditModel, euros: Path
) -> None:
    assert len(audit(credit_model, euros, DAY).refused) == 0
    (euros / "refused.csv").write_text('"file","reason"\n"a","no date"\n"a","no date"\n"b","x"\n')
    found = audit(credit_model, euros, DAY)
    assert found.refused.to_dict() == {"no date": 2, "x": 1}
    assert found.quality().loc["rows refused by the import", "count"] == 3


def test_quality_counts_what_is_missing(summary: AuditSummary) -> None:
    quality = summary.quality()["count"]
    assert quality["buyers without accounts"] == summary.buyers["no_accounts"].sum() > 0
    assert quality["buyers without a balance"] == summary.buyers["open"].isna().sum() > 0
    assert quality["amount overdue"] == summary.totals()["overdue"]
    bare = replace(summary, buyers=summary.buyers.assign(exposure=0.0))
    assert bare.quality().loc["amount overdue", "share, %"] == 0
