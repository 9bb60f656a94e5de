from datetime import date, timedelta

from serving.store.store import Store
from serving.surveillance import runs
from serving.surveillance.retention import dropped, prune
from serving.surveillance.rules import Retention

RULE = Retention(runs=3, months=2)


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
