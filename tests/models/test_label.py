from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.facts import NEVER, Facts, Keys
from models.label import Labelled, LabelRule, label

MakeFacts = Callable[..., Facts]
Ledger = tuple[list[dict], list[dict]]  # invoices, incidents
START = date(2022, 1, 1)
EPOCH = START.toordinal() - date(1970, 1, 1).toordinal()
YEAR = LabelRule(default_is=("insolvency_opened", "claim"), observed_until=date(2024, 1, 1))
UNPAID = LabelRule(
    default_is=("unpaid",),
    horizon_days=90,
    waiting_days=30,
    technical_days=0,
    probation_days=0,
    observed_until=date(2024, 1, 1),
)


def on(offset: int | None) -> str | None:
    """ISO date of a day counted from 2022-01-01."""
    return None if offset is None else (START + timedelta(days=offset)).isoformat()


def event(at: int, kind: str = "insolvency_opened", buyer: str = "A", **more: object) -> dict:
    return {"buyer_id": buyer, "event_date": on(at), "known_on": None, "kind": kind, **more}


def invoice(due: int, paid: int | None, amount: float = 1000.0, **more: object) -> dict:
    row = {"invoice_id": f"{due}/{paid}/{amount}", "buyer_id": "A", "issued_on": on(due - 30)}
    return row | {"due_on": on(due), "paid_on": on(paid), "amount": amount, **more}


OLD = invoice(-400, -390)  # so that there always is a ledger


def labelled(facts: Facts, rule: LabelRule, *as_of: int, buyer: int = 0) -> Labelled:
    days = np.array(as_of, np.int32) + np.int32(EPOCH)
    return label(facts, Keys(np.full(len(days), buyer), days), rule)


def outcome(facts: Facts, rule: LabelRule, as_of: int) -> str:
    """The label of buyer A on one day, or why it has none."""
    result = labelled(facts, rule, as_of)
    if result.counts["rows"]:
        return "default" if result.default[0] else "sound"
    return next(why for why in ("in_default", "censored", "not_at_risk") if result.counts[why])


@pytest.mark.parametrize(
    ("at", "expected"),
    [(0, "in_default"), (1, "default"), (365, "default"), (366, "sound")],
)
def test_the_horizon_is_open_at_as_of_and_closed_at_its_end(
    make_facts: MakeFacts, at: int, expected: str
) -> None:
    assert outcome(make_facts(incidents=[event(at)]), YEAR, 0) == expected


def test_the_first_default_gives_day_and_type(make_facts: MakeFacts) -> None:
    facts = make_facts(incidents=[event(90), event(40, "claim")])
    result = labelled(facts, YEAR, 0)
    assert (result.default_on[0] - EPOCH, result.default_type[0]) == (40, "claim")


def test_no_default_has_no_day(make_facts: MakeFacts) -> None:
    result = labelled(make_facts(incidents=[event(400)]), YEAR, 0)
    assert (result.default_on[0], result.default_type[0]) == (NEVER, "")


def test_a_horizon_not_observed_to_its_end_is_censored_default_or_not(
    make_facts: MakeFacts,
) -> None:
    facts = make_facts(incidents=[event(380)])
    assert outcome(facts, YEAR, 365) == "default"  # observed until the last day of the horizon
    assert outcome(facts, YEAR, 366) == "censored"


def test_without_a_date_observation_ends_with_the_last_known_fact(make_facts: MakeFacts) -> None:
    rule = LabelRule(default_is=("insolvency_opened",))
    facts = make_facts(incidents=[event(1000, "judgment")])
    assert outcome(facts, rule, 1000 - 365) == "sound"
    assert outcome(facts, rule, 1000 - 364) == "censored"


@pytest.mark.parametrize("incident", [event(10, disputed=True), event(10, "overdue_declared")])
def test_disputes_and_other_kinds_are_no_default(make_facts: MakeFacts, incident: dict) -> None:
    assert outcome(make_facts(incidents=[incident]), YEAR, 0) == "sound"


def test_a_cured_buyer_returns_after_probation(make_facts: MakeFacts) -> None:
    facts = make_facts(incidents=[event(0), event(100, "cure")])
    assert outcome(facts, YEAR, 100 + YEAR.probation_days - 1) == "in_default"
    assert outcome(facts, YEAR, 100 + YEAR.probation_days) == "sound"


