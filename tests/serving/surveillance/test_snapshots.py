"""A finished run can be read: whole, by buyer, by range, and as the list's table."""

from serving.store.store import Store
from serving.surveillance.columns import SNAPSHOT
from serving.surveillance.snapshots import (
    SEARCHABLE,
    TABLE,
    history,
    latest,
    previous,
    root,
)


def test_the_table_has_the_columns_of_the_list_sorted_by_buyer(watched) -> None:
    snapshot = latest(watched.store, watched.folder)
    assert snapshot.table.column_names == [*TABLE, SEARCHABLE]
    ids = snapshot.table["buyer_id"].to_pylist()
    assert ids == sorted(ids)
    assert snapshot.read(("buyer_id",))["buyer_id"].to_pylist() == ids


def test_one_buyer_and_a_range(watched) -> None:
    snapshot = latest(watched.store, watched.folder)
    row = snapshot.of_buyer("B0000007")
    assert set(row) == set(SNAPSHOT.names)
    assert snapshot.of_buyer("B-404") is None
    some = snapshot.read(("buyer_id",), "B0000003", "B0000005")["buyer_id"].to_pylist()
    assert some == ["B0000003", "B0000004", "B0000005"]


def test_the_history_of_a_buyer(watched) -> None:
    rows = history(watched.store, "B0000007", watched.folder)
    assert [str(row["as_of_date"]) for row in rows] == ["2025-12-31", "2024-12-31"]
    assert rows[0]["previous_probability"] == rows[1]["default_probability"]


def test_before_the_first_run_there_is_none(store: Store) -> None:
    assert latest(store) is previous(store) is None
    assert history(store, "B0000007") == []


def test_where_snapshots_stand(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("ENCOURS_SURVEILLANCE", str(tmp_path))
    assert root() == tmp_path
