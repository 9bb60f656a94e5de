"""What was declared to the service counts in the next run, as it does in the next decision."""

from datetime import date
from pathlib import Path

from features.tables import read_tables
from serving.access.caller import Caller
from serving.declarations.events import Event, declare
from serving.store.store import Store
from serving.surveillance import alerts
from serving.surveillance.beside import Beside
from serving.surveillance.rules import Rules
from serving.surveillance.surveil import surveil

DAY = date(2025, 12, 31)
ADA = Caller("ada", "underwriter", "person")


def declared(store: Store, buyer_id: str) -> None:
    event = Event(buyer_id=buyer_id, event_date=DAY, known_on=DAY, amount=9_000)
    with store.writing() as connection:
        declare(event, "claim", ADA, "EUR", connection)


def test_declared_events_stand_beside_the_tables(tables: Path, real_store: Store) -> None:
    raw = read_tables(tables)
    before = Beside.of(real_store, DAY, None)
    assert before.tables(raw) is raw
    declared(real_store, "B0000007")
    declared(real_store, "B-404")  # of no buyer here
    after = Beside.of(real_store, DAY, None)
    assert after.version != before.version
    assert len(after.tables(raw)["incidents"]) == len(raw["incidents"]) + 1


def test_a_declared_claim_is_an_event_that_starts_a_run_and_fires(
    model, tables: Path, store: Store, tmp_path: Path
) -> None:
    runs = [surveil(model, Rules.load(), tables, DAY, store, tmp_path / "runs")]
    declared(store, "B0000007")
    for _ in range(2):
        runs.append(surveil(model, Rules.load(), tables, DAY, store, tmp_path / "runs"))
    assert [run.number for run in runs] == [1, 2, 2]
    with store.reading() as connection:
        found = connection.execute(alerts.query()).all()
    assert [(row.buyer_id, row.kind) for row in found] == [("B0000007", "incident")]
