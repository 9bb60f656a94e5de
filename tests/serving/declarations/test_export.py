"""What is declared becomes a label once its window has closed, and never before."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.facts import Facts
from features.tables import read_tables
from models.label import LabelRule, label
from serving.access.caller import Caller
from serving.declarations.events import Event, Kind, Review, declare, review
from serving.declarations.export import export
from serving.store.store import Store

ERP = Caller("erp", "engine", "key")
BUYER, HAPPENED, KNOWN = "B0000017", date(2025, 3, 3), date(2025, 4, 1)


def declared(store: Store, kind: Kind = "claim", validity: str = "valid", **changed: Any) -> None:
    event = {"buyer_id": BUYER, "event_date": HAPPENED, "known_on": KNOWN, "amount": 9e3, **changed}
    with store.writing() as connection:
        kept = declare(Event.model_validate(event), kind, ERP, "EUR", connection)
        if validity != "pending":
            said = Review.model_validate({"validity": validity})
            review(kept.declaration_id, said, ERP, connection)


def outcome(folder: Path, observed_until: date) -> list[tuple[bool, str]]:
    """The label of the buyer at the end of 2024, if it has one by then."""
    facts = Facts.of(read_tables(folder))
    rule = LabelRule(
        default_is=("claim",),
        at_risk="everyone",
        reporting_lag_days=30,
        observed_until=observed_until,
    )
    day = np.array([date(2024, 12, 31)], "datetime64[D]")
    found = label(facts, facts.keys([BUYER], day), rule)
    return list(zip(found.default.tolist(), found.default_type.tolist(), strict=True))


def test_a_claim_becomes_a_label_once_its_window_has_closed(
    store: Store, tables: Path, tmp_path: Path
) -> None:
    closes = date(2026, 1, 30)  # 365 days and the reporting lag
    assert outcome(tables, closes) == [(False, "")]
    declared(store)
    assert export(store, tables, tmp_path / "next").taken == 1
    assert outcome(tmp_path / "next", date(2026, 1, 29)) == []
    assert outcome(tmp_path / "next", closes) == [(True, "claim")]


def test_what_is_exported_observes_no_more_than_the_tables_do(
    store: Store, tables: Path, tmp_path: Path
) -> None:
    declared(store, known_on=date(2026, 2, 1))  # the tables end with 2025
    done = export(store, tables, tmp_path / "next")
    assert (done.taken, done.unknown_yet, done.last_day) == (0, 1, date(2025, 12, 31))


def test_what_may_not_teach_is_left_and_counted(store: Store, tables: Path, tmp_path: Path) -> None:
    declared(store, validity="pending")
    declared(store, validity="invalid", event_date=date(2025, 3, 4))
    declared(store, "overdue_declared", "pending")  # a fact without a judgment
    declared(store, buyer_id="FR-elsewhere")
    done = export(store, tables, tmp_path / "next")
    assert (done.taken, done.unreviewed, done.strangers) == (1, 1, 1)
    before, after = (read_tables(folder) for folder in (tables, tmp_path / "next"))
    assert len(after["incidents"]) == len(before["incidents"]) + 1
    assert all(after[name].equals(before[name]) for name in before if name != "incidents")


def test_a_folder_that_is_there_is_left_alone(store: Store, tables: Path) -> None:
    with pytest.raises(FileExistsError, match="is there already"):
        export(store, tables, tables)
