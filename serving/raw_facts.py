"""The raw facts of a request: the raw tables of `features.tables`, column by column.

Their descriptions, kinds and required marks are read from there, so that they are written once.
"""

from collections.abc import Mapping
from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from features.incidents import KINDS as INCIDENT_KINDS
from features.tables import BUYERS, TABLES, Column, Entity, Kind, Table
from serving.fields import Country, Currency, Day, Founded, Number, Strict, Text

MOST_ROWS = 100_000  # of one table in one request

FIELD_TYPES: Mapping[Kind, Any] = {
    "id": Text,
    "text": Text,
    "code": Text,
    "date": Day,
    "amount": Number,
    "number": Number,
    "flag": bool,
}
Score = Annotated[float, Field(ge=0, le=100)]
# Where a column takes less than its kind allows.
NARROWER: Mapping[str, Any] = {
    "country": Country,
    "currency": Currency,
    "entity_type": Entity,
    "kind": Literal[(*INCIDENT_KINDS, "cure")],
    "founded_on": Founded,
    "employees": Annotated[float, Field(ge=0, le=10_000_000)],
    "months": Annotated[float, Field(gt=0, le=36)],
    "environment": Score,
    "social": Score,
    "governance": Score,
    "controversy": Annotated[float, Field(ge=0, le=5)],
}


def _field(column: Column) -> tuple[Any, Any]:
    kind = NARROWER.get(column.name, FIELD_TYPES[column.kind])
    if column.required:
        return kind, Field(description=column.doc)
    return kind | None, Field(None, description=column.doc)


def _row(table: Table) -> Any:
    """A row of a raw table as a request gives it; the buyer is named once, in `buyer`."""
    columns: dict[str, Any] = {
        column.name: _field(column)
        for column in table.columns
        if column.name != "buyer_id" or table.name == "buyers"
    }
    name = table.name.removesuffix("s").title()
    return create_model(f"{name}Row", __base__=Strict, __doc__=table.doc, **columns)


def _rows(table: Table) -> tuple[Any, Any]:
    rows = GenericAlias(list, _row(table))
    return rows, Field(default=[], max_length=MOST_ROWS, description=table.doc)


_TABLES: dict[str, Any] = {
    "buyer": (_row(BUYERS), Field(description=BUYERS.doc)),
    **{name: _rows(table) for name, table in TABLES.items() if table.of_buyer and table != BUYERS},
}
_RawFacts: Any = create_model("_RawFacts", __base__=Strict, **_TABLES)


class RawFacts(_RawFacts):
    """All that is known of one buyer, as rows of the raw tables."""
