"""Jobs are done one after the other; how far they are, and what came of them, is in the store."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serving.decide import Desk
from serving.problems import Problem
from serving.store.store import Store
from serving.workbench import jobs
from serving.workbench.jobs import Job, Jobs

pytestmark = pytest.mark.usefixtures("jobs_folder")
Finished = Callable[[Desk, str, str], Job]


def ask(store: Store, owner: str = "ana") -> Job:
    return jobs.create(store, "scenario", owner, "my shock", {"shock": -1})


def test_what_a_job_answers_is_kept(real_store: Store) -> None:
    asked, over = ask(real_store), threading.Event()
    assert (asked.state, asked.inputs, asked.folder.is_dir()) == ("asked", {"shock": -1}, True)
    assert asked.folder.stat().st_mode & 0o077 == 0

    def work(job: Job, progress: Any) -> dict[str, Any]:
        progress("shock", 3, 7)
        over.wait(10)
        return {"moved": 2}

    worker = Jobs(real_store)
    worker.start(asked, work)
    while (now := jobs.find(real_store, asked.job_id, "scenario")).step != "shock":
        assert now.under_way
    assert (now.state, now.done, now.total) == ("running", 3, 7)
    over.set()
    while (now := jobs.find(real_store, asked.job_id, "scenario")).under_way:
        pass
    assert (now.state, now.result) == ("done", {"moved": 2})


@pytest.mark.parametrize(
    ("error", "said"),
    [(ValueError("no such column"), "no such column"), (RuntimeError("secret"), None)],
)
def test_a_failure_tells_what_its_asker_can_correct_and_no_more(
    desk: Desk, finished: Finished, error: Exception, said: str | None
) -> None:
    def work(job: Job, progress: Any) -> dict[str, Any]:
        raise error

    worker, first, second = Jobs(desk.store), ask(desk.store), ask(desk.store)
    worker.start(first, work)
    worker.start(second, lambda job, progress: {})
    job = finished(desk, "scenario", first.job_id)
    assert (job.state, job.result.get("said")) == ("failed", said)
    assert finished(desk, "scenario", second.job_id).state == "done"


def test_a_job_is_its_owners_alone(store: Store) -> None:
    job = ask(store)
    assert jobs.find(store, job.job_id, "scenario", "ana") == job
    for job_id, kind, owner in (
        (job.job_id, "scenario", "bob"),
        (job.job_id, "import", "ana"),
        ("other", "scenario", "ana"),
    ):
        with pytest.raises(Problem) as problem:
            jobs.find(store, job_id, kind, owner)
        assert problem.value.kind == "not-found"
    assert jobs.latest(store, "scenario", "ana") == [job]
    assert jobs.latest(store, "scenario", "bob") == []
    jobs.remove(store, job)
    assert jobs.latest(store, "scenario", "ana") == []


def test_a_job_whose_worker_ended_is_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask(store)
    jobs.change(store, job.job_id, state="running")
    assert jobs.find(store, job.job_id, "scenario").under_way
    later = datetime.now(UTC) + timedelta(hours=1)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return later

    monkeypatch.setattr(jobs, "datetime", Later)
    job = jobs.find(store, job.job_id, "scenario")
    assert (job.lost, job.under_way) == (True, False)


def test_what_everybody_waits_for_is_begun_once(real_store: Store) -> None:
    first, begin = jobs.shared(real_store, "measure", "m-d", "calibration")
    again, not_again = jobs.shared(real_store, "measure", "m-d", "calibration")
    assert (begin, not_again, again.job_id) == (True, False, "m-d")
    assert jobs.find(real_store, "m-d", "measure", "anybody") == first
