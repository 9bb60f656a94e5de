from collections.abc import Callable
from datetime import date

from features.calendar import days_between
from features.facts import Facts
from training.cohort import cohort
from training.config import CohortRule

MakeFacts = Callable[..., Facts]
QUARTERS = CohortRule("grid", date(2023, 3, 31), date(2023, 12, 31))


def invoice(buyer: str, issued: str) -> dict:
    return {
        "invoice_id": f"{buyer}/{issued}",
        "buyer_id": buyer,
        "issued_on": issued,
        "due_on": issued,
        "amount": 1.0,
    }


def found(facts: Facts, rule: CohortRule) -> list[tuple[str, str]]:
    keys = cohort(facts, rule)
    days = keys.as_of.astype("datetime64[D]").astype(str)
    return list(zip(facts.buyer_ids[keys.buyer].tolist(), days.tolist(), strict=True))


def test_a_grid_keeps_the_end_of_the_month() -> None:
    days = [str(d) for d in days_between(QUARTERS.first, QUARTERS.last, QUARTERS.every_months)]
    assert days == ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"]


def test_a_buyer_is_looked_at_while_something_was_known_of_it_lately(make_facts: MakeFacts) -> None:
    facts = make_facts(invoices=[invoice("A", "2022-06-30"), invoice("B", "2023-06-30")])
    assert found(facts, QUARTERS) == [
        ("A", "2023-03-31"),  # 2023-06-30 is 365 days later: no longer
        ("B", "2023-06-30"),  # known on the very day
        ("B", "2023-09-30"),
        ("B", "2023-12-31"),
    ]


def test_what_becomes_known_later_changes_no_earlier_day(make_facts: MakeFacts) -> None:
    early = [invoice("A", "2023-01-15"), invoice("B", "2023-05-15")]
    until_june = CohortRule("grid", date(2023, 3, 31), date(2023, 6, 30))
    late = [*early, invoice("B", "2023-07-01")]
    assert found(make_facts(invoices=early), until_june) == found(
        make_facts(invoices=late), until_june
    )


def test_after_publication_looks_at_each_statement_once_on_its_day(make_facts: MakeFacts) -> None:
    facts = make_facts(
        statements=[
            {"buyer_id": "A", "closing_date": "2021-12-31", "available_at": "2022-05-01"},
            {"buyer_id": "A", "closing_date": "2022-12-31", "available_at": "2023-05-01"},
            {"buyer_id": "B", "closing_date": "2022-12-31", "available_at": None},
        ]
    )
    assert found(facts, CohortRule("after_publication")) == [
        ("A", "2022-05-01"),
        ("A", "2023-05-01"),
        ("B", "2023-10-01"),  # unpublished: closing plus nine months
    ]
    last_year = CohortRule("after_publication", first=date(2023, 1, 1))
    assert found(facts, last_year)[0] == ("A", "2023-05-01")
