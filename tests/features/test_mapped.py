"""Facts that are mapped are the facts that were written, to the last bit."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from features import mapped
from features.build import feature_matrix
from features.facts import Facts, Keys
from features.mapped import layout, open_arrow, open_mapped, write_mapped
from features.tables import TABLES, read_tables

DAY = np.datetime64("2025-06-30").astype(np.int32)


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
