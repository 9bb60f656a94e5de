"""The list says what pandas would, sorted, filtered, searched and paged."""

import pandas as pd
import pytest

from serving.surveillance.listing import page
from serving.surveillance.snapshots import SEARCHABLE, Snapshot, latest


@pytest.fixture(scope="module")
def snapshot(watched) -> Snapshot:
    return latest(watched.store, watched.folder)


@pytest.fixture(scope="module")
def frame(snapshot: Snapshot) -> pd.DataFrame:
    return snapshot.table.to_pandas()


def ids(found) -> list[str]:
    return [row["buyer_id"] for row in found.rows]


@pytest.mark.parametrize("column", ["default_probability", "log_odds_change", "grade", "name"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_are_the_sorted_whole(snapshot, frame, column: str, sign: str) -> None:
    expected = frame.sort_values(column, ascending=not sign, kind="stable", na_position="last")
    found = [
        buyer
        for start in range(0, len(frame), 50)
        for buyer in ids(page(snapshot, sort=sign + column, start=start))
    ]
    assert found == expected["buyer_id"].tolist()


def test_filters_meet(snapshot, frame) -> None:
    found = page(
        snapshot,
        equals={"country": "FR", "sector": "C"},
        at_least={"default_probability": 0.01},
        at_most={"limit_use": 2.0},
        most=1000,
    )
    expected = frame[
        (frame["country"] == "FR")
        & frame["sector"].fillna("").str.startswith("C")
        & (frame["default_probability"] >= 0.01)
        & (frame["limit_use"] <= 2.0)
    ]
    assert ids(found) == expected["buyer_id"].tolist()
    assert found.total == len(expected) > 0


@pytest.mark.parametrize("typed", ["electricite", " ÉLECTRICITÉ", "odd-name"])
def test_a_search_knows_no_accents_and_no_case(snapshot, typed: str) -> None:
    assert ids(page(snapshot, search=typed)) == ["ODD-NAME"]


def test_a_search_is_no_pattern(snapshot) -> None:
    assert page(snapshot, search=".*").total == 0


def test_what_is_searched_is_not_shown(snapshot) -> None:
    assert SEARCHABLE not in page(snapshot, most=1).rows[0]


def test_beyond_the_end_is_an_empty_page(snapshot, frame) -> None:
    found = page(snapshot, start=10_000)
    assert (found.rows, found.total) == ([], len(frame))


@pytest.mark.parametrize(
    "how", [{"sort": "-rank"}, {"equals": {"rank": "1"}}, {"sort": SEARCHABLE}]
)
def test_an_unknown_column_is_named(snapshot, how) -> None:
    with pytest.raises(ValueError, match="no column"):
        page(snapshot, **how)
