"""A finished run can be read: whole, by buyer, by range, and as the list's table."""

from serving.store.store import Store
from serving.surveillance.columns import SNAPSHOT
from serving.surveillance.snapshots import SEARCHABLE, TABLE, latest, root


def test_the_table_has_the_columns_of_the_list_sorted_by_buyer(watched) -> None:
    snapshot = latest(watched.store, watched.folder)
    assert snapshot.table.column_names == [*TABLE, SEARCHABLE]
    ids = snapshot.table["buyer_id"].to_pylist()
    assert ids == sorted(ids)
    assert snapshot.read(("buyer_id",))["buyer_id"].to_pylist() == ids


def test_a_range_of_buyers(watched) -> None:
    snapshot = latest(watched.store, watched.folder)
    some = snapshot.read(tuple(SNAPSHOT.names), "B0000003", "B0000005")
    assert some.schema.names == SNAPSHOT.names
    assert some["buyer_id"].to_pylist() == ["B0000003", "B0000004", "B0000005"]


def test_before_the_first_run_there_is_none(store: Store) -> None:
    assert latest(store) is None


def test_where_snapshots_stand(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("ENCOURS_SURVEILLANCE", str(tmp_path))
    assert root() == tmp_path
