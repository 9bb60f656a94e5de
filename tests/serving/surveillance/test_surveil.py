"""A run from end to end: one alert a downgrade, nothing twice, and killed it goes on."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.tables import read_tables, write_tables
from models.credit_model import CreditModel
from serving.store.store import Store
from serving.store.surveillance import ALERTS
from serving.surveillance import alerts, parts, runs
from serving.surveillance import surveil as module
from serving.surveillance.rules import Rules
from serving.surveillance.snapshots import latest
from serving.surveillance.surveil import surveil
from serving.surveillance.watch import names

FIRST, SECOND = date(2024, 12, 31), date(2025, 12, 31)
DAY = date(2024, 11, 20)
RULES = Rules.load()
ROOT = Path(__file__).parents[3]
ONE_RUN = """
import sys, time
from datetime import date
from pathlib import Path
from features import partitions
from serving.surveillance import parts
parts.BUYERS_A_PARTITION = 20
parts.count_partitions.__defaults__ = (20,)
if sys.argv[5] == "slowly":
    write = parts._write
    parts._write = lambda path, table: (write(path, table), time.sleep(0.2))
from models.credit_model import CreditModel
from serving.store.store import Store
from serving.surveillance.rules import Rules
from serving.surveillance.surveil import surveil
bundle, tables, address, folder = sys.argv[1:5]
store = Store(address)
model, day = CreditModel.load(Path(bundle)), date(2025, 12, 31)
surveil(model, Rules.load(), Path(tables), day, store, Path(folder))
store.close()
"""


def all_alerts(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(alerts.query().order_by(ALERTS.c.sequence)))


def test_two_runs_are_compared(watched) -> None:
    assert runs.finished(watched.store) == [watched.second, watched.first]
    assert latest(watched.store, watched.folder).run == watched.second
    assert watched.first.summary["alerts"] == {}
    assert sum(watched.second.summary["alerts"].values()) == len(all_alerts(watched.store)) > 20


def test_alerts_are_exactly_those_that_fired(watched) -> None:
    fired = latest(watched.store, watched.folder).read(("buyer_id", "fired")).to_pylist()
    expected = {row["buyer_id"]: names(row["fired"]) for row in fired if row["fired"]}
    import orjson

    told = [orjson.loads(row.content) for row in all_alerts(watched.store)]
    assert {alert["buyer_id"]: alert["rules"] for alert in told} == expected
    assert len(told) == len(expected)  # one a buyer
    for alert in told:
        change = alert["change"]
        total = change["model"] + sum(topic["log_odds"] for topic in change["topics"])
        moved = alert["after"]["log_odds"] - alert["before"]["log_odds"]
        assert total == pytest.approx(moved, abs=1e-9)


def test_the_same_again_does_nothing(watched, model: CreditModel, tables: Path) -> None:
    before = len(all_alerts(watched.store))
    again = surveil(model, RULES, tables, SECOND, watched.store, watched.folder)
    assert again == watched.second
    assert len(all_alerts(watched.store)) == before
    assert len(runs.finished(watched.store)) == 2


def test_it_does_not_go_back(watched, model: CreditModel, tables: Path) -> None:
    with pytest.raises(ValueError, match="surveillance goes forward"):
        surveil(model, RULES, tables, FIRST, watched.store, watched.folder)


def test_only_one_at_a_time(model: CreditModel, tables: Path, store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BlockingIOError, match="another"):
            surveil(model, RULES, tables, FIRST, store, folder)


def test_a_downgrade_raises_exactly_one_alert_on_each_database(
    model: CreditModel, tables: Path, real_store: Store, tmp_path: Path
) -> None:
    """A buyer stops paying: one alert, with reasons that add up; the run after is silent."""
    raw = read_tables(tables)
    invoices = raw["invoices"]
    buyer = _prompt_payer(model, tables, tmp_path)
    hit = pc.and_(
        pc.equal(invoices["buyer_id"], buyer), pc.greater(invoices["due_on"], date(2024, 1, 1))
    )
    unpaid = pc.if_else(hit, pa.scalar(None, pa.date32()), invoices["paid_on"])
    place = invoices.column_names.index("paid_on")
    late = invoices.set_column(place, "paid_on", unpaid)
    worse = tmp_path / "worse"
    write_tables({**raw, "invoices": late}, worse)

    folder = tmp_path / "runs"
    for portfolio, day in ((tables, DAY), (worse, DAY), (worse, DAY)):
        surveil(model, RULES, portfolio, day, real_store, folder)
    found = all_alerts(real_store)
    assert [row.buyer_id for row in found] == [buyer]
    assert found[0].kind == "overdue"
    surveil(model, RULES, worse, date(2024, 11, 21), real_store, folder)
    assert buyer not in [row.buyer_id for row in all_alerts(real_store)[1:]]


def _prompt_payer(model: CreditModel, tables: Path, tmp_path: Path) -> str:
    """A buyer of a good grade that owes much, none of it late."""
    store = Store(f"sqlite:///{tmp_path}/look.db")
    surveil(model, RULES, tables, DAY, store, tmp_path / "look")
    rows = latest(store, tmp_path / "look").table.to_pandas()
    store.close()
    good = rows[(rows["overdue_amount"] == 0) & (rows["open_amount"] > 20_000)]
    return str(good.sort_values("default_probability")["buyer_id"].iloc[0])


def test_tables_that_grow_old_are_told_of_once(
    model: CreditModel, tables: Path, store: Store, tmp_path: Path
) -> None:
    kinds = []
    for day in (date(2025, 12, 31), date(2026, 2, 15), date(2026, 2, 16)):
        run = surveil(model, RULES, tables, day, store, tmp_path / "runs")
        kinds.append(run.summary["alerts"].get("stale_tables", 0))
    assert kinds == [0, 1, 0]


def test_a_confirmed_raise_is_in_force_in_the_next_run(
    model: CreditModel, tables: Path, store: Store, tmp_path: Path
) -> None:
    eager = Rules.model_validate({**RULES.model_dump(), "limit_raise": {"use": 1e-9}})
    folder = tmp_path / "runs"
    for day in (FIRST, SECOND):
        surveil(model, eager, tables, day, store, folder)
    raises = [row for row in all_alerts(store) if b'"limit_raise"' in row.content]
    assert raises
    chosen = raises[0]
    with store.writing() as connection:
        alerts.act(connection, chosen.alert_id, alerts.Action("confirm", "ada"))
    surveil(model, eager, tables, date(2026, 1, 1), store, folder)
    rows = latest(store, folder).read(("buyer_id", "limit_in_force", "previous_limit")).to_pandas()
    raised = rows[rows["limit_in_force"] > rows["previous_limit"]]
    assert raised["buyer_id"].tolist() == [chosen.buyer_id]
    assert raised["limit_in_force"].tolist() == [orjson.loads(chosen.content)["limit_proposed"]]


def _start(
    bundle: Path, tables: Path, store: str, folder: Path, how: str
) -> subprocess.Popen[bytes]:
    arguments = [str(part) for part in (bundle, tables, store, folder, how)]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", ONE_RUN, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.slow
def test_killed_it_goes_on_where_it_stopped_and_nothing_is_doubled(
    bundle: Path, model: CreditModel, tables: Path, tmp_path: Path
) -> None:
    """A real kill -9, half-way through the parts; the snapshot is that of a run left alone."""
    address, folder = f"sqlite:///{tmp_path}/store.db", tmp_path / "runs"
    process = _start(bundle, tables, address, folder, "slowly")
    while len(done := sorted(folder.glob("*/part-*.parquet"))) < 4:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = sorted(folder.glob("*/part-*.parquet"))
    total = parts.manifest(done[0].parent)["parts"]
    assert 4 <= len(done) < total
    made = {path: path.stat().st_mtime_ns for path in done}

    store = Store(address)
    assert latest(store, folder) is None  # what is not finished is not seen
    again = _start(bundle, tables, address, folder, "at once")
    assert again.wait() == 0
    assert {path: path.stat().st_mtime_ns for path in done} == made
    found = latest(store, folder)
    alone = Store(f"sqlite:///{tmp_path}/alone.db")
    surveil(model, RULES, tables, SECOND, alone, tmp_path / "alone")
    expected = latest(alone, tmp_path / "alone")
    names = tuple(name for name in expected.table.column_names if name != "searchable")
    assert found.read(names).to_pandas().equals(expected.read(names).to_pandas())
    for opened in (store, alone):
        opened.close()


def test_killed_while_alerts_are_raised_none_is_lost_or_doubled(
    model: CreditModel, tables: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some alerts are kept, then the process dies; meanwhile the tables change."""
    folder = tmp_path / "runs"
    surveil(model, RULES, tables, FIRST, store, folder)

    def die(connection: Any, run: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(runs, "finish", die)
        surveil(model, RULES, tables, SECOND, store, folder)
    kept = [row.alert_id for row in all_alerts(store)]
    assert kept
    surveil(model, RULES, tables, date(2026, 1, 1), store, folder)
    days = [str(run.as_of_date) for run in runs.finished(store)]
    assert days == ["2026-01-01", str(SECOND), str(FIRST)]
    told = [row.alert_id for row in all_alerts(store)]
    assert told[: len(kept)] == kept
    assert len(set(told)) == len(told)


def test_tables_that_change_meanwhile_are_refused(
    model: CreditModel, tables: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = iter("abcdef")
    monkeypatch.setattr(module, "tables_version", lambda _: next(versions))
    with pytest.raises(ValueError, match="changed meanwhile"):
        surveil(model, RULES, tables, FIRST, store, tmp_path / "runs")
    assert not list((tmp_path / "runs").glob("*/part-*"))
