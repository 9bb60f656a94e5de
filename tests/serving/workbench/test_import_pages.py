"""A ledger is brought, mapped, checked and scored; its files are its owner's, and bounded."""

import csv
import gzip
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from features.ledgers.import_ledger import import_ledger
from serving.access.body_limit import LARGEST
from serving.decide import Desk
from serving.workbench import import_pages, jobs
from serving.workbench.import_work import MAPPING
from serving.workbench.jobs import Job

pytestmark = pytest.mark.usefixtures("jobs_folder")
Finished = Callable[[Desk, str, str], Job]

LEDGER = "Facture;Code client;Raison sociale;Date facture;Échéance;Montant\n" + "".join(
    f"F{n};C{n % 7};=Société {n % 7};{n % 28 + 1:02}/03/2025;{n % 28 + 1:02}/04/2025;{100 + n},50\n"
    for n in range(60)
)
BAD = "F99;C1;X;31/02/2025;01/04/2025;5,00\n"


def bring(client: Any, content: bytes | str, name: str = "grand livre.csv") -> Any:
    sent = content.encode() if isinstance(content, str) else content
    return client.post("/import", files={"file": (name, sent)})


def fields(text: str) -> dict[str, str]:
    """What the form of the mapping says before anybody corrects it."""
    found = {"table": "invoices", "dates": "day", "decimal": "", "country": "FR"}
    for part in text.split('<select name="')[1:]:
        chosen = re.search(r"<option selected>([^<]*)</option>", part.split("</select>")[0])
        if part.startswith("column.") and chosen:
            found[part.split('"')[0]] = chosen[1]
    return {**found, "currency": "EUR", "terms": "30 days", "balance_date": ""}


def test_from_a_file_to_a_scored_portfolio(
    client: Any, desk: Desk, finished: Finished, tmp_path: Path
) -> None:
    place = bring(client, LEDGER + BAD).headers["location"]
    form = client.get(place)
    assert "Which column is which" in form.text
    assert client.post(place, data=fields(form.text)).status_code == 303
    job = finished(desk, "import", place)
    assert job.state == "done", job.result
    assert (job.result["buyers"], job.result["refused"]) == (7, 1)
    report = client.get(place).text
    assert "Scored portfolio" in report
    assert "not a calendar day" in report or "not a date" in report
    refused = list(csv.DictReader(io.StringIO(client.get(f"{place}/refused.csv").text)))
    assert [(row["line"], row["column"]) for row in refused] == [("62", "issued_on")]
    scores = client.get(f"{place}/scores.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(scores)))
    assert {row["buyer_id"] for row in rows} == {f"C{n}" for n in range(7)}
    assert all(row["name"].startswith("'=") for row in rows)
    (tmp_path / MAPPING).write_bytes(client.get(f"{place}/mapping.toml").content)
    (tmp_path / "again.csv").write_text(LEDGER + BAD)
    again = import_ledger(tmp_path / MAPPING, tmp_path / "again.csv", tmp_path / "out")
    assert again.refused == 1
    assert "Which column is which" in client.get(f"{place}?again=1").text


def test_an_aged_balance_needs_its_day(client: Any, desk: Desk, finished: Finished) -> None:
    place = bring(client, "Client;Non échu;1-30;31-60\nC1;10;5;0\nC2;0;0;7\n").headers["location"]
    given = fields(client.get(place).text) | {"table": "ageing"}
    answer = client.post(place, data=given)
    assert answer.status_code == 422
    assert "Balance date" in answer.text.split('role="alert"')[1][:200]
    client.post(place, data=given | {"balance_date": "2025-12-31"})
    job = finished(desk, "import", place)
    assert (job.result["as_of_date"], job.result["buyers"]) == ("2025-12-31", 2)
    assert job.result["owed"] == 22.0


def test_a_mapping_that_gives_nothing_says_what_to_do(
    client: Any, desk: Desk, finished: Finished
) -> None:
    place = bring(client, "Facture;Client;Date;Montant\nF1;C1;soon;5\n").headers["location"]
    given = fields(client.get(place).text)
    columns = {"column.issued_on": "Date", "column.amount": "Montant"}
    client.post(place, data=given | columns)
    assert finished(desk, "import", place).state == "done"
    assert "No row could be used" in client.get(place).text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"Client;Montant\n", "no row"),
        ("a.csv.gz", gzip.compress(b"Client;Montant\nC;1\n", mtime=0), "unpack"),
        ("a.xlsx", b"PK\x03\x04 and no more", "CSV"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_nothing(
    client: Any, desk: Desk, jobs_folder: Path, name: str, content: bytes, said: str
) -> None:
    answer = bring(client, content, name)
    problem = client.refused(answer, "invalid-request")
    assert said in problem.detail
    assert str(jobs_folder) not in answer.text
    assert jobs.latest(desk.store, "import", client.name) == []
    assert list((jobs_folder / "imports").iterdir()) == []


def test_a_file_stays_in_its_own_folder(client: Any, jobs_folder: Path, desk: Desk) -> None:
    place = bring(client, LEDGER, "../../../etc/pass<b>wd\\.csv").headers["location"]
    job = jobs.find(desk.store, place.rsplit("/", 1)[-1], "import")
    assert len(job.job_id) >= 32
    files = [path for path in jobs_folder.rglob("*") if path.is_file()]
    assert [path.parent for path in files] == [job.folder / "source"]
    assert "pass<b>" not in client.get("/import").text


def test_only_who_brought_a_file_sees_it(client: Any, desk: Desk) -> None:
    place = bring(client, LEDGER).headers["location"]
    other = type(client)(desk, "risk-admin")
    for path in (place, f"{place}/mapping.toml", f"{place}/refused.csv", f"{place}/scores.csv"):
        other.refused(other.get(path), "not-found")
    for path in (place, f"{place}/remove"):
        other.refused(other.post(path, data={}), "not-found")
    assert place not in other.get("/import").text
    assert place in client.get("/import").text


def test_a_file_may_not_be_larger_than_said(client: Any) -> None:
    client.refused(bring(client, b"x" * (LARGEST + 1)), "too-large")


def test_old_imports_go_with_their_files(
    client: Any, desk: Desk, jobs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_pages, "KEPT", 2)
    places = [bring(client, LEDGER).headers["location"] for _ in range(3)]
    assert len(list((jobs_folder / "imports").iterdir())) == 2
    client.refused(client.get(places[0]), "not-found")
    client.post(f"{places[2]}/remove")
    kept = [job.job_id for job in jobs.latest(desk.store, "import", client.name)]
    assert kept == [places[1].rsplit("/", 1)[-1]]


@pytest.mark.parametrize(
    ("field", "value"),
    [("column.amount", "nowhere"), ("country", "XX"), ("terms", "soonish"), ("table", "esg")],
)
def test_a_field_that_cannot_be_used_is_named(client: Any, field: str, value: str) -> None:
    place = bring(client, LEDGER).headers["location"]
    given = fields(client.get(place).text) | {field: value}
    said = client.refused(client.post(place, data=given), "invalid-request")
    assert said.errors[0].field == field.removeprefix("column.")
