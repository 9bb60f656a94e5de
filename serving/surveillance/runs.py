"""Runs of surveillance in the store: begun, and finished once every alert is raised."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from serving.store.store import Store
from serving.store.surveillance import RUNS, instant, now


@dataclass(frozen=True)
class Run:
    """One pass over the portfolio. `inputs` is a digest of all that it was computed from,
    `previous` the run it is compared with; `summary` says what was found, once finished."""

    number: int
    run_id: str
    as_of_date: date
    inputs: str
    model_version: str
    previous: str | None
    started_at: str
    finished_at: str | None
    summary: Mapping[str, Any]


def digest(*inputs: str) -> str:
    """One name for all inputs."""
    return sha256("\n".join(inputs).encode()).hexdigest()


def begin(store: Store, as_of_date: date, inputs: str, model_version: str) -> Run:
    """Begin a run after the last finished one, or go on with the one of the same inputs that was
    interrupted. ValueError where a later day was looked at already."""
    with store.writing() as connection:
        last, open_run = _last(connection, finished=True), _last(connection, finished=False)
        if last is not None and as_of_date < last.as_of_date:
            raise ValueError(
                f"as-of date {as_of_date} is before that of the last run, {last.as_of_date}: "
                "surveillance goes forward; use another store to look back"
            )
        previous = last.run_id if last else None
        if open_run is not None and (open_run.inputs, open_run.previous) == (inputs, previous):
            return open_run
        connection.execute(sa.delete(RUNS).where(RUNS.c.finished_at.is_(None)))
        run = Run(
            number=last.number + 1 if last else 1,
            run_id=f"{as_of_date}-{digest(inputs, previous or '')[:8]}",
            as_of_date=as_of_date,
            inputs=inputs,
            model_version=model_version,
            previous=previous,
            started_at=instant(now()),
            finished_at=None,
            summary={},
        )
        row = {**vars(run), "as_of_date": str(as_of_date), "summary": None}
        connection.execute(sa.insert(RUNS), [row])
    return run


def with_summary(run: Run, summary: Mapping[str, Any]) -> Run:
    """The run, finished now."""
    return replace(run, summary=summary, finished_at=instant(now()))


def finish(connection: sa.Connection, run: Run) -> None:
    """Keep what `with_summary` gave, in the caller's transaction."""
    connection.execute(
        sa.update(RUNS)
        .where(RUNS.c.run_id == run.run_id)
        .values(finished_at=run.finished_at, summary=json.dumps(run.summary))
    )


def interrupted(store: Store) -> Run | None:
    """The run that was begun and not finished."""
    with store.reading() as connection:
        return _last(connection, finished=False)


def finished(store: Store, most: int | None = None) -> list[Run]:
    """Finished runs, latest first."""
    query = sa.select(RUNS).where(RUNS.c.finished_at.is_not(None)).order_by(RUNS.c.number.desc())
    with store.reading() as connection:
        return [_run(row) for row in connection.execute(query.limit(most))]


def _last(connection: sa.Connection, *, finished: bool) -> Run | None:
    done = RUNS.c.finished_at.is_not(None)
    query = sa.select(RUNS).where(done if finished else ~done).order_by(RUNS.c.number.desc())
    row = connection.execute(query.limit(1)).first()
    return None if row is None else _run(row)


def _run(row: sa.Row) -> Run:
    return Run(
        row.number,
        row.run_id,
        date.fromisoformat(row.as_of_date),
        row.inputs,
        row.model_version,
        row.previous,
        row.started_at,
        row.finished_at,
        json.loads(row.summary or "{}"),
    )
