"""Where the time of one decision goes: each stage alone, in one process, on the same buyers."""

import argparse
import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from features.build import feature_matrix
from features.facts import Keys
from features.options import CHAMPION, DEMO
from models.assessment import Assessment, assess, row_of
from models.credit_model import CreditModel
from models.decision import answer, drivers_told, topics_told
from models.limits.candidates import standing_of
from models.limits.conditions import conditions
from models.limits.limit import limits
from serving.conclude import answer_bytes
from serving.contracts import ScoreRequest
from serving.decide import Desk
from tests.bench.service import questions

ROUNDS = 5


def microseconds(work: Callable[[Any], Any], given: Sequence[Any]) -> float:
    """The least mean time of `work` on one of `given`, over some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for one in given:
            work(one)
        rounds.append((time.perf_counter() - began) / len(given))
    return 1e6 * min(rounds)


def stages(desk: Desk, bodies: Sequence[bytes]) -> dict[str, float]:
    """Microseconds of each stage, in the order of a decision; of some, what is part of them."""
    model, facts = desk.champion.now.model, desk.portfolio.facts
    requests = [ScoreRequest.model_validate_json(body) for body in bodies]
    first_time = microseconds(desk.dossiers.of, requests)
    dossiers = [desk.dossiers.of(request) for request in requests]
    for dossier in dossiers:
        desk.dossiers.archived(dossier.contents)  # as after the first decision on a buyer
    window = model.policy.hysteresis.confirmation_days
    two_days = [
        Keys(np.tile(d.keys.buyer, 2), np.concatenate([d.keys.as_of, d.keys.as_of - window]))
        for d in dossiers
    ]
    ready = [feature_matrix(facts, keys)[:, model.columns] for keys in two_days]
    asked = [{"requested_amount": r.requested_amount, "terms_days": r.terms_days} for r in requests]
    pairs = list(zip(dossiers, asked, strict=True))
    found = [assess(model, facts, d.keys, what, d.group) for d, what in pairs]
    rows = [
        (one, inputs := row_of(one.inputs, 0), standing_of(model.policy, inputs)) for one in found
    ]
    told = [(r, answer(model, facts, one, 0)) for r, one in zip(requests, found, strict=True)]

    def judge(pair: Any) -> Assessment:
        return assess(model, facts, pair[0].keys, pair[1], pair[0].group)

    return {
        "read the question": microseconds(ScoreRequest.model_validate_json, bodies),
        "find the facts": microseconds(desk.dossiers.of, requests),
        "  and pack them, the first time": first_time,
        "assess": microseconds(judge, pairs),
        "  features, today and before": microseconds(partial(feature_matrix, facts), two_days),
        "  probability and drivers": microseconds(model.default_model.drivers, ready),
        "  limit": microseconds(lambda r: limits(model.policy, r[1], r[2]), rows),
        "explain": microseconds(lambda one: answer(model, facts, one, 0), found),
        "  drivers in words": microseconds(lambda r: drivers_told(model, r[0], 0, "en"), rows),
        "  topics in money, 2^topics limits": microseconds(
            lambda r: topics_told(model, r[0], 0, r[1], r[2], "en"), rows
        ),
        "  conditions": microseconds(
            lambda r: conditions(model.policy, r[1], float(r[0].limits.limit[0]), standing=r[2]),
            rows,
        ),
        "write the answer": microseconds(lambda t: answer_bytes(t[0], "0" * 36, t[1]), told),
        "decide, all of the above": microseconds(desk.conclude, requests),
        "decide and keep, alone": _kept(desk, requests, 1),
        "decide and keep, 16 at once": _kept(desk, requests, 16),
    }


def _kept(desk: Desk, requests: Sequence[ScoreRequest], at_once: int) -> float:
    async def all_of_them() -> None:
        async def some(first: int) -> None:
            for request in requests[first::at_once]:
                await desk.decide(request, "bench")

        await asyncio.gather(*(some(first) for first in range(at_once)))

    asyncio.run(all_of_them())
    began = time.perf_counter()
    asyncio.run(all_of_them())
    return 1e6 * (time.perf_counter() - began) / len(requests)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--model", type=Path, default=CHAMPION)
    options.add_argument("--portfolio", type=Path, default=DEMO)
    given = options.parse_args()
    bodies = questions(given.portfolio, CreditModel.load(given.model)).by_id
    with TemporaryDirectory() as scratch:
        store, cache = f"sqlite:///{scratch}/store.db", Path(scratch) / "cache"
        desk = Desk.open(given.model, given.portfolio, store, cache)
        measured = stages(desk, bodies)
        desk.close()
    table = Table("stage", "µs a decision", title=f"bench stages: {len(bodies)} buyers, by id")
    for stage, time_taken in measured.items():
        table.add_row(stage, f"{time_taken:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
