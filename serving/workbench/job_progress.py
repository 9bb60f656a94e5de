"""How far a job is, for the script of its page: asked again and again, by whoever started it."""

from fastapi import APIRouter, Request

from serving.access.caller import Caller
from serving.access.door import needs
from serving.decide import desk_of
from serving.workbench import jobs

router = APIRouter(include_in_schema=False)


@router.get("/jobs/{kind}/{job_id}")
def progress(
    request: Request, kind: str, job_id: str, caller: Caller = needs("read")
) -> dict[str, object]:
    """State, step, and how many of how many parts of it are done."""
    job = jobs.find(desk_of(request).store, job_id, kind, caller.name)
    told = {name: getattr(job, name) for name in ("step", "done", "total", "under_way")}
    return {"state": "lost" if job.lost else job.state, **told}
