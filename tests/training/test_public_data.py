"""The public sets as portfolios: the counts and meanings their READMEs give."""

import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from features.facts import Facts
from features.ledgers.summary import ImportSummary
from features.tables import read_tables
from training.public_data import DOLLARS, import_public

DATA = Path(os.environ.get("ENCOURS_DATA", Path(__file__).parents[2] / "../shared/data"))


def load(name: str, tmp_path_factory: pytest.TempPathFactory) -> ImportSummary:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent (set ENCOURS_DATA)")
    return import_public(name, folder, tmp_path_factory.mktemp("public") / name)


@pytest.fixture(scope="module")
def american(tmp_path_factory: pytest.TempPathFactory) -> ImportSummary:
    return load("american-bankruptcy", tmp_path_factory)


@pytest.fixture(scope="module")
def highradius(tmp_path_factory: pytest.TempPathFactory) -> ImportSummary:
    return load("highradius-invoices", tmp_path_factory)


def test_american_counts(american: ImportSummary) -> None:
    counts = {name: (table.read, table.good) for name, table in american.tables.items()}
    assert counts == {
        "buyers": (8_956, 8_956),
        "statements": (77_335, 77_335),
        "incidents": (608, 608),
        "peers": (528, 528),
    }
    assert len(Facts.of(read_tables(american.out)).buyer_ids) == 8_956


def test_american_accounts(american: ImportSummary) -> None:
    statements = read_tables(american.out)["statements"]
    first = statements.filter(
        pc.and_(
            pc.equal(statements["buyer_id"], "C_1"),
            pc.equal(statements["closing_date"], date(1999, 12, 31)),
        )
    ).to_pylist()[0]
    assert first["available_at"] == date(2000, 3, 30)
    assert (first["currency"], first["months"]) == ("USD", 12.0)
    assert first["total_assets"] == pytest.approx(740.998 * DOLLARS)
    assert first["equity"] == pytest.approx((740.998 - 401.483) * DOLLARS)
    assert first["revenue"] - first["cost_of_sales"] == pytest.approx(191.226 * DOLLARS)
    assert first["cash"] is None


def test_a_firm_fails_within_the_year_after_its_last_accounts(american: ImportSummary) -> None:
    """The event lies in the horizon of the last row and of no other."""
    statements = pd.read_parquet(american.out / "statements.parquet")
    incidents = pd.read_parquet(american.out / "incidents.parquet")
    rows = statements.merge(incidents, on="buyer_id")
    ahead = pd.to_datetime(rows["event_date"]) - pd.to_datetime(rows["available_at"])
    within = (ahead > timedelta(0)) & (ahead <= timedelta(365))
    last = rows["closing_date"].eq(rows.groupby("buyer_id")["closing_date"].transform("max"))
    assert within.equals(last)
    test_years = pd.to_datetime(rows["closing_date"]).dt.year.between(2015, 2018)
    assert (within & test_years).sum() == 117


def test_american_labels(american: ImportSummary) -> None:
    labels = pq.read_table(american.out / "labels.parquet").to_pandas()
    assert len(labels) == 77_335
    assert labels["fails_next_year"].sum() == 608
    assert labels.groupby("buyer_id")["ever_fails"].nunique().eq(1).all()
    test_years = pd.to_datetime(labels["closing_date"]).dt.year >= 2015
    assert (test_years.sum(), labels["ever_fails"][test_years].sum()) == (12_058, 281)


def test_highradius_counts(highradius: ImportSummary) -> None:
    invoices = read_tables(highradius.out)["invoices"].to_pandas()
    assert len(invoices) == 40_000
    assert invoices["buyer_id"].nunique() == highradius.tables["buyers"].good == 1_056
    days_late = (pd.to_datetime(invoices["paid_on"]) - pd.to_datetime(invoices["due_on"])).dt.days
    shares = [(days_late > limit).mean() for limit in (0, 5, 15, 30)]
    assert np.allclose(shares, [0.419, 0.093, 0.036, 0.022], atol=6e-4)
    assert invoices["invoice_id"].is_unique


def test_highradius_assumptions(highradius: ImportSummary) -> None:
    tables = read_tables(highradius.out)
    invoices = tables["invoices"].to_pandas()
    terms = pd.to_datetime(invoices["due_on"]) - pd.to_datetime(invoices["issued_on"])
    assert terms.eq(pd.Timedelta(days=30)).all()
    canadian = invoices["buyer_id"].str.startswith("140")
    assert set(invoices["currency"][canadian]) == {"CAD"}
    assert set(invoices["currency"][~canadian]) == {"USD"}
    countries = dict(
        zip(*(tables["buyers"][c].to_pylist() for c in ("buyer_id", "country")), strict=True)
    )
    assert all((country == "CA") == buyer.startswith("140") for buyer, country in countries.items())
    assert set(tables["fx"]["currency"].to_pylist()) == {"USD", "CAD"}


def test_sectors_are_added_to_a_portfolio(american: ImportSummary) -> None:
    folder = DATA / "uk-sectors"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent (set ENCOURS_DATA)")
    summary = import_public("uk-sectors", folder, american.out)
    assert summary.tables["sector_risk"].written == 19 * 10
    tables = read_tables(american.out)
    assert len(tables["statements"]) == 77_335
    rows = tables["sector_risk"].to_pandas().set_index(["sector", "rated_on"])["grade"]
    assert rows["F", date(2020, 2, 1)] == pytest.approx(100 * 3221 / 384830)


def test_unknown_sets_and_empty_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="did you mean 'american-bankruptcy'"):
        import_public("american-bankrupcy", tmp_path, tmp_path / "out")
    with pytest.raises(FileNotFoundError, match=r"american_bankruptcy\.csv\.gz"):
        import_public("american-bankruptcy", tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
