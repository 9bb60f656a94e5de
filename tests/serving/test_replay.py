"""Any past answer comes back byte for byte, whatever became of the model and the tables."""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from models.policy import Policy
from serving import replay as replaying
from serving.api.examples import BY_FACTS
from serving.champion import Champion
from serving.contracts import LimitRequest, ScoreRequest
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.problems import Problem
from serving.replay import find, replay
from serving.store.archive import ARCHIVE
from serving.store.store import Store

DAY = date(2025, 6, 30)
ASKED = {"as_of_date": DAY, "requested_amount": 50_000, "terms_days": 45}


def kept(desk: Desk, request: ScoreRequest) -> str:
    return str(orjson.loads(asyncio.run(desk.decide(request, "erp")))["decision_id"])


def test_every_kind_of_buyer_is_replayed_to_the_same_bytes(desk: Desk) -> None:
    refused = desk.champion.now.model.policy.refused_entities
    for code, buyer_id in enumerate(desk.portfolio.facts.buyer_ids.tolist()):
        if desk.portfolio.text("entity_type", code) not in refused:
            decision_id = kept(desk, ScoreRequest(buyer_id=buyer_id, **ASKED, language="fr"))
            again = replay(desk.store, find(desk.store, decision_id))
            assert again.identical, (buyer_id, again.explanation)
            assert again.explanation == "the same bytes"


@pytest.mark.parametrize(
    "request_",
    [
        LimitRequest(buyer_id="B0000017", **ASKED),
        LimitRequest.model_validate(BY_FACTS),
        ScoreRequest.model_validate(BY_FACTS),
    ],
    ids=["limits by id", "limits by facts", "score by facts"],
)
def test_every_way_to_ask_is_replayed(desk: Desk, request_: ScoreRequest) -> None:
    assert replay(desk.store, find(desk.store, kept(desk, request_))).identical


def test_a_replay_needs_the_store_alone(
    bundle: Path, portfolio: Portfolio, address: str, credit_model: Any, tmp_path: Path
) -> None:
    """Another model serves, and the tables are gone: the archive has what was."""
    store = Store(address)
    desk = Desk(Champion(bundle), portfolio, store)
    decision_id = kept(desk, ScoreRequest(buyer_id="B0000017", **ASKED))
    changed = {"version": "2027.1", "validity_months": 6}
    dearer = Policy.model_validate({**credit_model.policy.model_dump(), **changed})
    credit_model.with_policy(dearer).save(tmp_path / "champion")
    other = Desk(Champion(tmp_path / "champion"), portfolio, store)
    later = kept(other, ScoreRequest(buyer_id="B0000017", **ASKED))
    store.close()

    store = Store(address)
    first, second = (replay(store, find(store, one)) for one in (decision_id, later))
    assert first.identical
    assert second.identical
    assert first.record.bundle != second.record.bundle
    assert first.record.facts == second.record.facts
    store.close()


def test_what_is_equal_is_archived_once(desk: Desk) -> None:
    for buyer_id in ("B0000017", "B0000017", "B0000018", "B0000017"):
        kept(desk, ScoreRequest(buyer_id=buyer_id, **ASKED))
    fresh = Desk(desk.champion, desk.portfolio, desk.store)  # as another worker
    kept(fresh, ScoreRequest(buyer_id="B0000017", **ASKED))
    with desk.store.reading() as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(ARCHIVE)).scalar()
    assert count == 4  # a bundle, the shared tables, two buyers
    assert desk.store.verify().sequence == 5


def test_a_difference_is_explained(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    record = find(desk.store, kept(desk, ScoreRequest(buyer_id="B0000017", **ASKED)))
    said = orjson.dumps({**orjson.loads(record.answer), "limit": 1.0, "grade": "A"})
    altered = replay(desk.store, replace(record, answer=said))
    assert not altered.identical
    assert altered.explanation == "differs in grade, limit"
    monkeypatch.setattr(replaying, "code_version", lambda: "new")
    assert "replayed by new" in replay(desk.store, replace(record, answer=said)).explanation


def test_what_cannot_be_replayed_is_said(desk: Desk) -> None:
    with pytest.raises(Problem) as raised:
        find(desk.store, "none")
    assert raised.value.kind == "unknown-decision"
    record = find(desk.store, kept(desk, ScoreRequest(buyer_id="B0000017", **ASKED)))
    older = replace(record, bundle=None)
    with pytest.raises(Problem, match="the model") as raised:
        replay(desk.store, older)
    assert raised.value.kind == "not-replayable"
