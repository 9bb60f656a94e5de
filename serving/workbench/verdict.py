"""What a person decides on the buyer page: accept, modify, refuse, refer; and the printed memo.

Accepting keeps the engine's answer. Modifying and refusing set an override first, so that the
answer that is kept holds the person's value beside the model's. Referring keeps the answer and
queues it. A referral that waits for this buyer is closed by whichever limit is decided.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from serving.access.door import Caller, needs
from serving.contracts import ScoreRequest
from serving.decide import Desk, desk_of
from serving.declarations.overrides import (
    ModelValues,
    OverrideRequest,
    check_grade,
    set_override,
    withdraw,
)
from serving.declarations.referrals import (
    Referred,
    Verdict,
    decide_referral,
    open_referrals,
    waiting,
)
from serving.problems import Problem, field_problem, of_validation
from serving.workbench.buyer import identity
from serving.workbench.language import language_of
from serving.workbench.question import ASKED, question_of

ACTIONS = ("accept", "modify", "refuse", "refer")

router = APIRouter(include_in_schema=False)


@router.post("/verdicts/{buyer_id:path}")
async def decide(
    request: Request, buyer_id: str, caller: Caller = needs("override")
) -> RedirectResponse:
    """Keep what a person decides of the buyer as asked about, and show the buyer again."""
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    desk = desk_of(request)
    day, language = desk.portfolio.last_known_day, language_of(request)
    asked = question_of(fields, buyer_id, day, language).asked
    action = fields.get("action", "")
    if action not in ACTIONS:
        raise field_problem("action", action, f"choose one of {', '.join(ACTIONS)}")
    if action in ("modify", "refuse"):
        await asyncio.to_thread(_set, desk, asked, action, fields, caller)
    kept = orjson.loads(await desk.decide(asked, caller.name))
    if action in ("accept", "refer"):
        await asyncio.to_thread(_follow, desk, action, kept, caller)
    again = {name: fields[name] for name in ("as_of", *ASKED) if fields.get(name)}
    address = f"/buyers/{quote(buyer_id, safe='')}?{urlencode({**again, 'decided': action})}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


@router.post("/overrides/{override_id}/withdraw")
async def end_override(
    request: Request, override_id: str, caller: Caller = needs("override")
) -> RedirectResponse:
    """Let the model decide again."""
    desk = desk_of(request)

    def end() -> str:
        with desk.store.writing() as connection:
            kept = withdraw(override_id, caller, connection)
        desk.known.refresh()
        return f"/buyers/{quote(kept.buyer_id, safe='')}?as_of={kept.valid_from}"

    return RedirectResponse(await asyncio.to_thread(end), HTTPStatus.SEE_OTHER)


@router.get("/decisions/{decision_id}/memo.pdf", dependencies=[needs("read")])
def print_memo(request: Request, decision_id: str) -> Response:
    """A kept decision on one page, to print and sign."""
    from serving.workbench.memo import memo  # noqa: PLC0415  20 MB of fonts and pages, seldom asked for

    desk, language = desk_of(request), language_of(request)
    record = desk.store.find(decision_id)
    if record is None:
        raise Problem("unknown-decision", f"no decision {decision_id!r}; see the buyer's history")
    code = desk.portfolio.facts.code_of(record.buyer_id)
    buyer = identity(desk.portfolio, code, language) if code >= 0 else _stranger()
    content = memo(record, orjson.loads(record.answer), buyer, language)
    named = f'inline; filename="memo-{decision_id}.pdf"'
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": named})


def _set(
    desk: Desk, asked: ScoreRequest, action: str, fields: Mapping[str, str], caller: Caller
) -> None:
    """Keep the person's limit or grade; its limit also closes a referral that waits."""
    value = {"limit": "0"} if action == "refuse" else _given(fields, "limit", "grade")
    wanted = {
        **value,
        **_given(fields, "reason", "expires_on"),
        "buyer_id": asked.buyer_id,
        "valid_from": asked.as_of_date,
    }
    try:
        request = OverrideRequest.model_validate(wanted)
    except ValidationError as error:
        raise of_validation(error) from error
    check_grade(desk.champion.now.model.policy, request.grade)
    model = ModelValues.of(desk.conclude(asked, overridden=False).answer)
    with desk.store.writing() as connection:
        referral_id = waiting(connection, request.buyer_id)
        if referral_id and request.limit is not None:
            verdict = Verdict(**request.model_dump(exclude={"buyer_id", "grade"}))
            decide_referral(referral_id, verdict, caller, connection)
        else:
            set_override(request, model, caller, connection)
    desk.known.refresh()


def _follow(desk: Desk, action: str, kept: Mapping[str, Any], caller: Caller) -> None:
    """After the engine's answer was kept: queue it, or close what waited for it."""
    with desk.store.writing() as connection:
        referral_id = waiting(connection, kept["buyer_id"])
        if action == "refer" and kept["decision"] != "referred":
            open_referrals([Referred.of(kept["decision_id"], kept)], connection)
        elif action == "accept" and referral_id:
            verdict = Verdict(
                limit=kept["limit"],
                reason="accepted as the engine holds",
                valid_from=kept["as_of_date"],
                expires_on=kept["valid_until"],
            )
            decide_referral(referral_id, verdict, caller, connection)
    desk.known.refresh()


def _given(fields: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: fields[name] for name in names if fields.get(name)}


def _stranger() -> dict[str, Any]:
    """A buyer whose facts were sent, and are in no loaded table."""
    return dict.fromkeys(
        ("name", "country_name", "sector", "section", "legal_form", "group_id"), ""
    )
