"""From what fired in a run to alerts in the store, part by part."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from heapq import nsmallest
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from serving.store.store import Store
from serving.surveillance import alerts, digest
from serving.surveillance.alert import READ, READ_NOW, alert_of, stale_tables_alert
from serving.surveillance.rules import STALE_TABLES, Rules
from serving.surveillance.snapshots import Snapshot
from serving.surveillance.watch import LEVELS


@dataclass
class Fired:
    """Alerts of a run: how many by kind, the gravest (digest.TOLD of them), and how many buyers
    each level stands for, alerted now or before."""

    by_kind: Counter[str] = field(default_factory=Counter)
    gravest: list[dict[str, Any]] = field(default_factory=list)
    standing: Counter[str] = field(default_factory=Counter)
    tables_are_stale: bool = False

    def summary(self) -> dict[str, Any]:
        """What the run's summary says of it."""
        return {
            "alerts": dict(self.by_kind),
            "standing": dict(self.standing),
            "tables_are_stale": self.tables_are_stale,
        }

    def add(self, found: list[dict[str, Any]]) -> None:
        """Count alerts."""
        self.by_kind.update(alert["kind"] for alert in found)
        self.gravest = nsmallest(digest.TOLD, [*self.gravest, *found], key=digest.gravity)


def raise_all(
    store: Store, rules: Rules, current: Snapshot, last: Snapshot | None, newest: date
) -> Fired:
    """Raise the alerts of a run, those that are kept already left as they are."""
    fired = Fired()
    _raise_stale_tables(store, rules, current, last, newest, fired)
    for part in sorted(current.folder.glob("part-*.parquet")):
        masks = pq.read_table(part, columns=["memory_standing"])["memory_standing"].to_numpy()
        fired.standing.update(
            {name: int((masks >> bit & 1).sum()) for bit, name in enumerate(LEVELS)}
        )
        found = _alerts(rules, part, current.run.run_id, last)
        alerts.raise_alerts(store, found)
        fired.add(found)
    return fired


def _alerts(rules: Rules, part: Path, run_id: str, last: Snapshot | None) -> list[dict[str, Any]]:
    after = ds.dataset(part).to_table(list(READ_NOW), filter=ds.field("fired") != 0)
    if not after.num_rows:
        return []
    ids = after["buyer_id"]
    before: dict[str, dict[str, Any]] = {}
    if last is not None:
        rows = last.read(READ, pc.min(ids).as_py(), pc.max(ids).as_py())
        rows = rows.filter(pc.is_in(rows["buyer_id"], value_set=ids.combine_chunks()))
        before = {row["buyer_id"]: row for row in rows.to_pylist()}
    return [alert_of(run_id, rules, before.get(row["buyer_id"]), row) for row in after.to_pylist()]


def _raise_stale_tables(
    store: Store,
    rules: Rules,
    current: Snapshot,
    last: Snapshot | None,
    newest: date,
    fired: Fired,
) -> None:
    """One alert when the tables as a whole become old."""
    age, bound = (current.run.as_of_date - newest).days, rules.stale_tables.days
    stood = last is not None and bool(last.run.summary.get("tables_are_stale"))
    fired.tables_are_stale = age >= bound or (stood and age >= bound * (1 - rules.hysteresis))
    if fired.tables_are_stale and not stood:
        day = str(current.run.as_of_date)
        told = stale_tables_alert(current.run.run_id, day, str(newest), age)
        alerts.raise_alerts(store, [told])
        fired.by_kind[STALE_TABLES] += 1
        fired.gravest.append(told)
