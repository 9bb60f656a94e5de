"""One alert says what fired, what moved and what to do, in both languages."""

import orjson
import pytest

from models.explanation import LANGUAGES
from serving.surveillance.advice import ACTIONS, SAID, action_for
from serving.surveillance.alert import READ, READ_NOW, alert_of, stale_tables_alert
from serving.surveillance.columns import EVENT_COLUMNS
from serving.surveillance.contracts import BuyerState, Change
from serving.surveillance.rules import RULES, STALE_TABLES, Rules

LOADED = Rules.load()


@pytest.fixture
def rows(watched) -> tuple[dict, dict]:
    from serving.surveillance.snapshots import Snapshot

    runs = (watched.first, watched.second)
    both = zip(runs, (READ, READ_NOW), strict=True)
    before, after = (Snapshot(run, watched.folder / run.run_id).read(names) for run, names in both)
    return before.to_pylist()[7], after.to_pylist()[7]


@pytest.mark.parametrize("fired", range(1, 2 ** len(RULES)))
def test_every_mask_becomes_an_alert(rows: tuple[dict, dict], fired: int) -> None:
    before, after = rows
    told = alert_of("run", LOADED, before, {**after, "fired": fired})
    assert told["kind"] == told["rules"][0]
    assert len(told["rules"]) == fired.bit_count()
    assert told["action"]["code"] in ACTIONS
    for language in LANGUAGES:
        assert "{" not in told["text"][language] + told["action"][language]
    BuyerState.model_validate(told["before"])
    BuyerState.model_validate(told["after"])
    Change.model_validate(told["change"])
    assert orjson.loads(orjson.dumps(told)) == told


def test_a_raise_says_to_what_and_only_a_raise_does(rows: tuple[dict, dict]) -> None:
    before, after = rows[0], {**rows[1], "limit_in_force": 5e3, "limit_proposed": 6e3}
    told = alert_of("run", LOADED, before, {**after, "fired": 1 << RULES.index("limit_raise")})
    assert told["limit_proposed"] == 6e3
    assert told["action"]["en"].startswith("Confirm the raise to 6 000 ")
    assert "6 000 EUR au lieu de 5 000 EUR" in told["text"]["fr"]
    assert alert_of("run", LOADED, before, {**after, "fired": 1})["limit_proposed"] is None


def test_a_new_buyer_has_no_before(rows: tuple[dict, dict]) -> None:
    told = alert_of("run", LOADED, None, {**rows[1], "fired": 2})
    assert told["before"] is told["change"] is None


def test_the_same_buyer_and_run_is_the_same_alert(rows: tuple[dict, dict]) -> None:
    before, after = rows[0], {**rows[1], "fired": 2}
    ids = {alert_of(run, LOADED, before, after)["alert_id"] for run in ("a", "a", "b")}
    assert len(ids) == 2


def test_every_rule_has_words() -> None:
    assert set(SAID) == {*RULES, STALE_TABLES}
    assert stale_tables_alert("run", "2025-12-31", "2025-01-01", 364)["text"]["fr"]


def test_an_insolvency_stops_deliveries_and_an_overdue_is_collected() -> None:
    none = {**dict.fromkeys(EVENT_COLUMNS.values(), 0), "limit_in_force": 1_000.0}
    nothing = {**none, "limit_in_force": 0.0}
    assert (
        action_for(["incident"], none, {**none, "events_insolvency_opened": 1}) == "stop_deliveries"
    )
    assert action_for(["incident"], none, {**none, "events_claim": 1}) == "collect"
    assert action_for(["grade_drop", "limit_cut"], none, none) == "deliver_within_limit"
    assert action_for(["limit_cut"], none, nothing) == "no_credit"
    assert action_for(["grade_drop"], none, none) == "review"
    assert action_for(["limit_use", "limit_raise"], none, none) == "confirm_raise"
