"""The loaded tables: found by id and by name, whatever the case, the accents, the typing."""

import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from features.tables import TABLES, write_tables
from serving.portfolio import Portfolio


def ids(portfolio: Portfolio, query: str) -> list[str]:
    return portfolio.facts.buyer_ids[portfolio.search(query)].tolist()


def test_a_name_is_found_whatever_its_case_and_accents(portfolio: Portfolio) -> None:
    for query in ("électricité", "ELECTRICITE", "  tricite <scr "):
        assert ids(portfolio, query) == ["ODD-NAME"]


def test_an_id_is_found_by_a_part(portfolio: Portfolio) -> None:
    assert "B0000017" in ids(portfolio, "b0000017")
    assert set(ids(portfolio, "odd-")) == {"ODD-EMPTY", "ODD-LONG", "ODD-NAME", "ODD-PERSON"}


def test_an_empty_query_finds_everybody_and_nonsense_nobody(portfolio: Portfolio) -> None:
    assert len(portfolio.search(" ")) == len(portfolio) == 205
    assert ids(portfolio, "no such firm") == []


def test_what_is_not_known_is_empty(portfolio: Portfolio) -> None:
    code = portfolio.facts.code_of("ODD-EMPTY")
    assert portfolio.text("name", code) == ""
    assert portfolio.text("country", code) == "FR"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("B00000171", "B0000017"), ("ODD-NAMES", "ODD-NAME"), ("ODD_EMPTY", "ODD-EMPTY")],
)
def test_an_unknown_id_has_near_ones(portfolio: Portfolio, typed: str, meant: str) -> None:
    assert meant in portfolio.near(typed)
    assert portfolio.near("Ωmega") == []


def test_the_last_known_day_is_the_last_of_any_table(portfolio: Portfolio) -> None:
    assert portfolio.last_known_day == date(2025, 12, 31)


def test_the_version_is_that_of_the_contents(
    tables: Path, portfolio: Portfolio, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(tables, tmp_path / "copy"))
    assert Portfolio.load(copy, "EUR").version == portfolio.version
    (copy / "esg.parquet").unlink()
    assert Portfolio.load(copy, "EUR").version != portfolio.version


def test_a_portfolio_of_buyers_alone_loads(tmp_path: Path) -> None:
    rows = [{"buyer_id": "A", "country": "FR"}]
    write_tables({"buyers": pa.Table.from_pylist(rows, TABLES["buyers"].schema)}, tmp_path)
    portfolio = Portfolio.load(tmp_path, "EUR")
    assert portfolio.last_known_day == date(1970, 1, 1)
    assert ids(portfolio, "a") == ["A"]


def test_workers_map_what_the_first_has_written(tables: Path, tmp_path: Path) -> None:
    loaded = Portfolio.load(tables, "EUR")
    for _ in range(2):
        mapped = Portfolio.map(tables, "EUR", tmp_path / "cache")
        assert (mapped.version, len(mapped)) == (loaded.version, len(loaded))
        assert mapped.searchable.equals(loaded.searchable)
        assert mapped.last_known_day == loaded.last_known_day


def test_other_tables_take_the_place_of_those_before(tables: Path, tmp_path: Path) -> None:
    before = Portfolio.map(tables, "EUR", tmp_path / "cache")
    Portfolio.map(tables, "USD", tmp_path / "cache")
    assert len([path for path in (tmp_path / "cache").iterdir() if path.is_dir()]) == 1
    assert before.text("country", 0)


def test_tables_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "buyers.parquet").write_text("no Parquet")
    with pytest.raises(ValueError, match=f"the tables in {tmp_path} cannot be read"):
        Portfolio.map(tmp_path, "EUR", tmp_path / "cache")
