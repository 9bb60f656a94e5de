"""The scores of each run, a row a buyer, in files beside the store.

A million rows a run would be a burden to a database that answers requests, and columns are what
everybody reads. A run is a folder: `part-00000.parquet` … a partition each, in columns.SNAPSHOT and
sorted by buyer_id; `sample-00000.parquet` …, features and drivers of some buyers, for drift; and
`table.arrow`, the columns that people look through, uncompressed, so that every process maps the
same memory. The store says which runs are finished: only those are seen here.
"""

import shutil
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from serving.environment import setting
from serving.portfolio import searchable
from serving.store.store import Store
from serving.surveillance.columns import CARRIED, SNAPSHOT
from serving.surveillance.rules import Retention
from serving.surveillance.runs import Run, finished

# What `table.arrow` holds: what the list of the portfolio shows, filters and sorts by.
TABLE = (
    "buyer_id",
    "name",
    "country",
    "sector",
    "group_id",
    "default_probability",
    "log_odds",
    "grade",
    "previous_probability",
    "previous_grade",
    "log_odds_change",
    "limit",
    "granted",
    "limit_in_force",
    "limit_use",
    "open_amount",
    "overdue_amount",
    "overdue_late",
    "expected_loss",
    "decision",
    "binding_constraint",
    "accounts_age_months",
    "fired",
)
SEARCHABLE = "searchable"  # buyer_id and name, lower case, without accents


@dataclass(frozen=True)
class Snapshot:
    """A finished run's scores. Everything is read when asked for."""

    run: Run
    folder: Path

    @property
    def table(self) -> pa.Table:
        """TABLE and SEARCHABLE, mapped into memory: (buyers,), sorted by buyer_id."""
        return mapped(self.folder)

    def read(
        self, columns: tuple[str, ...], first: str | None = None, last: str | None = None
    ) -> pa.Table:
        """Some columns of SNAPSHOT, of buyers with first <= buyer_id <= last (None: no bound)."""
        import pyarrow.dataset as ds  # noqa: PLC0415  imports pandas, which workers do without

        parts = ds.dataset(sorted(self.folder.glob("part-*.parquet")), schema=SNAPSHOT)
        buyer = pc.field("buyer_id")
        bounds = [buyer >= first] * (first is not None) + [buyer <= last] * (last is not None)
        wanted = reduce(and_, bounds) if bounds else None
        return parts.to_table(list(columns), filter=wanted)

    def carried(self, first: str, last: str) -> pa.Table:
        """What the next run reads again, of buyers with first <= buyer_id <= last."""
        return self.read(CARRIED, first, last)


@lru_cache(maxsize=4)
def mapped(folder: Path) -> pa.Table:
    """`table.arrow` of a run; written once, it never changes."""
    return pa.ipc.open_file(pa.memory_map(str(folder / "table.arrow"))).read_all()


def root() -> Path:
    """Where snapshots stand."""
    return Path(setting("ENCOURS_SURVEILLANCE"))


def latest(store: Store, folder: Path | None = None) -> Snapshot | None:
    """The scores of the last finished run."""
    last = next(iter(finished(store, 1)), None)
    return None if last is None else Snapshot(last, (folder or root()) / last.run_id)


def write_table(folder: Path) -> None:
    """Write `table.arrow` of a run whose parts are whole; it appears when it is whole."""
    fields = [SNAPSHOT.field(name) for name in TABLE] + [pa.field(SEARCHABLE, pa.string())]
    draft = folder / ".table.arrow"
    with pa.ipc.new_file(draft, pa.schema(fields)) as file:
        for part in sorted(folder.glob("part-*.parquet")):
            rows = pq.read_table(part, columns=list(TABLE))
            file.write_table(
                rows.append_column(SEARCHABLE, searchable(rows["buyer_id"], rows["name"]))
            )
    draft.rename(folder / "table.arrow")


def prune(store: Store, folder: Path, rule: Retention) -> None:
    """Remove the files of finished runs that are no longer kept; their rows in the store stay."""
    for run in dropped(finished(store), rule):
        shutil.rmtree(folder / run.run_id, ignore_errors=True)


def dropped(runs: list[Run], rule: Retention) -> list[Run]:
    """The runs whose snapshot goes; `runs` come latest first. The first run of a model stays while
    it is the reference of drift."""
    if not runs:
        return []
    months = [run.as_of_date.year * 12 + run.as_of_date.month for run in runs]
    reference = min(run.number for run in runs if run.model_version == runs[0].model_version)
    gone = []
    for place, run in enumerate(runs[rule.runs :], rule.runs):
        first_of_month = place + 1 == len(runs) or months[place + 1] != months[place]
        young = months[0] - months[place] <= rule.months
        if not (first_of_month and young) and run.number != reference:
            gone.append(run)
    return gone
