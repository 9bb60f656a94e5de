"""Whatever is sent, the service keeps to its document: schemathesis, with all its checks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from serving.access.keys import create_key
from serving.api.app import create_app
from serving.champion import Champion
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.store.store import Store

BRIEFLY = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
# What JSON Schema cannot say, and a sound question may break all the same.
BEYOND_SCHEMAS = (
    "Input should be",  # a day in our time
    "before",  # days in order
    "still to come",
    "ask for",  # a day that the tables know of
    "occurs twice",
    "is no invoice",
    "is no cursor",
    "is no grade",
    "together",
    "legal entities only",
    "add up to more",  # than cents can be counted
    "came before with another question",  # the same idempotency key
)


@pytest.fixture(scope="module")
def schema(
    bundle: Path, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('contract')}/store.db")
    key = create_key(store, "schemathesis", "risk-admin")
    desk = Desk(Champion(bundle), portfolio, store)
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(desk))
    _accept_422(schema)
    schema.key = key
    yield schema
    store.verify()  # nothing was half written
    store.close()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_operation_keeps_to_the_contract(schema: Any, mode: GenerationMode) -> None:
    """Sound questions and unsound ones: no 5xx, no undocumented status, no answer that differs."""
    _ask_everything(schema, mode, schema.key, BRIEFLY)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_so_does_the_real_service(service: str, service_key: str, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{service}/openapi.json")
    _accept_422(schema)
    _ask_everything(schema, mode, service_key, settings(BRIEFLY, max_examples=3))


def _ask_everything(schema: Any, mode: GenerationMode, key: str, how: settings) -> None:
    bearer = {"Authorization": f"Bearer {key}"}
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 15
    for operation in operations:

        @how
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps(case: Case) -> None:
            assume(_sent_whole(case))
            answer = case.call_and_validate(headers=bearer)
            if mode is GenerationMode.POSITIVE and answer.status_code == 422:
                problem = answer.json()
                remedies = [error["remedy"] for error in problem["errors"]] or [problem["detail"]]
                assert any(word in one for one in remedies for word in BEYOND_SCHEMAS), problem

        try:
            keeps()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # nothing to get wrong


def _sent_whole(case: Case) -> bool:
    """Whether every query parameter is sent: null and empty ones have no form to be sent in."""
    return all(value not in (None, [], {}) for value in (case.query or {}).values())


def _accept_422(schema: Any) -> None:
    accepted = schema.config.checks.positive_data_acceptance
    accepted.expected_statuses = [*accepted.expected_statuses, "422"]
