"""The audit log and past decisions on the command line."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from encours import app
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.store.record import DECISIONS, Head


@pytest.fixture
def address(desk: Desk, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def answer(desk: Desk) -> bytes:
    request = ScoreRequest(buyer_id="B0000017", as_of_date=date(2025, 6, 30))
    return asyncio.run(desk.decide(request, "erp"))


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def said(*arguments: str) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_a_log_that_holds(address: str, answer: bytes) -> None:
    head = said("audit-log", "head", "--store", address)
    assert Head.parse(head).sequence == 1
    told = said("audit-log", "verify", "--store", address, "--noted", head)
    assert "1 decisions and 0 changes of declarations, overrides, referrals and alerts" in told
    assert head in told


def test_a_log_that_was_changed(address: str, answer: bytes, desk: Desk) -> None:
    with desk.store.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER decisions_no_update")
        connection.execute(sa.update(DECISIONS).values(caller="another"))
    done = run("audit-log", "verify", "--store", address)
    assert done.exit_code == 1
    assert "was changed" in done.output


def test_a_decision_is_made_again(address: str, answer: bytes, tmp_path: Path) -> None:
    decision_id = orjson.loads(answer)["decision_id"]
    out = tmp_path / "answer.json"
    assert "the same bytes" in said("replay", decision_id, "--store", address, "--out", str(out))
    assert out.read_bytes() == answer


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["audit-log", "verify", "--store", "sqlite:///nowhere.db"], "name it with --store"),
        (["replay", "none", "--store", "{}"], "no decision 'none'"),
        (["audit-log", "verify", "--store", "{}", "--noted", "7"], "give NUMBER:HASH"),
    ],
)
def test_a_mistake_is_told(address: str, arguments: list[str], remedy: str) -> None:
    done = run(*(word.format(address) for word in arguments))
    assert done.exit_code != 0
    assert remedy in str(done.exception)
    assert not Path("nowhere.db").exists()


def test_what_was_declared_is_exported(address: str, tables: Path, tmp_path: Path) -> None:
    out = tmp_path / "next"
    told = said("declarations", "export", str(tables), "--out", str(out), "--store", address)
    assert told.startswith("0 events among the incidents")
    assert (out / "invoices.parquet").is_file()
