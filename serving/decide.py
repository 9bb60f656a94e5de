"""From a question to a kept answer: find the facts, conclude, store, and only then say it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import orjson

from features.facts import Facts, Keys
from features.standing import group_use
from models.assessment import Assessment, assess
from models.counterfactual import counterfactuals
from models.cover_note import TopUp
from models.credit_model import CreditModel
from models.decision import answer
from serving.champion import Champion
from serving.contracts import ScoreRequest
from serving.intake import facts_of
from serving.portfolio import Portfolio
from serving.problems import FieldError, Problem
from serving.store.record import Record
from serving.store.store import Store, StoreUnavailable

# Past this the loaded tables say nothing: payment data is stale after a quarter.
FURTHEST = timedelta(days=92)
ASKED = ("requested_amount", "terms_days", "guarantee_amount", "retention_of_title", "surety")
RETRY_AFTER = {"Retry-After": "5"}


@dataclass(frozen=True)
class Conclusion:
    """The answer to one question, and what it was concluded from."""

    answer: dict[str, Any]
    assessment: Assessment
    facts: Facts


@dataclass(frozen=True)
class Desk:
    """The model in force, the loaded tables and the store, at one desk."""

    champion: Champion
    portfolio: Portfolio
    store: Store

    @classmethod
    def open(cls, model: Path, portfolio: Path, store: str, cache: Path) -> "Desk":
        """A desk ready to answer: bundle folder, folder of raw tables, address of the store, and a
        folder for what the workers share."""
        champion = Champion(model)
        tables = Portfolio.map(
            portfolio.resolve(), champion.now.model.policy.currency, cache.resolve()
        )
        desk = cls(champion, tables, Store(store))
        desk.warm_up()
        champion.watch()
        return desk

    def close(self) -> None:
        """Keep what waits to be kept, and stop."""
        self.champion.close()
        self.store.close()

    def warm_up(self) -> None:
        """Ready the kernels that the first request would else wait for."""
        day = self.portfolio.last_known_day
        nobody = {"buyer": {"buyer_id": "nobody", "country": "FR"}}
        self.conclude(ScoreRequest.model_validate({"as_of_date": day, "facts": nobody}))
        one = Keys(np.zeros(1, np.int64), np.array([day], "datetime64[D]").astype(np.int32))
        assess(self.champion.now.model, self.portfolio.facts, one)

    def conclude(self, request: ScoreRequest) -> Conclusion:
        """Answer without keeping, for looking at a buyer.

        Raises Problem where the buyer is unknown, a natural person, or asked about too late a day.
        """
        model = self.champion.now.model
        facts, assessment = self._assess(model, request)
        told = answer(model, facts, assessment, 0, request.language, _top_up(request))
        return Conclusion(told, assessment, facts)

    def what_would_help(self, request: ScoreRequest) -> dict[str, Any]:
        """The least the buyer can do to gain a grade or have the request covered, scored again; it
        decides and keeps nothing. Raises Problem as `conclude` does."""
        model = self.champion.now.model
        facts, assessment = self._assess(model, request)
        found, reason = counterfactuals(model, facts, assessment, 0, request.language)
        return {
            "buyer_id": str(facts.buyer_ids[assessment.keys.buyer[0]]),
            "as_of_date": str(request.as_of_date),
            "counterfactuals": found,
            "reason": reason,
            "model_version": model.version,
            "policy_version": model.policy.version,
        }

    def _assess(self, model: CreditModel, request: ScoreRequest) -> tuple[Facts, Assessment]:
        facts, keys = self._facts_and_keys(request)
        _refuse_natural_persons(facts, keys, model.policy.refused_entities)
        loaded = self.portfolio.facts
        group = None if facts is loaded else group_use(facts, keys, within=loaded)
        return facts, assess(model, facts, keys, _asked(request), group)

    async def decide(self, request: ScoreRequest, caller: str) -> bytes:
        """The answer in JSON, once it is durable. Raises Problem."""
        record = self._record(request, caller)
        await self._keep([record])
        return record.answer

    async def decide_all(self, requests: Sequence[ScoreRequest], caller: str) -> list[Any]:
        """An answer in JSON or a problem to each request, all kept in one commit."""
        outcomes = await asyncio.to_thread(self._outcomes, requests, caller)
        await self._keep([kept for kept in outcomes if isinstance(kept, Record)])
        return [
            outcome.document() if isinstance(outcome, Problem) else orjson.Fragment(outcome.answer)
            for outcome in outcomes
        ]

    def _outcomes(self, requests: Sequence[ScoreRequest], caller: str) -> list[Record | Problem]:
        outcomes: list[Record | Problem] = []
        for request in requests:
            try:
                outcomes.append(self._record(request, caller))
            except Problem as problem:
                outcomes.append(problem)
        return outcomes

    async def _keep(self, records: Sequence[Record]) -> None:
        try:
            await asyncio.wrap_future(self.store.append(records))
        except StoreUnavailable as error:
            raise Problem(
                "store-unavailable", "nothing was decided", headers=RETRY_AFTER
            ) from error

    def _record(self, request: ScoreRequest, caller: str) -> Record:
        concluded = self.conclude(request)
        decision_id = str(uuid4())
        return Record(
            decision_id=decision_id,
            decided_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            caller=caller,
            buyer_id=concluded.answer["buyer_id"],
            as_of_date=concluded.answer["as_of_date"],
            model_version=concluded.answer["model_version"],
            policy_version=concluded.answer["policy_version"],
            data_version=self.portfolio.version,
            request=request.model_dump_json(exclude_unset=True).encode(),
            features=concluded.assessment.matrix[0].tobytes(),
            answer=orjson.dumps({"decision_id": decision_id, **concluded.answer}),
        )

    def _facts_and_keys(self, request: ScoreRequest) -> tuple[Facts, Keys]:
        as_of = np.array([request.as_of_date], "datetime64[D]")
        if request.facts is not None:
            facts = facts_of(request.facts, self.portfolio.facts)
            return facts, Keys(np.zeros(1, np.int64), as_of.astype(np.int32))
        code = np.array([self._code(request)])
        return self.portfolio.facts, Keys(code, as_of.astype(np.int32))

    def _code(self, request: ScoreRequest) -> int:
        """The code of the buyer asked about, where the loaded tables can answer for that day."""
        buyer_id = request.buyer_id or ""
        code = self.portfolio.facts.code_of(buyer_id)
        if code < 0:
            near = " or ".join(self.portfolio.near(buyer_id)) or "none is near"
            remedy = f"use the id of a buyer of the loaded tables ({near}), or send its facts"
            raise Problem(
                "unknown-buyer",
                f"no buyer {buyer_id!r}: {remedy}",
                [FieldError("buyer_id", buyer_id, remedy)],
            )
        last = self.portfolio.last_known_day + FURTHEST
        if request.as_of_date > last:
            remedy = f"ask for {last} or earlier, or load newer tables: these end 92 days before"
            error = FieldError("as_of_date", str(request.as_of_date), remedy)
            raise Problem("invalid-request", f"as_of_date: {remedy}", [error])
        return code


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