def test_a_fact_counts_only_if_known_by_the_end_of_the_reporting_lag(
    make_facts: MakeFacts,
) -> None:
    facts = make_facts(incidents=[event(300) | {"known_on": on(400)}])
    assert outcome(facts, YEAR, 0) == "sound"
    patient = LabelRule(YEAR.default_is, reporting_lag_days=35, observed_until=YEAR.observed_until)
    assert outcome(facts, patient, 0) == "default"
    sound = make_facts(incidents=[event(0, "judgment")])
    assert outcome(sound, patient, 730 - 365 - 35) == "sound"
    assert outcome(sound, patient, 730 - 365 - 34) == "censored"


@pytest.mark.parametrize(
    ("paid", "expected"),
    [(None, "default"), (41, "default"), (40, "sound")],
)
def test_an_invoice_counts_when_unpaid_for_more_than_the_waiting_period(
    make_facts: MakeFacts, paid: int | None, expected: str
) -> None:
    assert outcome(make_facts(invoices=[invoice(10, paid)]), UNPAID, 0) == expected


@pytest.mark.parametrize(("paid", "expected"), [(43, "sound"), (44, "default"), (None, "default")])
def test_what_is_paid_within_the_technical_days_was_late_by_the_bank(
    make_facts: MakeFacts, paid: int | None, expected: str
) -> None:
    """Due on day 10 and waited for until day 40: days 41 to 43 are technical."""
    patient = replace(UNPAID, technical_days=3)
    assert outcome(make_facts(invoices=[invoice(10, paid)]), patient, 0) == expected


def test_whether_lateness_is_technical_is_awaited(make_facts: MakeFacts) -> None:
    """A spell that begins on the last day of the horizon is told from a technical one later."""
    rule, facts = replace(UNPAID, technical_days=3), make_facts(invoices=[invoice(59, None)])
    assert outcome(facts, rule, 0) == "sound"  # begins on day 90, known on day 93
    assert outcome(facts, replace(rule, reporting_lag_days=3), 0) == "default"


def test_the_default_begins_the_day_after_the_waiting_period(make_facts: MakeFacts) -> None:
    result = labelled(make_facts(invoices=[invoice(10, None)]), UNPAID, 0)
    assert result.default_on[0] - EPOCH == 10 + 30 + 1


@pytest.mark.parametrize(("disputed", "expected"), [(40, "sound"), (41, "default")])
def test_a_dispute_excuses_only_within_the_waiting_period(
    make_facts: MakeFacts, disputed: int, expected: str
) -> None:
    facts = make_facts(invoices=[invoice(10, None, disputed_on=on(disputed))])
    assert outcome(facts, UNPAID, 0) == expected


def test_materiality_is_of_all_that_is_unpaid_together(make_facts: MakeFacts) -> None:
    small = [invoice(10, None, 300.0), invoice(20, None, 199.99)]
    assert outcome(make_facts(invoices=small), UNPAID, 0) == "sound"
    result = labelled(make_facts(invoices=[*small, invoice(25, None, 0.01)]), UNPAID, 0)
    assert result.default_on[0] - EPOCH == 25 + 31
    with_credit_note = [*small, invoice(25, None, -400.0)]
    assert outcome(make_facts(invoices=with_credit_note), UNPAID, 0) == "sound"


def test_what_was_paid_in_part_is_not_unpaid(make_facts: MakeFacts) -> None:
    row = invoice(10, None, 800.0)
    part = {"invoice_id": row["invoice_id"], "buyer_id": "A", "paid_on": on(35), "amount": 400.0}
    assert outcome(make_facts(invoices=[row], payments=[part]), UNPAID, 0) == "sound"
    late = part | {"paid_on": on(42)}
    assert outcome(make_facts(invoices=[row], payments=[late]), UNPAID, 0) == "default"


def test_amounts_are_compared_in_the_currency_of_the_config(make_facts: MakeFacts) -> None:
    facts = make_facts(
        invoices=[invoice(10, None, 600.0, currency="USD")],
        fx=[{"currency": "USD", "quoted_on": on(0), "rate": 0.8}],
    )
    assert outcome(facts, UNPAID, 0) == "sound"


