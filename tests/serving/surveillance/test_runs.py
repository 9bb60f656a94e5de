from datetime import date

import pytest

from serving.store.store import Store
from serving.surveillance import runs

DAY, LATER = date(2025, 6, 30), date(2025, 12, 31)


def done(store: Store, day: date, inputs: str) -> runs.Run:
    run = runs.with_summary(runs.begin(store, day, inputs, "m"), {"buyers": 3})
    with store.writing() as connection:
        runs.finish(connection, run)
    return run


def test_runs_follow_each_other(real_store: Store) -> None:
    first = done(real_store, DAY, "a")
    second = done(real_store, LATER, "b")
    assert (first.number, first.previous, second.number) == (1, None, 2)
    assert second.previous == first.run_id
    assert runs.finished(real_store) == [second, first]
    assert runs.finished(real_store, 1) == [second]


def test_an_interrupted_run_of_the_same_inputs_goes_on(real_store: Store) -> None:
    begun = runs.begin(real_store, DAY, "a", "m")
    assert runs.interrupted(real_store) == begun
    assert runs.begin(real_store, DAY, "a", "m") == begun
    other = runs.begin(real_store, DAY, "b", "m")
    assert other.run_id != begun.run_id
    assert runs.interrupted(real_store) == other


def test_time_goes_forward(real_store: Store) -> None:
    done(real_store, LATER, "a")
    with pytest.raises(ValueError, match="before that of the last run, 2025-12-31"):
        runs.begin(real_store, DAY, "b", "m")
    assert runs.interrupted(real_store) is None
