"""The policy: the numbers in force, and what a draft would change on the portfolio."""

import asyncio
import re
from http import HTTPStatus
from math import inf
from typing import Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from models.explanation import Language
from models.policy import Policy, PolicyError
from serving.access.caller import Caller
from serving.access.door import needs
from serving.decide import desk_of
from serving.workbench import jobs, policy_words
from serving.workbench.formats import formats
from serving.workbench.frame import page
from serving.workbench.job_pages import listing, matching
from serving.workbench.jobs import Job, Progress
from serving.workbench.language import catalogue, language_of
from serving.workbench.paging import page_number
from serving.workbench.portfolio_work import BUYERS, compare_policies
from serving.workbench.spreadsheet import csv_answer

KIND = "draft"
DRAFT = "policy.toml"
LARGEST = 64 * 2**10  # characters
A_MILLION = 1e6
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/policy")
def in_force(request: Request, caller: Caller = needs("govern")) -> HTMLResponse:
    """The numbers in force, and a place for a draft."""
    policy = desk_of(request).champion.now.model.policy
    return _page(request, caller, policy.to_toml())


@router.post("/policy")
async def compare(request: Request, caller: Caller = needs("govern")) -> Response:
    """Set a draft against the policy in force, on every buyer."""
    async with request.form() as form:
        text = str(form.get("text", ""))[:LARGEST].replace("\r\n", "\n")
    return await asyncio.to_thread(_compare, request, caller, text)


@router.get("/policy/{job_id}")
def result(
    request: Request,
    job_id: str,
    number: str = Query("1", alias="page"),
    caller: Caller = needs("govern"),
) -> HTMLResponse:
    """Who moves under the draft, the largest moves first."""
    desk = desk_of(request)
    job = jobs.find(desk.store, job_id, KIND, caller.name)
    if job.under_way:
        return page(request, "job.html", job=job, back="/policy")
    if job.state != "done":
        return page(request, "job_failed.html", job=job, back="/policy")
    rows, pages = listing(job.folder / BUYERS, {}, "-moved_by", page_number(number), desk.portfolio)
    return page(
        request,
        "policy_moves.html",
        job=job,
        text=(job.folder / DRAFT).read_text("utf-8"),
        rows=rows,
        pages=pages,
        grades=desk.champion.now.model.policy.master_scale.names,
        currency=desk.champion.now.model.policy.currency,
    )


@router.get("/policy/{job_id}/buyers.csv")
def export(request: Request, job_id: str, caller: Caller = needs("govern")) -> Response:
    """Every buyer under both policies."""
    job = jobs.find(desk_of(request).store, job_id, KIND, caller.name)
    return csv_answer(matching(job.folder / BUYERS, {}), "policy-moves.csv")


def _compare(request: Request, caller: Caller, text: str) -> Response:
    desk = desk_of(request)
    model = desk.champion.now.model
    try:
        draft = Policy.parse(text, "draft")
        if draft.currency != model.policy.currency:
            raise PolicyError(f"currency: keep {model.policy.currency}, that of the loaded tables")
        if draft.version == model.policy.version and draft.digest != model.policy.digest:
            raise PolicyError(f"version: {draft.version} is in force; a draft needs another name")
    except PolicyError as error:
        return _page(request, caller, text, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    job = jobs.create(desk.store, KIND, caller.name, draft.version, {})
    (job.folder / DRAFT).write_text(text, "utf-8")

    def work(job: Job, progress: Progress) -> dict[str, Any]:
        from models.policy_review import check  # noqa: PLC0415  imports pandas

        findings = check(job.folder / DRAFT, desk.portfolio.last_known_day)
        found = compare_policies(model, desk.portfolio, draft, job, progress)
        return {**found, "findings": [finding.message for finding in findings]}

    request.app.state.jobs.start(job, work)
    return RedirectResponse(f"/policy/{job.job_id}", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    caller: Caller,
    text: str,
    said: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    desk = desk_of(request)
    policy = desk.champion.now.model.policy
    return page(
        request,
        "policy.html",
        status,
        policy=policy,
        sections=_sections(policy, language_of(request)),
        names=policy_words,
        text=text,
        said=said,
        drafts=jobs.latest(desk.store, KIND, caller.name),
    )


def _sections(policy: Policy, language: Language) -> dict[str, list[tuple[str, str]]]:
    """The numbers as sections of key and value; "" are those of no section. Lists by grade stand in
    a table of their own."""
    content = policy.model_dump(mode="json", exclude_none=True)
    plain = {key: value for key, value in content.items() if not isinstance(value, dict)}
    nested = {key: value for key, value in content.items() if isinstance(value, dict)}
    sections = {"": plain, **nested}
    for left_out in ("by_grade", "master_scale"):
        sections.pop(left_out)
    return {
        name: [(key, _said(value, language)) for key, value in section.items()]
        for name, section in sections.items()
    }


def _said(value: Any, language: Language) -> str:
    """A value as its reader writes it; a rounding without an upper end is infinite, and unsaid."""
    _, say = catalogue(language).gettext, formats(language)
    if isinstance(value, list):
        return "; ".join(_said(one, language) for one in value)
    if isinstance(value, dict):
        known = {key: one for key, one in value.items() if one not in (inf, "inf")}
        names = {key: _(name) if (name := policy_words.KEYS.get(key)) else key for key in known}
        return ", ".join(f"{names[key]} {_said(one, language)}" for key, one in known.items())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return say.rewritten(f"{value:,.6g}" if abs(value) < A_MILLION else f"{value:,.0f}")
    if isinstance(value, str) and _DAY.fullmatch(value):
        return say.day(value)
    known_value = policy_words.VALUES.get(str(value))
    return _(known_value) if known_value else str(value)