def test_a_currency_without_a_rate_is_named(make_facts: MakeFacts) -> None:
    facts = make_facts(invoices=[invoice(10, None, currency="USD")])
    with pytest.raises(ValueError, match="no rate of USD known on 2022-02-11"):
        outcome(facts, UNPAID, 0)


def test_only_those_with_an_invoice_to_pay_are_at_risk(make_facts: MakeFacts) -> None:
    rule = LabelRule(**{**UNPAID.__dict__, "at_risk": "invoiced"})
    facts = make_facts(invoices=[invoice(10, 12)])
    assert outcome(facts, rule, 0) == "sound"  # could have become late on day 41
    assert outcome(facts, rule, 41) == "not_at_risk"


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    days = st.integers(0, 300)
    late = st.one_of(st.none(), st.integers(0, 90))
    invoices = [
        invoice(due, None if delay is None else due + delay, draw(st.sampled_from([200.0, 400.0])))
        for due, delay in draw(st.lists(st.tuples(days, late), max_size=8))
    ]
    for number, row in enumerate(invoices):
        row["invoice_id"] = str(number)
    kinds = st.sampled_from(["insolvency_opened", "claim", "cure"])
    incidents = [
        event(at, kind) | {"known_on": on(at + lag)}
        for at, kind, lag in draw(st.lists(st.tuples(days, kinds, st.integers(0, 60)), max_size=4))
    ]
    return invoices, incidents


def unpaid_on(day: int, invoices: list[dict], rule: LabelRule) -> bool:
    when = on(day)
    assert when is not None
    amounts = [
        row["amount"]
        for row in invoices
        if (date.fromisoformat(row["due_on"]) + timedelta(rule.waiting_days)).isoformat() < when
        and (row["paid_on"] is None or row["paid_on"] >= when)
    ]
    return sum(amounts) >= rule.materiality


@settings(max_examples=40)
@given(ledgers(), st.integers(0, 200))
def test_spells_equal_a_day_by_day_simulation(
    make_facts: MakeFacts, ledger: Ledger, as_of: int
) -> None:
    """Unpaid spells against a simulation that looks at every day."""
    invoices, _ = ledger
    facts = make_facts(invoices=[*invoices, OLD])
    days = range(as_of + UNPAID.horizon_days + 1)
    unpaid = [unpaid_on(day, invoices, UNPAID) for day in days]
    begins = [d for d in days if unpaid[d] and (d == 0 or not unpaid[d - 1])]
    inside = [d for d in begins if as_of < d <= as_of + UNPAID.horizon_days]
    expected = "in_default" if unpaid[as_of] else "default" if inside else "sound"
    assert outcome(facts, UNPAID, as_of) == expected
    if expected == "default":
        assert labelled(facts, UNPAID, as_of).default_on[0] - EPOCH == inside[0]


@settings(max_examples=40)
@given(ledgers(), ledgers(), st.integers(0, 200))
def test_nothing_after_horizon_and_lag_changes_a_label(
    make_facts: MakeFacts, ledger: Ledger, later: Ledger, as_of: int
) -> None:
    """Payments, incidents and invoices of later days: taken away or added."""
    rule = LabelRule(
        ("insolvency_opened", "claim", "unpaid"),
        horizon_days=90,
        waiting_days=30,
        technical_days=2,
        reporting_lag_days=20,
        observed_until=date(2024, 1, 1),
    )
    closed = as_of + rule.horizon_days + rule.reporting_lag_days
    invoices, incidents = ([row.copy() for row in rows] for rows in ledger)
    before = outcome(make_facts(invoices=[*invoices, OLD], incidents=incidents), rule, as_of)
    for row in invoices:
        if row["paid_on"] is not None and row["paid_on"] > str(on(closed)):
            row["paid_on"] = None
    kept = [row for row in incidents if row["known_on"] <= str(on(closed))]
    new = [row | {"invoice_id": f"new {row['invoice_id']}"} for row in later[0]]
    new = [row for row in new if row["issued_on"] > str(on(closed))]
    after = outcome(make_facts(invoices=[*invoices, *new, OLD], incidents=kept), rule, as_of)
    assert before == after
