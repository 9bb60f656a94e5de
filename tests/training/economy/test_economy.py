"""The economy as a whole: same seed, same bytes; tables as the contract says; a plausible level."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from features.facts import Facts
from features.tables import TABLES, read_tables
from training.economy import economy as economy_module
from training.economy.economy import generate

WRITTEN = set(TABLES) - {"peers"}  # those are of listed firms


def digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(economy_module, "CHUNK", 60)


@pytest.mark.usefixtures("small_chunks")
def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        generate(buyers=150, years=2, seed=seed, out=tmp_path / name)
    one, again, other = (digests(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert set(one) == {f"{name}.parquet" for name in (*WRITTEN, "truth")}
    assert not set(one.values()) & set(other.values())


@pytest.mark.usefixtures("small_chunks")
def test_a_larger_economy_begins_with_the_same_buyers(tmp_path: Path) -> None:
    generate(buyers=60, years=2, seed=3, out=tmp_path / "small")
    generate(buyers=120, years=2, seed=3, out=tmp_path / "large")
    small, large = read_tables(tmp_path / "small"), read_tables(tmp_path / "large")
    for name in ("statements", "invoices", "incidents"):
        first = pc.less_equal(large[name]["buyer_id"], "B0000060")
        assert large[name].filter(first).equals(small[name])


def test_the_tables_keep_the_contract(economy: Path) -> None:
    tables = read_tables(economy)
    assert set(tables) == WRITTEN
    for name in WRITTEN:
        table = TABLES[name]
        written = pq.read_schema(economy / f"{name}.parquet")
        assert written.equals(table.schema), name
        rows = tables[name].to_pandas()
        assert len(rows) > 0, name
        assert not rows.duplicated(list(table.key)).any(), name
        assert rows[list(table.required)].notna().all().all(), name
        owner = "buyer_id" if table.of_buyer else table.key[0]
        assert rows[owner].is_monotonic_increasing, name
    assert len(Facts.of(tables).buyer_ids) == len(tables["buyers"])


def test_nothing_is_known_after_the_end(economy: Path) -> None:
    tables, end = read_tables(economy), date(2025, 12, 31)
    for name in WRITTEN:
        table = TABLES[name]
        if table.known_on is not None:
            assert pc.max(tables[name][table.known_on]).as_py() <= end, name
    for column in ("paid_on", "disputed_on"):
        assert pc.max(tables["invoices"][column]).as_py() <= end


def test_about_one_buyer_in_forty_defaults_in_a_year(economy: Path) -> None:
    truth = pq.read_table(economy / "truth.parquet").to_pandas()
    assert 0.015 < truth["default_probability"].mean() < 0.035
    by_day = truth.groupby("as_of_date")["default_probability"].mean()
    assert len(by_day) == 24
    assert by_day.max() > 1.2 * by_day.min()  # the cycle is seen


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"buyers": 0}, "buyers is 0"),
        ({"years": 0}, "years is 0"),
        ({"end": date(2025, 6, 15)}, "end is 2025-06-15"),
    ],
)
def test_bad_arguments_are_named(wrong: dict, named: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=named):
        generate(**({"buyers": 10, "years": 1, "seed": 1, "out": tmp_path} | wrong))
