"""The real service, as an ERP and a supervisor meet it: over the wire, two workers."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from bentoml.serving import ensure_prometheus_dir

from serving.answers import Decision
from serving.api.examples import EVENT, OVERRIDE
from serving.problems import KINDS
from serving.workbench.headers import HEADERS

pytestmark = pytest.mark.slow
ASKED = {"buyer_id": "B0000017", "as_of_date": "2025-06-30"}


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_as_bentoml_tells_it(service: str, path: str) -> None:
    answer = httpx.get(service + path)
    assert answer.status_code == 200
    assert set(map(str.lower, HEADERS)) <= set(answer.headers)
    refused = httpx.post(service + path)
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"


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


def test_what_bentomls_client_learns_lets_nobody_in(service: str) -> None:
    for path in ("/v1/score", "/v1/score-batch", "/v1/limits"):
        assert httpx.post(service + path, json=ASKED).status_code == 401


@pytest.mark.parametrize(("path", "status"), [("/v1/limits", 200), ("/v1/claims", 201)])
def test_duplicates_at_one_moment_on_two_workers_are_one_write(
    service: str, service_key: str, path: str, status: int
) -> None:
    asked = {**ASKED, "requested_amount": 50_000} if path == "/v1/limits" else EVENT
    headers = {"Authorization": f"Bearer {service_key}", "Idempotency-Key": f"once{path}"}

    async def ask_all() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=service, headers=headers, timeout=60) as http:
            return await asyncio.gather(*(http.post(path, json=asked) for _ in range(24)))

    answers = asyncio.run(ask_all())
    assert {answer.status_code for answer in answers} == {status}
    assert len({answer.content for answer in answers}) == 1


def test_what_one_worker_acknowledged_the_other_knows(http: httpx.Client) -> None:
    asked = {"buyer_id": "B0000018", "as_of_date": "2025-06-30"}
    assert http.post("/v1/score", json=asked).json()["limit"] != 12_345
    override = {**OVERRIDE, "buyer_id": "B0000018", "limit": 12_345}
    assert http.post("/v1/overrides", json=override).status_code == 201
    answers = [
        http.post("/v1/score", json=asked, headers={"Connection": "close"}) for _ in range(16)
    ]
    assert {answer.json()["limit"] for answer in answers} == {12_345}


def test_metrics_are_those_of_all_workers_by_route(http: httpx.Client) -> None:
    for path in ("/v1/decisions/a", "/v1/decisions/b"):
        http.get(path)
    metrics = http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=")
    assert 'route="decision",status="404"' in metrics.text
    assert "/v1/decisions/a" not in metrics.text


def test_metrics_survive_another_service_that_starts(
    http: httpx.Client, service_folder: Path
) -> None:
    """BentoML empties the folder of all services of one home whenever one of them starts."""
    http.get("/v1/models")
    ensure_prometheus_dir(str(service_folder / "home" / "prometheus_multiproc_dir"))
    assert 'route="models",status="200"' in http.get("/metrics").text


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
