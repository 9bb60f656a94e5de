"""The real service, as an ERP and a supervisor meet it: over the wire, two workers."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from serving.contracts import Decision
from serving.problems import KINDS

pytestmark = pytest.mark.slow
ASKED = {"buyer_id": "B0000017", "as_of_date": "2025-06-30"}


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_as_bentoml_tells_it(service: str, path: str) -> None:
    assert httpx.get(service + path).status_code == 200


def test_a_decision_over_the_wire_is_kept(http: httpx.Client) -> None:
    answer = http.post("/score", json=ASKED)
    content = Decision.model_validate_json(answer.content)
    kept = http.get(f"/v1/decisions/{content.decision_id}")
    assert answer.content in kept.content


def test_many_at_once_are_answered_alike_by_all_workers(service: str, service_key: str) -> None:
    async def ask_all() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=16)
        async with httpx.AsyncClient(
            base_url=service,
            headers={"Authorization": f"Bearer {service_key}"},
            limits=limits,
            timeout=60,
        ) as http:
            return await asyncio.gather(*(http.post("/score", json=ASKED) for _ in range(100)))

    answers = [answer.json() for answer in asyncio.run(ask_all())]
    assert len({answer.pop("decision_id") for answer in answers}) == 100
    assert all(answer == answers[0] for answer in answers)


def test_metrics_are_those_of_all_workers_by_route(http: httpx.Client) -> None:
    for path in ("/v1/decisions/a", "/v1/decisions/b"):
        http.get(path)
    metrics = http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=")
    assert 'route="decision",status="404"' in metrics.text
    assert "/v1/decisions/a" not in metrics.text


@pytest.mark.parametrize(("path", "kind"), [("/none", "not-found"), ("/docs.json", "not-found")])
def test_other_addresses_are_problems(http: httpx.Client, path: str, kind: str) -> None:
    answer = http.get(path)
    assert answer.status_code == KINDS[kind].status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_page(http: httpx.Client) -> None:
    answer = http.get("/buyers/B0000017")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default within 12 months" in answer.text


def test_the_supervisor_imports_no_model() -> None:
    program = (
        "import sys, serving.service; "
        "print({'numba', 'pyarrow', 'pandas', 'lightgbm', 'mlflow', 'shap'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"
