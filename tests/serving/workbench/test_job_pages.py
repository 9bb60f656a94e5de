"""How far a job is, for whoever started it."""

from typing import Any

import pytest

from serving.decide import Desk
from serving.workbench import jobs

pytestmark = pytest.mark.usefixtures("jobs_folder")


def test_progress_is_told_to_its_owner(client: Any, desk: Desk) -> None:
    job = jobs.create(desk.store, "scenario", client.name, "my shock", {})
    told = client.get(f"/jobs/scenario/{job.job_id}").json()
    assert told == {"state": "asked", "step": "", "done": 0, "total": 0, "under_way": False}
    other = type(client)(desk, "risk-admin")
    other.refused(other.get(f"/jobs/scenario/{job.job_id}"), "not-found")
