"""The policy page: who governs sees the numbers and sets a draft against them, on every buyer."""

from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest

from models.assessment import ANEW, assess
from models.policy import Policy
from models.policy_review import diff
from serving.decide import Desk
from serving.portfolio import legal_entities
from serving.workbench.jobs import Job
from serving.workbench.portfolio_work import BUYERS

pytestmark = pytest.mark.usefixtures("jobs_folder")
Finished = Callable[[Desk, str, str], Job]


def draft(desk: Desk, old: str, new: str) -> str:
    text = desk.champion.now.model.policy.to_toml()
    assert old in text
    return text.replace(old, new).replace('version = "2026.1"', 'version = "draft"')


def test_a_draft_moves_whom_the_engine_says(client: Any, desk: Desk, finished: Finished) -> None:
    text = draft(desk, "expected_loss_budget = 3000.0", "expected_loss_budget = 300.0")
    place = client.post("/policy", data={"text": text.replace("\n", "\r\n")}).headers["location"]
    job = finished(desk, "draft", place)
    assert job.state == "done", job.result
    model, facts = desk.champion.now.model, desk.portfolio.facts
    keys = legal_entities(model.policy, facts, desk.portfolio.last_known_day)
    inputs = assess(model, facts, keys, ANEW).inputs
    expected = diff(model.policy, Policy.parse(text), inputs, facts.buyer_ids[keys.buyer])
    moves = pq.read_table(job.folder / BUYERS).to_pandas().set_index("buyer_id")
    assert moves["change"].equals(expected["change"].reindex(moves.index))
    assert job.result["moved"] == (expected["change"] != 0).sum() > 0
    page = client.get(place).text
    assert "Who moves most" in page
    largest = expected.index[0]
    assert f"/buyers/{largest}" in page
    assert client.get(f"{place}/buyers.csv").status_code == 200
    assert desk.champion.now.model.policy.version == "2026.1"


def test_nobody_moves_under_the_same_numbers(client: Any, desk: Desk, finished: Finished) -> None:
    text = desk.champion.now.model.policy.to_toml()
    place = client.post("/policy", data={"text": text}).headers["location"]
    assert finished(desk, "draft", place).result["moved"] == 0
    assert "Nobody moves" in client.get(place).text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cut_off", "cutoff", "did you mean"),
        ('currency = "EUR"', 'currency = "USD"', "keep EUR"),
        ("validity_months = 12", "validity_months = ", "TOML"),
    ],
)
def test_a_draft_that_cannot_be_used_comes_back_with_why(
    client: Any, desk: Desk, old: str, new: str, said: str
) -> None:
    text = draft(desk, old, new)
    answer = client.post("/policy", data={"text": text})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'version = "draft"' in answer.text.replace("&#34;", '"')


def test_a_draft_needs_a_version_of_its_own(client: Any, desk: Desk) -> None:
    text = draft(desk, "validity_months = 12", "validity_months = 6")
    answer = client.post("/policy", data={"text": text.replace('"draft"', '"2026.1"')})
    assert answer.status_code == 422
    assert "another name" in answer.text


@pytest.mark.parametrize("role", ["viewer", "underwriter", "data-scientist"])
def test_only_who_governs_gets_in(client: Any, desk: Desk, role: str) -> None:
    other = type(client)(desk, role)
    said = other.refused(other.get("/policy"), "forbidden")
    assert "'govern'" in said.detail
    assert 'href="/policy"' not in other.get("/model").text
    assert 'href="/policy"' in client.get("/model").text
