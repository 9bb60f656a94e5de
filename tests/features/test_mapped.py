"""Facts that are mapped are the facts that were written, to the last bit."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import mapped
from features.build import feature_matrix
from features.facts import Facts, Keys
from features.mapped import layout, open_arrow, open_mapped, write_mapped
from features.tables import TABLES, Table, read_tables
from features.what_if.what_if import raw

DAY = np.datetime64("2025-06-30").astype(np.int32)
BUYERS = ["A", "B", "É"]
TEXTS = st.sampled_from(["EUR", "Société Ω", "", "NUL\0", "NUL"])
VALUES = {
    **dict.fromkeys(("id", "code", "text"), TEXTS),
    **dict.fromkeys(("amount", "number"), st.floats() | st.sampled_from([0.0, -0.0])),
    "date": st.dates(),
    "flag": st.booleans(),
}


def frames(table: Table) -> st.SearchStrategy[pa.Table]:
    """Some rows of a table, or none: nulls, NaN and all kinds of text."""
    columns = {c.name: st.none() | VALUES[c.kind] for c in table.columns}
    if table.of_buyer:
        columns["buyer_id"] = st.sampled_from(BUYERS)
    rows = st.lists(st.fixed_dictionaries(columns), max_size=6)
    if table.name == "buyers":
        rows = st.tuples(
            *(st.fixed_dictionaries({**columns, "buyer_id": st.just(b)}) for b in BUYERS)
        )
    return rows.map(lambda some: pa.Table.from_pylist(list(some), schema=table.schema))


@pytest.fixture
def facts(tables) -> Facts:
    return Facts.of(read_tables(tables), "EUR")


def test_features_are_the_same_to_the_last_bit(facts, tmp_path) -> None:
    write_mapped(facts, tmp_path / "mapped")
    read = open_mapped(tmp_path / "mapped")
    keys = Keys(np.arange(len(facts.buyers)), np.full(len(facts.buyers), DAY))
    np.testing.assert_array_equal(feature_matrix(read, keys), feature_matrix(facts, keys))


def test_every_table_comes_back_with_its_rows(facts, tmp_path) -> None:
    write_mapped(facts, tmp_path / "mapped")
    mapped = open_mapped(tmp_path / "mapped")
    for name, table in TABLES.items():
        for column in table.schema.names:
            assert mapped[name].raw(column).equals(facts[name].arrow[column])
    assert (mapped.buyer_ids == facts.buyer_ids).all()
    assert (mapped.currency, mapped.foreign) == ("EUR", facts.foreign)


@settings(max_examples=30)
@given(st.data())
def test_arrays_give_back_what_came(data: st.DataObject) -> None:
    tables = {name: data.draw(frames(table), name) for name, table in TABLES.items()}
    facts = Facts.of(tables, "EUR")
    with TemporaryDirectory() as folder:
        write_mapped(facts, Path(folder, "mapped"))
        mapped = open_mapped(Path(folder, "mapped"))
    for name in TABLES:
        for first, last in pairwise([*facts[name].start.tolist(), 0, len(facts[name])]):
            part = slice(first, max(first, last))
            read, written = raw(mapped, name, part), raw(facts, name, part)
            assert read.schema == written.schema
            assert repr(read.to_pydict()) == repr(written.to_pydict())  # NaN is NaN here


def test_arrow_files_hold_only_what_no_array_gives_back(facts, tmp_path) -> None:
    write_mapped(facts, tmp_path / "mapped")
    mapped = open_mapped(tmp_path / "mapped")
    held = {name: set(mapped[name].arrow) for name in TABLES if mapped[name].arrow}
    assert held == {
        "buyers": set(TABLES["buyers"].schema.names),
        "invoices": {"invoice_id"},
        "payments": {"invoice_id"},
    }


def test_equal_arrays_are_one_file(facts, tmp_path) -> None:
    write_mapped(facts, tmp_path / "mapped")
    mapped = open_mapped(tmp_path / "mapped")
    assert mapped["invoices"]["due_on"] is mapped.receivables.due
    assert mapped["invoices"]["due_on"] is not mapped["invoices"]["amount"]


def test_what_stands_beside_the_facts_comes_back(facts, tmp_path) -> None:
    words = pa.array(["é", None, ""])
    write_mapped(facts, tmp_path / "mapped", {"words": words})
    assert open_arrow(tmp_path / "mapped" / "words.arrow")["words"].equals(words)


def test_another_currency_is_seen_in_mapped_tables(facts, tmp_path) -> None:
    write_mapped(facts, tmp_path / "mapped")
    again = replace(open_mapped(tmp_path / "mapped"))
    assert again.foreign == facts.foreign


def test_a_deleted_folder_serves_those_who_map_it(facts, tmp_path) -> None:
    write_mapped(facts, tmp_path / "mapped")
    mapped = open_mapped(tmp_path / "mapped")
    for file in (tmp_path / "mapped").iterdir():
        file.unlink()
    np.testing.assert_array_equal(mapped["invoices"]["due_on"], facts["invoices"]["due_on"])


def test_who_comes_second_leaves_what_is_there(facts, tmp_path) -> None:
    write_mapped(facts, tmp_path / "mapped")
    write_mapped(facts, tmp_path / "mapped")
    assert [path.name for path in tmp_path.iterdir()] == ["mapped"]


def test_nothing_stays_of_a_write_that_failed(facts, tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="no space left"):
        write_mapped(facts, tmp_path / "mapped")
    assert not list(tmp_path.iterdir())


def test_arrays_are_of_one_kind_and_never_written(facts, tmp_path) -> None:
    write_mapped(facts, tmp_path / "mapped")
    amounts = open_mapped(tmp_path / "mapped")["invoices"]["amount"]
    assert type(amounts) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        amounts[0] = 1.0


def test_a_folder_of_other_tables_has_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that a newer version adds would be missing in the files of an older one."""
    fewer = {name: table for name, table in TABLES.items() if name != "esg"}
    before = layout()
    monkeypatch.setattr(mapped, "TABLES", fewer)
    assert layout.__wrapped__() != before
