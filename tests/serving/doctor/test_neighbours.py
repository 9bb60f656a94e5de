"""A provider that people cannot sign in through is told before they try."""

from pathlib import Path

import pytest

from serving.doctor.neighbours import check_provider, check_registry
from tests.serving.access.openid_provider import Provider, serving


def test_none_is_asked_where_none_is_configured() -> None:
    assert check_provider("") == []


def test_one_that_answers_is_well_and_another_is_not() -> None:
    with serving(Provider({})) as provider:
        (well,) = check_provider(provider.issuer)
        (elsewhere,) = check_provider(provider.issuer + "/tenant")
    assert well.level == "ok"
    assert (elsewhere.level, "calls itself" in elsewhere.says) == ("error", True)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "https://"])
def test_one_that_is_not_there_is_an_error(issuer: str) -> None:
    (told,) = check_provider(issuer)
    assert told.level == "error"
    assert "ENCOURS_OIDC_ISSUER" in told.remedy


def test_a_file_is_there_or_not_yet(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/mlflow.db"
    assert check_registry(address).level == "warning"
    (tmp_path / "mlflow.db").touch()
    assert check_registry(address).level == "ok"


def test_a_server_that_does_not_answer_is_a_warning() -> None:
    finding = check_registry("http://127.0.0.1:9")
    assert finding.level == "warning"
    assert "MLFLOW_TRACKING_URI" in finding.remedy


@pytest.mark.slow
def test_one_that_answers_something_else_is_told(service: str) -> None:
    assert "answers 404" in check_registry(service).says
