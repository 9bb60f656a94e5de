"""The example of a client does what it says, with BentoML's own client over the wire."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_readme_shows_it_as_it_is() -> None:
    _, code = (ROOT / "serving/client.py").read_text("utf-8").split('"""\n\n', 1)
    assert f"```python\n{code}```" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_bentomls_own_client_asks_and_is_answered(service: str, service_key: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "serving.client", service, service_key],
        cwd=ROOT,
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
