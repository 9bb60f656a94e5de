import numpy as np
import pytest

from features.incidents import FEATURES, KINDS

AS_OF = "2024-06-30"
MONTH = 365.25 / 12


def event(kind: str | None, on: str, **more: object) -> dict[str, object]:
    return {"kind": kind, "event_date": on} | more


def test_events_are_counted_by_kind_and_window(features_of):
    events = [
        event("claim", "2024-06-30"),
        event("claim", "2023-07-02"),  # 364 days old
        event("claim", "2023-07-01"),  # 365 days: no longer within twelve months
        event("claim", "2021-07-01"),  # 1095 days: out of every window
        event("judgment", "2022-12-31"),
    ]
    got = features_of(AS_OF, incidents=events)
    assert [got[f"claim_{m}m"] for m in (12, 24, 36)] == [2, 3, 3]
    assert [got[f"judgment_{m}m"] for m in (12, 24, 36)] == [0, 1, 1]
    assert got["months_since_claim"] == 0
    assert got["months_since_judgment"] == pytest.approx(547 / MONTH)
    assert np.isnan(got["months_since_insolvency_opened"])


def test_an_event_counts_from_its_publication_and_is_dated_by_its_event(features_of):
    events = [event("judgment", "2024-01-31", known_on="2024-06-30")]
    assert features_of("2024-06-29", incidents=events)["judgment_12m"] == 0
    got = features_of("2024-06-30", incidents=events)
    assert got["judgment_12m"] == 1
    assert got["months_since_judgment"] == pytest.approx(151 / MONTH)


@pytest.mark.parametrize("kind", KINDS)
def test_contested_events_are_counted_apart(features_of, kind):
    got = features_of(AS_OF, incidents=[event(kind, "2024-05-31", disputed=True)])
    assert got["disputed_incidents_12m"] == 1
    assert got[f"{kind}_12m"] == 0
    assert got["in_default"] == 0
    assert got["insolvency_open"] == (kind == "insolvency_opened")


@pytest.mark.parametrize("kind", ["claim", "protracted_default"])
def test_default_lasts_until_its_cure_is_known(features_of, kind):
    events = [event(kind, "2023-01-31"), event("cure", "2024-03-31", known_on="2024-04-15")]
    assert features_of("2024-04-14", incidents=events)["in_default"] == 1
    got = features_of("2024-04-15", incidents=events)
    assert got["in_default"] == 0
    assert got["uncured_incidents"] == 0
    assert got["months_since_cure"] == pytest.approx(15 / MONTH)


def test_a_default_after_the_cure_is_a_new_one(features_of):
    events = [event("claim", "2023-01-31"), event("cure", "2023-06-30")]
    events += [event("claim", "2023-09-30")]
    got = features_of(AS_OF, incidents=events)
    assert (got["in_default"], got["uncured_incidents"]) == (1, 1)


def test_insolvency_stays_open_until_cured(features_of):
    opened = [event("insolvency_opened", "2020-01-31")]
    assert features_of(AS_OF, incidents=opened)["insolvency_open"] == 1
    plan = [*opened, event("cure", "2021-01-31")]
    assert features_of(AS_OF, incidents=plan)["insolvency_open"] == 0


def test_an_overdue_declaration_alone_is_no_default(features_of):
    got = features_of(AS_OF, incidents=[event("overdue_declared", "2024-05-31")])
    assert (got["in_default"], got["uncured_incidents"]) == (0, 1)


def test_a_buyer_without_events_has_none(features_of):
    got = features_of(AS_OF)
    counted = [f.name for f in FEATURES if not f.name.startswith("months_since")]
    assert [got[name] for name in counted] == [0] * len(counted)


def test_an_event_without_a_kind_counts_as_none(features_of):
    got = features_of(AS_OF, incidents=[event(None, "2024-05-31")])
    assert got["uncured_incidents"] == got["in_default"] == got["claim_12m"] == 0
    assert np.isnan(got["months_since_cure"])
