"""Accounts add up, come late, and are missing where it hurts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.tables import read_tables
from training.economy.accounts import SMALL_STAFF


@pytest.fixture(scope="module")
def statements(economy: Path) -> pd.DataFrame:
    """Statements with the buyer's headcount, and its true risk at the first snapshot after
    closing."""
    tables = {name: table.to_pandas() for name, table in read_tables(economy).items()}
    rows = tables["statements"].merge(tables["buyers"][["buyer_id", "employees"]], on="buyer_id")
    truth = pd.read_parquet(economy / "truth.parquet")
    for frame, column in ((rows, "closing_date"), (rows, "available_at"), (truth, "as_of_date")):
        frame[column] = pd.to_datetime(frame[column])
    return pd.merge_asof(
        rows.sort_values("closing_date"),
        truth.sort_values("as_of_date")[["buyer_id", "as_of_date", "default_probability"]],
        left_on="closing_date",
        right_on="as_of_date",
        by="buyer_id",
        direction="forward",
        tolerance=pd.Timedelta(days=5),
    ).rename(columns={"default_probability": "risk"})


def of_identity(frame: pd.DataFrame, left: str, right: str) -> None:
    difference = (frame.eval(left) - frame.eval(right)).dropna()
    assert len(difference) > 1000
    assert difference.abs().max() < 0.01


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("total_assets", "equity + total_liabilities"),
        ("ebitda", "revenue - cost_of_sales - personnel"),
        ("ebit", "ebitda - depreciation"),
    ],
)
def test_identities_hold_to_the_cent(statements: pd.DataFrame, left: str, right: str) -> None:
    of_identity(statements, left, right)


def test_parts_are_within_their_whole(statements: pd.DataFrame) -> None:
    s = statements
    assert (s["inventory"] + s["receivables"] + s["cash"] <= s["current_assets"] + 0.01).all()
    assert (s["current_assets"] <= s["total_assets"] + 0.01).all()
    assert (s["current_liabilities"] <= s["total_liabilities"] + 0.01).all()
    assert (s["payables"] + s["financial_debt"] <= s["total_liabilities"] + 0.01).all()
    for item in ("inventory", "receivables", "cash", "payables", "financial_debt", "total_assets"):
        assert (s[item] >= 0).all(), item


def test_most_are_published_five_to_nine_months_after_closing(statements: pd.DataFrame) -> None:
    first = statements.drop_duplicates(["buyer_id", "closing_date"])
    lag = (first["available_at"] - first["closing_date"]).dt.days
    assert lag.min() > 0
    assert lag.between(150, 280).mean() > 0.75


def test_the_stressed_publish_later(statements: pd.DataFrame) -> None:
    first = statements.drop_duplicates(["buyer_id", "closing_date"]).dropna(subset=["risk"])
    lag = (first["available_at"] - first["closing_date"]).dt.days
    worst = first["risk"] > first["risk"].quantile(0.9)
    best = first["risk"] < first["risk"].quantile(0.5)
    assert lag[worst].mean() > lag[best].mean() + 10


def test_small_firms_hide_their_income_the_more_so_in_bad_years(statements: pd.DataFrame) -> None:
    hidden = statements["revenue"].isna()
    small = statements["employees"] < SMALL_STAFF
    assert not hidden[~small].any()
    assert 0.1 < hidden.mean() < 0.4
    risk = statements["risk"]
    bad, good = small & (risk > risk.quantile(0.9)), small & (risk < risk.quantile(0.5))
    assert hidden[bad].mean() > hidden[good].mean() + 0.05
    assert (statements["net_income"].isna() == hidden).all()
    assert statements["equity"].notna().all()


def test_restatements_follow_and_write_down(statements: pd.DataFrame) -> None:
    year = statements.sort_values("available_at").groupby(["buyer_id", "closing_date"])
    assert year.size().isin([1, 2]).all()
    twice = year.filter(lambda rows: len(rows) == 2).groupby(["buyer_id", "closing_date"])
    assert len(twice) > 20
    assert (twice["available_at"].last() > twice["available_at"].first()).all()
    assert (twice["equity"].last() < twice["equity"].first()).all()
    untouched = twice["total_liabilities"]
    assert untouched.last().to_numpy() == pytest.approx(untouched.first().to_numpy(), abs=0.01)


def test_accounts_tell_the_truth_apart(statements: pd.DataFrame) -> None:
    known = statements.dropna(subset=["risk"])
    equity_ratio = known["equity"] / known["total_assets"]
    cash_ratio = known["cash"] / known["current_liabilities"]
    risk = np.log(known["risk"])
    assert equity_ratio.corr(risk, method="spearman") < -0.5
    assert cash_ratio.corr(risk, method="spearman") < -0.5
