"""The example of a client does what it says, with BentoML's own client over the wire."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_bentomls_own_client_asks_and_is_answered(service: str, service_key: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "serving.client", service, service_key],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    score, limit, twice, again, refused = done.stdout.splitlines()
    assert score.startswith("grade")
    assert " EUR until 20" in limit
    assert twice == "sent twice, decided once: True"
    assert again == "made again: the same bytes"
    assert refused.startswith("404 ")
