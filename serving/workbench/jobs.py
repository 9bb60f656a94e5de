"""Long work that a page starts: one at a time in a thread of its worker, so that requests go on.

How far it is stands in the store, what it reads and writes in a folder of its own: any worker can
tell of it. A job whose worker ended stays silent, and is told as lost.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from secrets import token_urlsafe
from time import monotonic
from typing import Any

import sqlalchemy as sa

from serving.environment import setting
from serving.problems import Problem
from serving.store.store import Store
from serving.store.workbench import JOBS

SILENCE = timedelta(minutes=15)  # after which a job is lost
TOLD_EVERY = 0.5  # seconds
FOLDERS = {"import": "imports", "scenario": "scenarios", "draft": "drafts", "measure": "measures"}
log = logging.getLogger("encours.jobs")

Progress = Callable[[str, int, int], None]
Work = Callable[["Job", Progress], Mapping[str, Any]]


@dataclass(frozen=True)
class Job:
    """One piece of work; `done` of `total` parts of its present `step` are behind it."""

    job_id: str
    kind: str
    owner: str
    title: str
    inputs: Mapping[str, Any]
    state: str
    step: str
    done: int
    total: int
    result: Mapping[str, Any]
    created_at: str
    updated_at: str

    @property
    def folder(self) -> Path:
        """Where its files stand; nobody else's do."""
        return Path(setting("ENCOURS_JOBS")) / FOLDERS[self.kind] / self.job_id

    @property
    def under_way(self) -> bool:
        """Whether it will be done without anybody doing anything."""
        return self.state in ("waiting", "running") and not self.lost

    @property
    def lost(self) -> bool:
        """Whether the process that worked at it has ended."""
        silent = datetime.now(UTC) - datetime.fromisoformat(self.updated_at)
        return self.state in ("waiting", "running") and silent > SILENCE


def create(store: Store, kind: str, owner: str, title: str, inputs: Mapping[str, Any]) -> Job:
    """A job that is asked for and not started, with a folder."""
    at, job_id = _now(), token_urlsafe(24)
    row = {
        "job_id": job_id,
        **{"kind": kind, "owner": owner, "title": title, "inputs": in_json(inputs)},
        **{"state": "asked", "step": "", "done": 0, "total": 0},
        **{"created_at": at, "updated_at": at},
    }
    with store.writing() as connection:
        connection.execute(sa.insert(JOBS), [row])
    job = find(store, job_id, kind)
    job.folder.mkdir(parents=True, mode=0o700)
    return job


def shared(store: Store, kind: str, job_id: str, title: str) -> tuple[Job, bool]:
    """The job of that id, which everybody may see, and whether it must be started: it is new, or
    whoever worked at it has ended."""
    at = _now()
    row = {
        **{"job_id": job_id, "kind": kind, "owner": "", "title": title, "inputs": "{}"},
        **{"state": "waiting", "step": "", "done": 0, "total": 0},
        **{"created_at": at, "updated_at": at},
    }
    with store.writing() as connection:
        query = sa.select(JOBS).where(JOBS.c.job_id == job_id)
        found = connection.execute(query).first()
        if found is None:
            connection.execute(sa.insert(JOBS), [row])
            found = connection.execute(query).one()
            return _job(found), True
        job = _job(found)
        if job.lost:
            this = sa.update(JOBS).where(JOBS.c.job_id == job_id)
            connection.execute(this.values(state="waiting", updated_at=at))
    return job, job.lost


def find(store: Store, job_id: str, kind: str, owner: str | None = None) -> Job:
    """The job of that id and kind; `owner` must be its own, where given. Raises Problem: who may
    not see it is told the same as if it were not there."""
    query = sa.select(JOBS).where(JOBS.c.job_id == job_id, JOBS.c.kind == kind)
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None or (row.owner and owner not in (None, row.owner)):
        raise Problem("not-found", f"no {kind} of this id is yours")
    return _job(row)


def latest(store: Store, kind: str, owner: str, most: int = 10) -> list[Job]:
    """The last jobs of somebody, latest first."""
    query = sa.select(JOBS).where(JOBS.c.owner == owner, JOBS.c.kind == kind)
    with store.reading() as connection:
        found = connection.execute(query.order_by(JOBS.c.created_at.desc()).limit(most))
        return [_job(row) for row in found]


def change(store: Store, job_id: str, **values: Any) -> None:
    """Note something of a job."""
    with store.writing() as connection:
        this = sa.update(JOBS).where(JOBS.c.job_id == job_id)
        connection.execute(this.values(**values, updated_at=_now()))


def in_json(values: Mapping[str, Any]) -> str:
    """Inputs or a result as the store keeps them."""
    return json.dumps(values)


def remove(store: Store, job: Job) -> None:
    """Forget a job; its files are the caller's to remove."""
    with store.writing() as connection:
        connection.execute(sa.delete(JOBS).where(JOBS.c.job_id == job.job_id))


class Jobs:
    """Does the jobs of one worker, one after the other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: SimpleQueue[tuple[Job, Work]] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, job: Job, work: Work) -> None:
        """Have `work` done; its answer becomes the job's result."""
        change(self._store, job.job_id, state="waiting", step="", done=0, total=0, result=None)
        self._waiting.put((job, work))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            job, work = self._waiting.get()
            try:
                self._do(job, work)
            except Exception:
                log.exception("nothing could be noted of job %s", job.job_id)

    def _do(self, job: Job, work: Work) -> None:
        change(self._store, job.job_id, state="running")
        try:
            told = {"state": "done", "result": in_json(work(job, self._progress(job.job_id)))}
        except (ValueError, OSError, Problem) as error:  # what the asker can correct
            said = getattr(error, "detail", None) or str(error)
            told = {"state": "failed", "result": in_json({"said": said})}
            log.info("job %s failed: %s", job.job_id, error)
        except Exception:
            log.exception("job %s failed", job.job_id)
            told = {"state": "failed", "result": "{}"}
        change(self._store, job.job_id, **told)

    def _progress(self, job_id: str) -> Progress:
        last: tuple[str, float] = ("", 0.0)

        def tell(step: str, done: int, total: int) -> None:
            nonlocal last
            if step != last[0] or monotonic() - last[1] > TOLD_EVERY:
                last = (step, monotonic())
                change(self._store, job_id, step=step, done=done, total=total)

        return tell


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _job(row: sa.Row) -> Job:
    told = dict(row._mapping)
    return Job(
        **{**told, "inputs": json.loads(row.inputs), "result": json.loads(row.result or "{}")}
    )
