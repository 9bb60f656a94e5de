"""The portfolio adds up, is searched and sorted on the server, and leaves as a spreadsheet."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from serving.decide import Desk
from serving.problems import Problem
from serving.surveillance.runs import finished
from serving.surveillance.snapshots import Snapshot, latest
from serving.workbench import overview
from serving.workbench.portfolio_filter import PortfolioFilter

Reader = Callable[..., Any]


def test_segments_and_migration_add_up_to_the_whole(surveyed: Desk) -> None:
    snapshot = latest(surveyed.store)
    assert snapshot is not None
    first = finished(surveyed.store)[-1]
    before = Snapshot(first, snapshot.folder.with_name(first.run_id))
    whole = overview.totals(snapshot)
    rows = snapshot.read(("open_amount", "limit_in_force", "expected_loss")).to_pandas()
    assert whole["exposure"] == pytest.approx(rows["open_amount"].clip(lower=0).sum())
    assert whole["limit_in_force"] == pytest.approx(rows["limit_in_force"].sum())
    for by in ("grade", "sector", "country"):
        parts = overview.segments(snapshot.folder, by)
        for name in ("buyers", *overview.SUMS):
            assert sum(part[name] for part in parts) == pytest.approx(whole[name])
    grades = surveyed.champion.now.model.policy.master_scale.names
    counts = np.array(overview.migration(before.folder, snapshot.folder, grades))
    assert counts.sum() == len(rows)
    now = {row["key"]: row["buyers"] for row in overview.segments(snapshot.folder, "grade")}
    assert counts.sum(axis=0).tolist() == [now.get(name, 0) for name in grades]
    found = overview.month_before(surveyed.store, snapshot)
    assert found is not None
    assert found.run == before.run
    assert overview.month_before(surveyed.store, before) is None


def test_concentration_is_that_of_the_exposures(surveyed: Desk) -> None:
    snapshot = latest(surveyed.store)
    assert snapshot is not None
    amounts = snapshot.read(("open_amount",))["open_amount"].to_pandas().clip(lower=0).fillna(0)
    shares = (amounts / amounts.sum()).sort_values(ascending=False)
    found = {row["by"]: row for row in overview.concentration(snapshot.folder)}
    assert found["buyer"]["index"] == pytest.approx((shares**2).sum())
    assert found["buyer"]["largest"][5] == pytest.approx(shares.head(5).sum())
    assert found["country"]["index"] >= found["buyer"]["index"]


def test_the_overview_shows_it(reader: Reader) -> None:
    text = reader("viewer").get("/portfolio").text
    for words in ("By grade", "Migration", "Concentration", "Largest expected losses"):
        assert words in text


def test_buyers_are_searched_filtered_sorted_and_paged(reader: Reader) -> None:
    client = reader("viewer")
    everyone = client.get("/portfolio/buyers").text
    assert re.search(r"Page 1 of \d", everyone)
    one = client.get("/portfolio/buyers?q=b0000017").text
    assert "1 buyers" in one
    assert 'href="/buyers/B0000017"' in one
    ordered = client.get("/portfolio/buyers?sort=-open_amount").text
    assert 'aria-sort="descending"' in ordered
    assert "No buyer fits" in client.get("/portfolio/buyers?q=nobody-is-called-this").text
    assert client.get("/portfolio/buyers?page=999").status_code == 200
    assert client.get("/portfolio/buyers?sort=password").status_code == 200


def test_a_bound_that_is_no_number_is_explained(reader: Reader) -> None:
    client = reader("viewer")
    for bound in ("x", "nan", "inf", "1e400"):
        said = client.refused(client.get(f"/portfolio/buyers?owed_from={bound}"), "invalid-request")
        assert said.errors[0].field == "owed_from"


def test_a_filter_reads_its_own_address() -> None:
    asked = PortfolioFilter.of({"q": " x ", "use_from": "50", "sort": "-limit_use", "no": "1"})
    assert asked.fields == {"q": "x", "use_from": "50"}
    assert asked.query == "q=x&use_from=50&sort=-limit_use"
    assert asked.asked["at_least"] == {"limit_use": 0.5}
    assert asked.sorted_by("limit_use").endswith("sort=limit_use")
    assert asked.sorted_by("name").endswith("sort=name")
    with pytest.raises(Problem):
        PortfolioFilter.of({"probability_to": "high"})


def test_the_export_holds_every_match(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.workbench.portfolio_pages.LINES_AT_ONCE", 7)
    client = reader("viewer")
    answer = client.get("/portfolio/buyers.csv?country=FR&sort=buyer_id")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["country"] for row in rows} == {"FR"}
    ids = [row["buyer_id"] for row in rows]
    assert len(ids) > 14
    assert ids == sorted(set(ids))


def test_a_filter_is_saved_found_and_removed(reader: Reader) -> None:
    client = reader("viewer")
    kept = {"name": "French", "query": "country=FR&sort=-limit_use"}
    answer = client.post("/portfolio/filters", data=kept)
    assert answer.headers["location"] == "/portfolio/buyers?country=FR&sort=-limit_use"
    page = client.get(answer.headers["location"]).text
    assert "French" in page
    assert 'aria-current="true">French' in page
    assert "French" not in reader("viewer").get("/portfolio/buyers").text
    client.post("/portfolio/filters/remove", data={"name": "French"})
    assert "none yet" in client.get("/portfolio/buyers").text


@pytest.mark.parametrize("path", ["/portfolio", "/portfolio/buyers", "/alerts"])
def test_without_a_run_the_page_says_how_to_make_one(client: Any, path: str) -> None:
    assert "encours surveil" in client.get(path).text
    assert client.get("/portfolio/buyers.csv").status_code == 303
