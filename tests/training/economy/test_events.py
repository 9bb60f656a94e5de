"""Incidents tell what happened, with a lag, and agree with the truth."""

from pathlib import Path

import pandas as pd
import pytest

END = pd.Timestamp("2025-12-31")


@pytest.fixture(scope="module")
def incidents(economy: Path) -> pd.DataFrame:
    frame = pd.read_parquet(economy / "incidents.parquet")
    return frame.assign(
        event_date=pd.to_datetime(frame["event_date"]), known_on=pd.to_datetime(frame["known_on"])
    )


@pytest.fixture(scope="module")
def truth(economy: Path) -> pd.DataFrame:
    frame = pd.read_parquet(economy / "truth.parquet")
    return frame.assign(
        as_of_date=pd.to_datetime(frame["as_of_date"]),
        default_on=pd.to_datetime(frame["default_on"]),
    )


def test_every_kind_happens_and_is_known_with_a_lag(incidents: pd.DataFrame) -> None:
    assert set(incidents["kind"]) == {
        "overdue_declared",
        "protracted_default",
        "insolvency_opened",
        "claim",
        "judgment",
        "cure",
    }
    lag = (incidents["known_on"] - incidents["event_date"]).dt.days
    assert lag.between(1, 25).all()
    assert (incidents["amount"] > 0).all()


def test_the_truth_names_the_day_of_the_next_default(
    incidents: pd.DataFrame, truth: pd.DataFrame
) -> None:
    """`default_on` is the first default event within 12 months of the snapshot, if any is."""
    kinds = incidents["kind"].isin(["insolvency_opened", "protracted_default"])
    events = incidents[kinds].sort_values("event_date")
    rows = truth[truth["as_of_date"] <= END - pd.DateOffset(months=14)]
    found = pd.merge_asof(
        rows.sort_values("as_of_date"),
        events[["buyer_id", "event_date"]],
        left_on="as_of_date",
        right_on="event_date",
        by="buyer_id",
        direction="forward",
        allow_exact_matches=False,
    )
    within = found["event_date"] <= found["as_of_date"] + pd.DateOffset(months=12)
    assert within.sum() > 300
    assert (found["default_on"].notna() == within).all()
    assert (found["default_on"] == found["event_date"])[within].all()


def test_a_claim_follows_a_default(incidents: pd.DataFrame) -> None:
    kinds = incidents["kind"].isin(["insolvency_opened", "protracted_default"])
    first = incidents[kinds].groupby("buyer_id")["event_date"].min()
    claims = incidents[incidents["kind"] == "claim"]
    assert (claims["event_date"] > claims["buyer_id"].map(first)).all()


def test_a_protracted_default_was_mostly_declared_overdue_before(incidents: pd.DataFrame) -> None:
    protracted = incidents[incidents["kind"] == "protracted_default"]
    protracted = protracted[protracted["event_date"] > "2021-01-01"]
    declared = incidents[incidents["kind"] == "overdue_declared"].groupby("buyer_id")["event_date"]
    earlier = protracted["buyer_id"].map(declared.min()) < protracted["event_date"]
    assert earlier.mean() > 0.85


def test_insolvency_is_the_end(incidents: pd.DataFrame) -> None:
    opened = incidents[incidents["kind"] == "insolvency_opened"]
    assert opened["buyer_id"].is_unique
    last = incidents["buyer_id"].map(opened.set_index("buyer_id")["event_date"])
    later = incidents[incidents["event_date"] > last]
    assert set(later["kind"]) <= {"claim"}


def test_the_stressed_are_sued_more(incidents: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Median risk at the snapshot before a judgment, against the median of all snapshots."""
    sued = pd.merge_asof(
        incidents[incidents["kind"] == "judgment"].sort_values("event_date"),
        truth.sort_values("as_of_date"),
        left_on="event_date",
        right_on="as_of_date",
        by="buyer_id",
    )["default_probability"]
    assert sued.median() > 1.5 * truth["default_probability"].median()


def test_esg_is_in_range_and_weakly_related(economy: Path, truth: pd.DataFrame) -> None:
    esg = pd.read_parquet(economy / "esg.parquet")
    assert esg[["environment", "social", "governance"]].stack().between(0, 100).all()
    assert esg["controversy"].isin(range(6)).all()
    risk = truth.groupby("buyer_id")["default_probability"].mean()
    governance = esg.groupby("buyer_id")["governance"].mean()
    relation = governance.corr(risk[governance.index.intersection(risk.index)], method="spearman")
    assert -0.6 < relation < 0.0
