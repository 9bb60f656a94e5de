"""The store as a doctor finds it, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.access.caller import Caller
from serving.access.first_start import demo_credentials
from serving.access.keys import create_key
from serving.declarations.events import Event, declare
from serving.doctor.finding import Finding
from serving.doctor.store import check_store
from serving.store.changes import CHANGES_HEAD
from serving.store.record import HEAD, Entry, Record
from serving.store.store import Store
from serving.surveillance import webhooks

NEAR, FAR = "127.0.0.1", "0.0.0.0"
RECORD = Record("d", *["x"] * 7, b"{}", b"", b"{}")


def found(address: str, host: str = NEAR) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_store(address, host)}


def kept(store: Store, number: int, ahead: float = -1) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=ahead)
    record = replace(
        RECORD, decision_id=f"d{number}", decided_at=moment.isoformat(timespec="microseconds")
    )
    store.keep(Entry([record])).result()


def test_a_store_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    told = found(f"sqlite:///{path}")
    assert {name: one.level for name, one in told.items()} == dict.fromkeys(
        ("store", "secret", "access"), "ok"
    )
    assert not path.exists()
    assert found(f"sqlite:///{path}", FAR)["access"].level == "error"


def test_a_store_in_use_is_well(real_store: Store, address: str) -> None:
    for number in range(3):
        kept(real_store, number)
    create_key(real_store, "erp", "engine")
    told = found(address, FAR)
    assert {one.level for one in told.values()} == {"ok"}
    assert told["chain"].says == "3 decisions, 0 changes, the last links hold"
    assert told["access"].says == "1 keys in force, 0 accounts"


def test_a_chain_cut_short_is_an_error(real_store: Store, address: str) -> None:
    for number in range(3):
        kept(real_store, number)
    with real_store.writing() as connection:
        connection.execute(sa.update(HEAD).values(sequence=2))
    told = found(address)["chain"]
    assert told.level == "error"
    assert "audit-log verify" in told.remedy


def test_a_chain_of_changes_cut_short_is_an_error(real_store: Store, address: str) -> None:
    event = Event(buyer_id="B1", event_date=date(2025, 5, 1), known_on=None, amount=500.0)
    with real_store.writing() as connection:
        for _ in range(2):
            declare(event, "claim", Caller("ana", "engine", "key"), "EUR", connection)
    assert found(address)["chain"].says == "0 decisions, 2 changes, the last links hold"
    with real_store.writing() as connection:
        connection.execute(sa.update(CHANGES_HEAD).values(sequence=1))
    told = found(address)["chain"]
    assert (told.level, "of changes" in told.says) == ("error", True)


def test_endpoints_without_the_secret_that_signs_are_an_error(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    assert "webhooks" not in found(address)
    monkeypatch.setenv("ENCOURS_WEBHOOK_SECRET", "a secret of the tests")
    webhooks.add(store, "https://erp.example/alerts")
    assert found(address)["webhooks"].level == "ok"
    monkeypatch.delenv("ENCOURS_WEBHOOK_SECRET")
    told = found(address)["webhooks"]
    assert (told.level, "ENCOURS_WEBHOOK_SECRET" in told.remedy) == ("error", True)


@pytest.mark.parametrize(("ahead", "level"), [(20, "warning"), (4000, "error")])
def test_a_clock_that_went_back_is_told(
    real_store: Store, address: str, ahead: float, level: str
) -> None:
    kept(real_store, 1, ahead)
    told = found(address)["clock"]
    assert told.level == level
    assert "in the future" in told.says


@pytest.mark.parametrize(("revision", "level"), [("0001", "warning"), ("9999", "error")])
def test_another_revision_is_told(
    real_store: Store, address: str, revision: str, level: str
) -> None:
    with real_store.writing() as connection:
        connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    told = found(address)
    assert told["store"].level == level
    assert "chain" not in told


def test_the_demos_credentials_are_no_way_in_from_elsewhere(store: Store) -> None:
    address = str(store._engine.url)
    demo_credentials(store)
    assert found(address)["access"].level == "ok"
    assert found(address, FAR)["access"].level == "error"
    create_key(store, "erp", "engine")
    told = found(address, FAR)["access"]
    assert told.level == "warning"
    assert "encours key revoke demo" in told.remedy


def test_a_database_that_is_down_is_told_without_its_password(monkeypatch) -> None:
    monkeypatch.setenv("ENCOURS_SECRET", "short")
    told = found("postgresql+psycopg://me:hunter2@127.0.0.1:9/x")
    assert told["store"].level == told["secret"].level == "error"
    assert "hunter2" not in repr(told)
    assert "short" not in told["secret"].says.replace("shorter", "")
