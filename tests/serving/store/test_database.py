"""SQLite is set up to be durable, and its writers queue."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.store import database
from serving.store.database import engine_of, turn, wait_for


def test_sqlite_is_durable_and_lets_readers_read(tmp_path: Path) -> None:
    engine = engine_of(f"sqlite:///{tmp_path}/below/store.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    engine.dispose()


def test_a_memory_is_no_store() -> None:
    with pytest.raises(ValueError, match="names no file"):
        engine_of("sqlite://")


def test_writers_of_a_file_take_turns(tmp_path: Path) -> None:
    url = sa.make_url(f"sqlite:///{tmp_path}/store.db")
    with turn(url):
        assert (tmp_path / "store.db.lock").exists()
    with turn(sa.make_url("postgresql+psycopg://nowhere/db")):
        pass  # the database has a lock of its own


def test_who_starts_while_the_store_is_away_waits_for_it(tmp_path, monkeypatch, caplog) -> None:
    engine = engine_of(f"sqlite:///{tmp_path}/store.db")
    connect, tries = engine.connect, iter(range(5))

    def away() -> sa.Connection:
        if next(tries) < 3:
            raise sa.exc.OperationalError("", {}, ConnectionError("nobody is there"))
        return connect()

    monkeypatch.setattr(engine, "connect", away)
    monkeypatch.setattr(database, "engine_of", lambda _: engine)
    wait_for("sqlite:///…", seconds=0.01)
    assert caplog.text.count("the store does not answer, waiting for it: nobody is there") == 3
