"""The mapping as a form: what is proposed for a file, and what a person made of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from features.ledgers.extract import Extract
from features.ledgers.guess import Guess, Kind, columns_of, guess
from features.ledgers.iso_codes import COUNTRIES, CURRENCIES
from features.ledgers.proposed_mapping import Proposal
from features.ledgers.terms import parse_terms
from serving.problems import field_problem

KINDS: tuple[Kind, ...] = ("invoices", "ageing")
SHOWN = 3  # values of a column beside its choice
PREVIEWED = 8  # rows of the file


def proposed(extract: Extract, currency: str) -> tuple[Proposal, Guess]:
    """What the form says first."""
    found = guess(extract)
    return Proposal(found.table, found.columns, found.month_first, currency=currency), found


def proposal_of(fields: Mapping[str, str], extract: Extract) -> Proposal:
    """What the form says now. Raises Problem naming a field that cannot be used."""
    table = cast(Kind, _among("table", fields.get("table", ""), KINDS))
    header = extract.rows.column_names
    columns = {
        raw: _among(raw, name, header)
        for raw in columns_of(table)
        if (name := fields.get(f"column.{raw}", ""))
    }
    terms = fields.get("terms", "").strip()
    if terms and parse_terms(terms) is None:
        raise field_problem("terms", terms, "write them like '30 days' or '45 days end of month'")
    return Proposal(
        table,
        columns,
        month_first=fields.get("dates") == "month",
        decimal=_among("decimal", fields.get("decimal", ""), ("", ".", ",")),
        country=_among("country", fields.get("country", "").upper(), COUNTRIES),
        currency=_among("currency", fields.get("currency", "").upper(), CURRENCIES),
        terms=terms,
        balance_date=_day(fields.get("balance_date", "")) if table == "ageing" else None,
    )


def preview(extract: Extract) -> dict[str, Any]:
    """The header, the first rows, and some values of each column."""
    first = extract.rows.slice(0, 200)
    samples = {
        name: [text for text in dict.fromkeys(first[name].to_pylist()) if text][:SHOWN]
        for name in first.column_names
    }
    rows = first.slice(0, PREVIEWED).to_pylist()
    total = len(extract.rows) + len(extract.malformed)
    return {"header": first.column_names, "rows": rows, "samples": samples, "total": total}


def _among(field: str, value: str, known: Any) -> str:
    if value not in known:
        raise field_problem(field, value, "is none of those that may be chosen")
    return value


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise field_problem("balance_date", text, "write a day like 2025-12-31") from error
    return day
