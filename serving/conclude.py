"""One question, one set of facts, one model: the answer. A decision and its replay end here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from features.facts import Facts, Keys
from features.standing import GroupUse
from models.assessment import ANEW, Assessment, assess
from models.cover_note import TopUp
from models.credit_model import CreditModel
from models.decision import answer
from serving.answers import LimitDecision
from serving.contracts import LimitRequest, ScoreRequest
from serving.declarations.apply import Override, apply
from serving.problems import FieldError, Problem, field_problem

ASKED = ("requested_amount", "terms_days", "guarantee_amount", "retention_of_title", "surety")


@dataclass(frozen=True)
class Conclusion:
    """The answer to one question, and what it was concluded from."""

    answer: dict[str, Any]
    assessment: Assessment
    facts: Facts
    overrides: Sequence[Override]

    @property
    def context(self) -> bytes:
        """What entered beside model, facts and question, as JSON: see `context_of`."""
        group = self.assessment.group
        used = {"others": int(group.others[0]), "used": float(group.used[0])}
        return orjson.dumps({"overrides": [vars(one) for one in self.overrides], "group": used})


def conclude(
    model: CreditModel,
    facts: Facts,
    keys: Keys,
    request: ScoreRequest,
    overrides: Sequence[Override] = (),
    group: GroupUse | None = None,
    *,
    anew: bool = False,
) -> Conclusion:
    """The answer on the one buyer of `keys`, with what people have overridden; `group`, where the
    other companies of its group are not among the facts, is what they use. `anew`, the limit is set
    whatever is in force: no raise waits for its confirmation.

    Raises Problem where the buyer is a natural person.
    """
    assessment = assess_one(model, facts, keys, request, group, anew=anew)
    top_up = _top_up(request)
    explained = not isinstance(request, LimitRequest)
    told = answer(model, facts, assessment, 0, request.language, top_up, explained=explained)
    told = apply(model.policy, assessment, told, overrides, request.language, top_up)
    return Conclusion(told, assessment, facts, overrides)


def assess_one(
    model: CreditModel,
    facts: Facts,
    keys: Keys,
    request: ScoreRequest,
    group: GroupUse | None = None,
    *,
    anew: bool = False,
) -> Assessment:
    """What the model holds of the one buyer of `keys`. Raises Problem as `conclude` does, and where
    the facts sent cannot be added up."""
    _refuse_natural_persons(facts, keys, model.policy.refused_entities)
    asked = _asked(request) | (ANEW if anew else {})
    try:
        return assess(model, facts, keys, asked, group)
    except ValueError as error:
        if request.facts is None:
            raise
        raise field_problem("facts", "", str(error)) from error


def context_of(content: bytes, facts: Facts) -> tuple[list[Override], GroupUse]:
    """Overrides and use of the group that entered a past decision on the one buyer of `facts`."""
    context = orjson.loads(content)
    others, used = (np.array([context["group"][name]]) for name in ("others", "used"))
    group = facts["buyers"]["group_id"][:1].astype(np.int64)
    overrides = [Override(**one) for one in context["overrides"]]
    return overrides, GroupUse(group, others, used.astype(float))


def answer_bytes(request: ScoreRequest, decision_id: str, said: dict[str, Any]) -> bytes:
    """The very bytes that answer `request`, under the id they are kept by."""
    if isinstance(request, LimitRequest):
        said = {**said, "amount": 0.0 if said["decision"] == "referred" else said["limit"]}
        said = {name: said[name] for name in LimitDecision.model_fields if name in said}
    return orjson.dumps({"decision_id": decision_id, **said})


def _asked(request: ScoreRequest) -> dict[str, Any]:
    """What the request says of the limit's inputs; what it leaves out is read from the facts."""
    given = {name: getattr(request, name) for name in ASKED}
    return {name: value for name, value in given.items() if value is not None}


def _top_up(request: ScoreRequest) -> TopUp | None:
    if request.top_up_amount is None:
        return None
    return TopUp(request.top_up_amount, int(np.datetime64(request.top_up_until, "D").astype(int)))


def _refuse_natural_persons(facts: Facts, keys: Keys, refused: Sequence[str]) -> None:
    buyers = facts["buyers"]
    label = buyers["entity_type"][buyers.start[keys.buyer[0]]]
    entity = "" if label < 0 else str(buyers.labels["entity_type"][label])
    if entity in refused:
        raise Problem(
            "natural-person",
            f"the buyer is a {entity.replace('_', ' ')}",
            [FieldError("entity_type", entity, "ask about legal entities only")],
        )
