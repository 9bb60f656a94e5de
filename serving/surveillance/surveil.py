"""One run of surveillance: re-score, compare, raise alerts, measure; then it is finished, once.

    parts (files, resumable) → alerts and messages (ids of buyer and run: none twice) → finished

Killed anywhere, the same call goes on where it stopped: parts that stand are not made again, alerts
that are kept are not raised again, and the next run compares with this one.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from models.credit_model import CreditModel
from serving.batch import uses_of_groups
from serving.portfolio import tables_version
from serving.store.store import Store
from serving.store.surveillance import now
from serving.surveillance import churn, digest, outbox, parts, runs
from serving.surveillance.beside import Beside
from serving.surveillance.drift import drift, first_of_model
from serving.surveillance.firing import raise_all
from serving.surveillance.newest import newest_day
from serving.surveillance.realised import closed_windows
from serving.surveillance.rules import Rules
from serving.surveillance.runs import Run
from serving.surveillance.snapshots import Snapshot, latest, prune, write_table


def surveil(
    model: CreditModel,
    rules: Rules,
    portfolio: Path,
    as_of_date: date,
    store: Store,
    folder: Path,
) -> Run:
    """Run surveillance on one day; the run, finished. Where nothing it depends on has changed since
    the last run, that one.

    ValueError where the day is before that of the last run, where the portfolio is another one, or
    where its files change meanwhile; BlockingIOError where another process is at it.
    """
    with _alone(folder):
        return _Job(model, rules, portfolio, store, folder).run(as_of_date)


@dataclass(frozen=True)
class _Job:
    model: CreditModel
    rules: Rules
    portfolio: Path
    store: Store
    folder: Path

    def run(self, as_of_date: date) -> Run:
        """One run on one day, or the last one where it would be the same."""
        self._finish_interrupted()
        last = latest(self.store, self.folder)
        beside = Beside.of(self.store, as_of_date, last.run if last else None)
        data = tables_version(self.portfolio)
        policy, rules = self.model.policy.digest, self.rules.model_dump_json()
        inputs = runs.digest(
            str(as_of_date), data, self.model.version, policy, rules, beside.version
        )
        if last is not None and last.run.inputs == inputs:
            return last.run
        run = runs.begin(self.store, as_of_date, inputs, self.model.version)
        began, busy = perf_counter(), process_time()
        self._write(run, last, beside)
        taken = perf_counter() - began, process_time() - busy
        if tables_version(self.portfolio) != data:
            self._refuse(run, f"the tables in {self.portfolio} changed meanwhile; run again")
        if last is not None and not churn.known(self._snapshot(run)):
            self._refuse(run, "none of these buyers is in the last run; use another store")
        return self._finish(run, last, beside, *taken)

    def _write(self, run: Run, last: Snapshot | None, beside: Beside) -> None:
        """Write the parts of a run that are missing."""
        target = self.folder / run.run_id
        self._drop_abandoned(run)
        if parts.manifest(target) is None:
            parts.write_manifest(target, self.portfolio, self.rules)
        currency = self.model.policy.currency
        groups = uses_of_groups(self.portfolio, currency, run.as_of_date)
        parts.write_parts(
            self.model,
            self.rules,
            self.portfolio,
            run.as_of_date,
            target,
            last,
            replace(beside, groups=groups),
        )

    def _refuse(self, run: Run, why: str) -> None:
        shutil.rmtree(self.folder / run.run_id)
        raise ValueError(why)

    def _finish(
        self,
        run: Run,
        last: Snapshot | None,
        beside: Beside,
        seconds: float | None = None,
        processor_seconds: float | None = None,
    ) -> Run:
        """Raise the alerts of a run whose parts are whole, measure it and mark it finished."""
        current = self._snapshot(run)
        write_table(current.folder)
        newest = newest_day(self.portfolio)
        fired = raise_all(self.store, self.rules, current, last, newest)
        summary = {
            "seconds": seconds,
            "processor_seconds": processor_seconds,
            "buyers": current.table.num_rows,
            "newest_day": str(newest),
            **fired.summary(),
            **self._measured(current, beside, min(newest, run.as_of_date)),
        }
        done = runs.with_summary(run, summary)
        letters = digest.messages(done, fired.gravest, sum(fired.by_kind.values()))
        with self.store.writing() as connection:
            runs.finish(connection, done)
            outbox.post(connection, letters, now())
        prune(self.store, self.folder, self.rules.retention)
        return done

    def _measured(self, current: Snapshot, beside: Beside, observed: date) -> dict[str, Any]:
        past = runs.finished(self.store)
        first = first_of_model(past, current.run.model_version)
        reference = self._snapshot(first) if first else current
        return {
            "churn": churn.churn(self.model.policy.master_scale, current),
            "drift": drift(self.model, reference, current),
            "realised": closed_windows(
                self.model, self.portfolio, past, self.folder, observed, beside
            ),
        }

    def _finish_interrupted(self) -> None:
        """A run whose parts are whole may have raised alerts: it must be finished as it was begun,
        or the next would raise them again."""
        run = runs.interrupted(self.store)
        if run is None or not parts.is_whole(self.folder / run.run_id):
            return
        told = parts.manifest(self.folder / run.run_id)
        assert told is not None
        job = replace(self, rules=Rules.model_validate(told["rules"]))
        last = latest(self.store, self.folder)
        beside = Beside.of(self.store, run.as_of_date, last.run if last else None)
        job._finish(run, last, beside)

    def _drop_abandoned(self, run: Run) -> None:
        """Remove the files of runs that were begun, interrupted, and will not be gone on with."""
        for path in self.folder.glob("*/manifest.json"):
            whole = (path.parent / "table.arrow").is_file()
            if path.parent.name != run.run_id and not whole:
                shutil.rmtree(path.parent)

    def _snapshot(self, run: Run) -> Snapshot:
        return Snapshot(run, self.folder / run.run_id)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BlockingIOError(f"another `encours surveil` is at work in {folder}") from error
        yield  # closing the file releases the lock
