"""Scenarios: named ones and one's own; limits and losses before and after, to the buyer."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from models.scenarios.scenario import Scenario
from serving.access.caller import Caller
from serving.access.door import needs
from serving.decide import desk_of
from serving.workbench import charts, jobs, words
from serving.workbench.frame import page
from serving.workbench.job_pages import listing, matching
from serving.workbench.jobs import Job
from serving.workbench.paging import page_number
from serving.workbench.portfolio_work import BUYERS, run_scenario
from serving.workbench.scenario_form import INPUTS, NAMED, form_of, scenario_of
from serving.workbench.spreadsheet import csv_answer

KIND = "scenario"
FIRST = "-expected_loss_after"
FILTERS = {"grade": "grade_before", "sector": "sector", "country": "country"}

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/scenarios")
def choose(request: Request, like: str = "", caller: Caller = needs("simulate")) -> HTMLResponse:
    """The named scenarios, a form for one's own, and the last runs."""
    named = {name: Scenario.load(name) for name in NAMED}
    start = named.get(like)
    return page(
        request,
        "scenarios.html",
        named=named,
        inputs=INPUTS,
        fields=form_of(start) if start else {},
        hit=start.sector.sections if start and start.sector else (),
        sections=[code for code in words.SECTIONS if code <= "S"],
        runs=jobs.latest(desk_of(request).store, KIND, caller.name),
        day=desk_of(request).portfolio.last_known_day,
    )


@router.post("/scenarios")
async def start(request: Request, caller: Caller = needs("simulate")) -> RedirectResponse:
    """Run a scenario over the loaded portfolio."""
    async with request.form() as form:
        fields = {name: text for name, text in form.items() if isinstance(text, str)}
        sections = [text for text in form.getlist("sections") if isinstance(text, str)]
    named = fields.get("named", "")
    scenario = Scenario.load(named) if named in NAMED else scenario_of(fields, sections)
    desk = desk_of(request)
    content = scenario.model_dump(mode="json", exclude_none=True)
    job = jobs.create(desk.store, KIND, caller.name, scenario.name, content)
    model = desk.champion.now.model
    request.app.state.jobs.start(
        job, lambda job, progress: run_scenario(model, desk.portfolio, scenario, job, progress)
    )
    return RedirectResponse(f"/scenarios/{job.job_id}", HTTPStatus.SEE_OTHER)


@router.get("/scenarios/{job_id}")
def result(
    request: Request,
    job_id: str,
    sort: str = FIRST,
    number: str = Query("1", alias="page"),
    caller: Caller = needs("simulate"),
) -> HTMLResponse:
    """Before and after: totals, grades, sectors, countries, and the buyers behind them."""
    desk = desk_of(request)
    job = jobs.find(desk.store, job_id, KIND, caller.name)
    if job.under_way:
        return page(request, "job.html", job=job, back="/scenarios")
    if job.state != "done":
        return page(request, "job_failed.html", job=job, back="/scenarios")
    given = {name: value for name in FILTERS if (value := request.query_params.get(name))}
    equals = {FILTERS[name]: value for name, value in given.items()}
    rows, pages = listing(job.folder / BUYERS, equals, sort, page_number(number), desk.portfolio)
    return page(
        request,
        "scenario.html",
        job=job,
        groups={name: _group(job, by) for name, by in FILTERS.items()},
        given=given,
        sort=sort,
        rows=rows,
        pages=pages,
        grades=desk.champion.now.model.policy.master_scale.names,
        currency=desk.champion.now.model.policy.currency,
    )


@router.get("/scenarios/{job_id}/buyers.csv")
def export(request: Request, job_id: str, caller: Caller = needs("simulate")) -> Response:
    """Every buyer before and after."""
    job = jobs.find(desk_of(request).store, job_id, KIND, caller.name)
    return csv_answer(matching(job.folder / BUYERS, {}), "scenario.csv")


def _group(job: Job, by: str) -> list[dict[str, Any]]:
    """Rows of a group with bars of the loss before and after on one scale."""
    rows = job.result["groups"][by]
    if by != "grade_before":
        rows = sorted(rows, key=lambda row: -row["expected_loss_after"])[:12]
    most = max((row["expected_loss_after"] for row in rows), default=0.0)
    most = max(most, *(row["expected_loss_before"] for row in rows), 0.0) if rows else most
    return [
        {
            **row,
            "before_bar": charts.share(row["expected_loss_before"], most),
            "after_bar": charts.share(row["expected_loss_after"], most),
        }
        for row in rows
    ]
