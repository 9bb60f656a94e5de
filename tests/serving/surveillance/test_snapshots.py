"""A finished run can be read: whole, by buyer, by range, and as the list's table."""

from datetime import date, timedelta

from serving.store.store import Store
from serving.surveillance import runs
from serving.surveillance.columns import SNAPSHOT
from serving.surveillance.rules import Retention
from serving.surveillance.snapshots import SEARCHABLE, TABLE, dropped, latest, prune, root

RULE = Retention(runs=3, months=2)


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


def past(days: int, model: str = "m") -> list[runs.Run]:
    """A run a day, latest first; the oldest is of another model."""
    first = date(2025, 1, 1)
    made = [
        runs.Run(n, f"r{n}", first + timedelta(days=n), "", model if n else "old", None, "", "", {})
        for n in range(days)
    ]
    return made[::-1]


def test_the_last_runs_stay_then_the_first_of_each_month_then_none() -> None:
    some = past(120)  # to 30 April
    gone = {run.run_id for run in dropped(some, RULE)}
    kept = [str(run.as_of_date) for run in some if run.run_id not in gone]
    assert kept == [
        "2025-04-30",
        "2025-04-29",
        "2025-04-28",
        "2025-04-01",
        "2025-03-01",
        "2025-02-01",
        "2025-01-02",  # the first of this model: drift is told against it
    ]


def test_nothing_goes_while_there_is_little() -> None:
    assert dropped(past(3), RULE) == dropped([], RULE) == []


def test_files_go_and_rows_stay(store: Store, tmp_path) -> None:
    for run in past(40)[::-1]:
        begun = runs.begin(store, run.as_of_date, run.run_id, "m")
        (tmp_path / begun.run_id).mkdir()
        with store.writing() as connection:
            runs.finish(connection, runs.with_summary(begun, {}))
    prune(store, tmp_path, RULE)
    assert len(runs.finished(store)) == 40
    assert sorted(path.name[:10] for path in tmp_path.glob("2*")) == [
        "2025-01-01",
        "2025-02-01",
        "2025-02-07",
        "2025-02-08",
        "2025-02-09",
    ]
