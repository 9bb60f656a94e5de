"""The form of the buyer page, read as a question; and accounts from a file."""

from datetime import date

import pytest

from serving.problems import Problem
from serving.workbench.question import question_of

DAY = date(2025, 6, 30)


def test_an_empty_form_asks_about_the_buyer_as_it_stands() -> None:
    question = question_of({"amount": "", "payment_days": "0"}, "B1", DAY, "fr")
    assert question.plain == question.asked
    assert question.plain.as_of_date == DAY
    assert question.plain.language == "fr"
    assert not question.is_what_if


def test_every_field_is_read() -> None:
    fields = {
        "as_of": "2025-01-31",
        "amount": "60000",
        "terms": "45",
        "guarantee": "5000",
        "title": "true",
        "surety": "true",
        "payment_days": "-7",
        "raise_capital": "5",
        "accounts.closing_date": "2025-12-31",
        "accounts.equity": "1e6",
        "something": "else",
    }
    question = question_of(fields, "B1", DAY, "en")
    assert question.asked.requested_amount == 60_000
    assert question.asked.terms_days == 45
    assert question.asked.guarantee_amount == 5_000
    assert question.asked.retention_of_title
    assert question.asked.surety
    assert question.plain.as_of_date == question.asked.as_of_date == date(2025, 1, 31)
    assert question.changes.payment_days == -7
    assert question.changes.raise_capital == 5
    assert question.changes.statements[0].equity == 1e6
    assert question.is_what_if


def test_years_of_a_file_come_before_those_of_the_form() -> None:
    years = [{"closing_date": "2024-12-31"}, {"closing_date": "2025-12-31"}]
    question = question_of({"accounts.closing_date": "2020-12-31"}, "B1", DAY, "en", years)
    assert [row.closing_date.year for row in question.changes.statements] == [2024, 2025]


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("amount", "-1", "requested_amount"),
        ("terms", "999", "terms_days"),
        ("as_of", "soon", "as_of_date"),
        ("payment_days", "365", "payment_days"),
        ("accounts.equity", "much", "statements.0.equity"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(field: str, value: str, named: str) -> None:
    fields = {"accounts.closing_date": "2025-12-31", field: value}
    with pytest.raises(Problem) as raised:
        question_of(fields, "B1", DAY, "en")
    assert named in [error.field for error in raised.value.errors]
