"""From a question to a kept answer: find the facts, conclude, store, and only then say it."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import orjson
from starlette.requests import Request

from features.facts import Keys
from models.assessment import assess
from models.counterfactual import counterfactuals
from serving.champion import Champion, InForce
from serving.code_version import code_version
from serving.conclude import Conclusion, answer_bytes, assess_one, conclude
from serving.contracts import LimitRequest, ScoreRequest
from serving.declarations.known import Known
from serving.declarations.referrals import Referred, open_referrals
from serving.dossier import Dossier, Dossiers
from serving.lean_memory import give_back
from serving.peers import Peers
from serving.portfolio import Portfolio
from serving.problems import Problem, store_unavailable
from serving.store.record import Entry, Outdated, Record, StoreUnavailable
from serving.store.repeats import Key, KeyReused
from serving.store.store import Store


@dataclass(frozen=True)
class Draft:
    """A decision as it will be kept, with what the archive may lack of what it was made from.

    `referred` is what a person must decide, where it must."""

    record: Record
    contents: Mapping[str, bytes]
    revision: int
    referred: Referred | None


class Desk:
    """The model in force, the loaded tables and the store, at one desk."""

    def __init__(self, champion: Champion, portfolio: Portfolio, store: Store) -> None:
        self.champion = champion
        self.portfolio = portfolio
        self.store = store
        # One at a time: more would wait for the interpreter, with all they have made in memory.
        self._batches = ThreadPoolExecutor(1, "batches")
        self.known = Known(store)
        self.dossiers = Dossiers(portfolio, self.known)
        self.peers = Peers(portfolio.facts, champion.now.model.policy.refused_entities)

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
        gc.freeze()  # what is loaded stays: the collector need not walk it again and again
        champion.watch()
        return desk

    def close(self) -> None:
        """Keep what waits to be kept, and stop."""
        self.champion.close()
        self.store.close()

    def warm_up(self) -> None:
        """Ready the kernels that the first request would else wait for."""
        code_version()
        day = self.portfolio.last_known_day
        nobody = {"buyer": {"buyer_id": "nobody", "country": "FR"}}
        self.conclude(ScoreRequest.model_validate({"as_of_date": day, "facts": nobody}))
        first = Keys.on(day, np.zeros(1, np.int64))
        assess(self.champion.now.model, self.portfolio.facts, first)

    def conclude(self, request: ScoreRequest, *, overridden: bool = True) -> Conclusion:
        """Answer without keeping, for looking at a buyer; not `overridden`, as the model alone.

        Raises Problem where the buyer is unknown, a natural person, or asked about too late a day.
        """
        self.known.refresh()
        dossier = self.dossiers.of(request)
        if not overridden:
            dossier = replace(dossier, overrides=())
        return _conclude(self.champion.now, dossier, request)

    def what_would_help(self, request: ScoreRequest) -> dict[str, Any]:
        """The least the buyer can do to gain a grade or have the request covered, scored again; it
        decides and keeps nothing. Raises Problem as `conclude` does."""
        self.known.refresh()
        model, dossier = self.champion.now.model, self.dossiers.of(request)
        facts = dossier.facts
        assessment = assess_one(model, facts, dossier.keys, request, dossier.group)
        found, reason = counterfactuals(model, facts, assessment, 0, request.language)
        return {
            "buyer_id": str(facts.buyer_ids[assessment.keys.buyer[0]]),
            "as_of_date": str(request.as_of_date),
            "counterfactuals": found,
            "reason": reason,
            "model_version": model.version,
            "policy_version": model.policy.version,
        }

    async def decide(self, request: ScoreRequest, caller: str, key: Key | None = None) -> bytes:
        """The answer in JSON, once it is durable; the earlier one where `key` came before. Raises
        Problem."""

        async def attempt() -> bytes:
            draft = self._draft(request, caller)
            return await self._keep([draft], key, draft.record.answer)

        return await self._once(key, attempt)

    async def decide_all(
        self, requests: Sequence[ScoreRequest], caller: str, key: Key | None = None
    ) -> bytes:
        """A JSON object whose `answers` hold an answer or a problem to each request; all are kept
        in one commit. Raises Problem where that fails, or `key` came with another question."""

        async def attempt() -> bytes:
            made = self._batches.submit(self._outcomes, requests, caller)
            outcomes = await asyncio.wrap_future(made)
            answers = [
                outcome.document()
                if isinstance(outcome, Problem)
                else orjson.Fragment(outcome.record.answer)
                for outcome in outcomes
            ]
            drafts = [draft for draft in outcomes if isinstance(draft, Draft)]
            return await self._keep(drafts, key, orjson.dumps({"answers": answers}))

        answers = await self._once(key, attempt)
        self._batches.submit(give_back)
        return answers

    async def _once(self, key: Key | None, attempt: Callable[[], Awaitable[bytes]]) -> bytes:
        """What `attempt` answers, tried again where its buyer was declared of in the meantime."""
        try:
            if key and (earlier := await asyncio.to_thread(self.store.answered, key)):
                return earlier
            while True:
                if self.store.revision > self.known.revision:
                    await asyncio.to_thread(self.known.refresh)
                try:
                    return await attempt()
                except Outdated:
                    await asyncio.to_thread(self.known.refresh)
        except StoreUnavailable as error:
            raise store_unavailable("nothing was decided") from error
        except KeyReused as error:
            raise Problem("key-reused", str(error)) from error

    def _outcomes(self, requests: Sequence[ScoreRequest], caller: str) -> list[Draft | Problem]:
        outcomes: list[Draft | Problem] = []
        for request in requests:
            try:
                outcomes.append(self._draft(request, caller))
            except Problem as problem:
                outcomes.append(problem)
        return outcomes

    async def _keep(self, drafts: Sequence[Draft], key: Key | None, answer: bytes) -> bytes:
        """`answer` once it is durable with all it was made from, or the earlier one to `key`."""
        contents = {digest: one for draft in drafts for digest, one in draft.contents.items()}
        referred = [draft.referred for draft in drafts if draft.referred]
        entry = Entry(
            [draft.record for draft in drafts],
            contents,
            revision=min((draft.revision for draft in drafts), default=None),
            also=partial(open_referrals, referred) if referred else None,
            key=key,
            answer=answer,
        )
        earlier = await asyncio.wrap_future(self.store.keep(entry))
        if earlier is not None:
            return earlier
        self.dossiers.archived(contents)
        return answer

    def _draft(self, request: ScoreRequest, caller: str) -> Draft:
        in_force, dossier = self.champion.now, self.dossiers.of(request)
        concluded = _conclude(in_force, dossier, request)
        record = self._record(request, caller, in_force, dossier, concluded)
        contents = {**dossier.contents, **self.dossiers.lacking(in_force.digest, in_force.content)}
        referred = concluded.answer["decision"] == "referred"
        return Draft(
            record,
            contents,
            dossier.revision,
            Referred.of(record.decision_id, concluded.answer) if referred else None,
        )

    def _record(
        self,
        request: ScoreRequest,
        caller: str,
        in_force: InForce,
        dossier: Dossier,
        concluded: Conclusion,
    ) -> Record:
        decision_id, said = str(uuid4()), concluded.answer
        return Record(
            decision_id=decision_id,
            decided_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            caller=caller,
            buyer_id=said["buyer_id"],
            as_of_date=said["as_of_date"],
            model_version=said["model_version"],
            policy_version=said["policy_version"],
            data_version=self.portfolio.version,
            request=request.model_dump_json(exclude_unset=True).encode(),
            features=concluded.assessment.matrix[0].tobytes(),
            answer=answer_bytes(request, decision_id, said),
            operation="limits" if isinstance(request, LimitRequest) else "score",
            code_version=code_version(),
            bundle=in_force.digest,
            shared=dossier.shared_digest,
            facts=dossier.facts_digest,
            context=concluded.context,
            drivers=concluded.assessment.contributions[0].tobytes(),
        )


def _conclude(in_force: InForce, dossier: Dossier, request: ScoreRequest) -> Conclusion:
    facts, keys = dossier.facts, dossier.keys
    return conclude(in_force.model, facts, keys, request, dossier.overrides, dossier.group)


def desk_of(request: Request) -> Desk:
    """The desk that the application of a request asks."""
    desk: Desk = request.app.state.desk
    return desk
