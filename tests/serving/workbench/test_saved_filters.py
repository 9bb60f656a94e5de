"""Filters are kept under a name, each person's own."""

import pytest

from serving.problems import Problem
from serving.store.store import Store
from serving.workbench import saved_filters
from serving.workbench.saved_filters import SavedFilter, remove, save, saved


def test_a_name_holds_the_last_filter_of_its_owner(real_store: Store) -> None:
    save(real_store, "ana", " French  buyers ", "country=FR")
    save(real_store, "ana", "French buyers", "country=FR&grade=5")
    save(real_store, "bob", "French buyers", "country=BE")
    assert saved(real_store, "ana") == [SavedFilter("French buyers", "country=FR&grade=5")]
    remove(real_store, "ana", "French buyers")
    remove(real_store, "ana", "never there")
    assert saved(real_store, "ana") == []
    assert len(saved(real_store, "bob")) == 1


def test_a_filter_needs_a_name_and_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_filters, "MOST", 1)
    for name in ("", " ", "x" * 61):
        with pytest.raises(Problem):
            save(store, "ana", name, "q=1")
    save(store, "ana", "one", "q=1")
    save(store, "ana", "one", "q=2")
    with pytest.raises(Problem, match="remove one"):
        save(store, "ana", "two", "q=1")
