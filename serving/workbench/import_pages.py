"""Import: drag a ledger here → correct its mapping → what was refused and why → scored portfolio.

Files stand in the job's own folder, whose name nobody can guess; only who brought them sees them.
"""

import asyncio
import re
import shutil
from http import HTTPStatus
from pathlib import PurePath
from typing import Any

import pyarrow.parquet as pq
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.datastructures import UploadFile
from starlette.responses import Response

from features.feature import TOPICS
from features.ledgers.extract import Extract
from features.ledgers.guess import columns_of, open_export
from features.ledgers.proposed_mapping import Proposal
from models.explanation import LANGUAGES
from serving.access.body_limit import LARGEST
from serving.access.caller import Caller
from serving.access.door import needs
from serving.decide import desk_of
from serving.problems import FieldError, Problem
from serving.workbench import import_work, jobs
from serving.workbench.frame import page
from serving.workbench.import_form import KINDS, preview, proposal_of, proposed
from serving.workbench.import_work import MAPPING, REFUSED, SCORES, import_and_score, upload_of
from serving.workbench.jobs import Job
from serving.workbench.language import language_of
from serving.workbench.spreadsheet import CSV, csv_answer

KIND = "import"
KEPT = 10  # imports of one person; older ones go, with their files
MOST_ROWS = 5_000_000  # of a Parquet file: a small one may hold very many
SHOWN = 50  # buyers on the page
ZIPPED = b"\x1f\x8b"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/import")
def start(request: Request, caller: Caller = needs("import")) -> HTMLResponse:
    """Where a file is dropped, and the last imports."""
    kept = jobs.latest(desk_of(request).store, KIND, caller.name, KEPT)
    return page(request, "import.html", imports=kept, largest=LARGEST // 2**20)


@router.post("/import")
async def upload(request: Request, caller: Caller = needs("import")) -> Response:
    """Take a file in."""
    async with request.form() as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise _refused("", "choose a file: CSV, Excel or Parquet")
        job = await asyncio.to_thread(_take_in, request, caller.name, file)
    return RedirectResponse(f"/import/{job.job_id}", HTTPStatus.SEE_OTHER)


@router.get("/import/{job_id}")
def look(
    request: Request, job_id: str, again: str = "", caller: Caller = needs("import")
) -> HTMLResponse:
    """The mapping to correct, how far it is, or what came of it."""
    job = _mine(request, job_id, caller)
    if job.under_way:
        return page(request, "job.html", job=job, back="/import")
    if job.state == "done" and not again:
        return page(request, "import_done.html", job=job, **_scored(request, job))
    extract = open_export(upload_of(job))
    currency = desk_of(request).champion.now.model.policy.currency
    if job.inputs.get("fields"):
        proposal, sure = proposal_of(job.inputs["fields"], extract), True
    else:
        proposal, found = proposed(extract, currency)
        sure = found.sure_of_dates
    said = job.result.get("said", "") if job.state == "failed" else ""
    return _form(request, job, extract, proposal, sure, said)


@router.post("/import/{job_id}")
async def map_columns(request: Request, job_id: str, caller: Caller = needs("import")) -> Response:
    """Import by the mapping as it stands in the form."""
    async with request.form() as form:
        fields = {name: text for name, text in form.items() if isinstance(text, str)}
    return await asyncio.to_thread(_begin, request, job_id, caller, fields)


@router.post("/import/{job_id}/remove")
def remove(request: Request, job_id: str, caller: Caller = needs("import")) -> RedirectResponse:
    """Forget an import and delete its files."""
    _forget(request, _mine(request, job_id, caller))
    return RedirectResponse("/import", HTTPStatus.SEE_OTHER)


@router.get("/import/{job_id}/mapping.toml")
def mapping(request: Request, job_id: str, caller: Caller = needs("import")) -> FileResponse:
    """The mapping, for `encours import`."""
    return _file(_mine(request, job_id, caller), MAPPING, "application/toml")


@router.get("/import/{job_id}/refused.csv")
def refused(request: Request, job_id: str, caller: Caller = needs("import")) -> FileResponse:
    """Every refused row with its line, reason and remedy."""
    return _file(_mine(request, job_id, caller), REFUSED, CSV)


@router.get("/import/{job_id}/scores.csv")
def scores(request: Request, job_id: str, caller: Caller = needs("import")) -> Response:
    """Every buyer with its grade, limit and expected loss."""
    job = _mine(request, job_id, caller)
    if not (job.folder / SCORES).is_file():
        raise Problem("not-found", "nothing was scored yet")
    return csv_answer(pq.read_table(job.folder / SCORES), "scores.csv")


def _take_in(request: Request, owner: str, file: UploadFile) -> Job:
    """Keep a file in a folder of its own, once it can be read."""
    store = desk_of(request).store
    given = PurePath((file.filename or "").replace("\\", "/")).name
    name = re.sub(r"[^\w.\- ]", "_", given)[-100:].lstrip(".") or "ledger.csv"
    for old in jobs.latest(store, KIND, owner, 1000)[KEPT - 1 :]:
        if not old.under_way:
            _forget(request, old)
    job = jobs.create(store, KIND, owner, name, {})
    try:
        (job.folder / import_work.SOURCE).mkdir()
        target = job.folder / import_work.SOURCE / name
        with target.open("wb") as out:
            shutil.copyfileobj(file.file, out)
        with target.open("rb") as start:
            first = start.read(4)
        if first[:2] == ZIPPED:
            raise ValueError("is compressed: unpack it first")
        if first == b"PAR1" and pq.read_metadata(target).num_rows > MOST_ROWS:
            raise ValueError(f"has more than {MOST_ROWS:,} rows: use `encours import`")
        if not len(open_export(target).rows):
            raise ValueError("holds no row below its header")
    except (ValueError, OSError) as error:
        _forget(request, job)
        raise _refused(name, str(error).replace(f"{job.folder}/source/", "")) from error
    return job


def _begin(request: Request, job_id: str, caller: Caller, fields: dict[str, str]) -> Response:
    job = _mine(request, job_id, caller)
    if job.under_way:
        return RedirectResponse(f"/import/{job_id}", HTTPStatus.SEE_OTHER)
    extract = open_export(upload_of(job))
    proposal = proposal_of(fields, extract)
    if proposal.lacks:
        return _form(request, job, extract, proposal, True, "", HTTPStatus.UNPROCESSABLE_ENTITY)
    (job.folder / MAPPING).write_text(proposal.to_toml(), "utf-8")
    kept = {name: text for name, text in fields.items() if name != "csrf_token"}
    jobs.change(desk_of(request).store, job_id, inputs=jobs.in_json({"fields": kept}))
    model = desk_of(request).champion.now.model
    request.app.state.jobs.start(job, lambda job, progress: import_and_score(model, job, progress))
    return RedirectResponse(f"/import/{job_id}", HTTPStatus.SEE_OTHER)


def _form(
    request: Request,
    job: Job,
    extract: Extract,
    proposal: Proposal,
    sure: bool,
    said: str,
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    return page(
        request,
        "import_mapping.html",
        status,
        job=job,
        proposal=proposal,
        kinds={kind: columns_of(kind) for kind in KINDS},
        sure=sure,
        said=said,
        has_mapping=(job.folder / MAPPING).is_file(),
        **preview(extract),
    )


def _scored(request: Request, job: Job) -> dict[str, Any]:
    policy = desk_of(request).champion.now.model.policy
    file = job.folder / SCORES
    rows = pq.read_table(file).slice(0, SHOWN).to_pylist() if file.is_file() else []
    place = LANGUAGES.index(language_of(request))
    return {
        "rows": rows,
        "topics": {name: texts[place] for name, texts in TOPICS.items()},
        "grades": policy.master_scale.names,
        "currency": policy.currency,
    }


def _mine(request: Request, job_id: str, caller: Caller) -> Job:
    return jobs.find(desk_of(request).store, job_id, KIND, caller.name)


def _forget(request: Request, job: Job) -> None:
    shutil.rmtree(job.folder, ignore_errors=True)
    jobs.remove(desk_of(request).store, job)


def _file(job: Job, name: str, kind: str) -> FileResponse:
    path = job.folder / name
    if not path.is_file():
        raise Problem("not-found", f"this import has no {path.name} yet")
    return FileResponse(path, media_type=kind, filename=path.name)


def _refused(name: str, remedy: str) -> Problem:
    return Problem(
        "invalid-request", f"{name or 'file'}: {remedy}", [FieldError("file", name, remedy)]
    )
