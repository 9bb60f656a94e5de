from pathlib import Path

import pytest

from serving.doctor.registry import check_registry


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
