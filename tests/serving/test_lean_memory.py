"""A worker holds what it needs to answer: told by what it has imported once it has answered."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.access.keys import create_key
from serving.store.store import Store

pytestmark = pytest.mark.slow
# Each takes some megabytes, and answers nothing here; pages and jobs import what they need.
NEEDLESS = (
    "pandas pyarrow.pandas_compat fpdf fontTools PIL lightgbm sklearn scipy.stats plotly polars "
    "mlflow shap pyspark alembic authlib"
)

ARROW = """
import pyarrow as pa, pyarrow.compute as pc, numpy as np
from serving.lean_memory import lean_arrow
lean_arrow()
table = pa.table({"buyer_id": ["A", None], "amount": np.array([1.0, np.nan])})
pc.equal(table["buyer_id"], "A")
assert not imported("pandas"), "before anybody needs it"
frame = table.to_pandas()
assert pa.Table.from_pandas(frame).column("buyer_id").to_pylist() == ["A", None]
assert pa.array(frame["buyer_id"]).null_count == 1
assert imported("pandas") == ["pandas"]
"""

WORKER = """
import asyncio, os, httpx
import _bentoml_impl.server.app, _bentoml_impl.worker.service
from serving.service import Encours, front
desk = Encours.inner().desk  # as BentoML makes it in a worker
asked = {"buyer_id": "B0000017", "as_of_date": "2025-06-30", "requested_amount": 50_000}
raw = {"facts": {"buyer": {"buyer_id": "X", "country": "FR"}}, "as_of_date": "2025-06-30"}

async def ask():
    key = {"Authorization": f"Bearer {os.environ['KEY']}"}
    there = httpx.ASGITransport(front)
    async with httpx.AsyncClient(base_url="http://w", transport=there, headers=key) as http:
        for path, question in (
            ("score", asked),
            ("score", raw),
            ("limits", asked),
            ("score-batch", {"requests": [asked, raw]}),
        ):
            answer = await http.post(f"/v1/{path}", json=question)
            assert answer.status_code == 200, answer.text
            assert answer.json().get("answers") or answer.json()["decision"]

asyncio.run(ask())
desk.close()
found = imported(NEEDLESS)
assert not found, found
"""


def _run(program: str, **environment: str) -> None:
    names = (
        f"import sys\nNEEDLESS = {NEEDLESS!r}\n"
        "def imported(names): return [name for name in names.split() if name in sys.modules]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", names + program],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_arrow_does_without_pandas_until_somebody_converts_a_frame() -> None:
    _run(ARROW)


def test_a_worker_that_has_answered_has_imported_nothing_needless(
    bundle: Path, tables: Path, tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    store = Store(address)
    key = create_key(store, "tests", "engine")
    store.close()
    _run(
        WORKER,
        KEY=key,
        ENCOURS_MODEL=str(bundle),
        ENCOURS_PORTFOLIO=str(tables),
        ENCOURS_STORE=address,
        ENCOURS_CACHE=str(tmp_path / "cache"),
    )
