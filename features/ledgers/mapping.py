"""The mapping: a small TOML that says how a foreign export becomes raw tables.

One section per raw table, `[format]` for how values are written; a table's own `format` overrides
it. `features/ledgers/mappings/` holds one for a SAP-, a Sage- and an Odoo-style export, commented.
An unknown key is refused with the nearest valid one.
"""

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from features.ledgers.date_parsing import check_date_formats
from features.ledgers.terms import parse_terms
from features.tables import TABLES

EXAMPLES = Path(__file__).parent / "mappings"
NULLS = ("NULL", "None", "N/A", "#N/A", "-", "00000000", "00.00.0000", "0000-00-00")
SHOWN = 20  # names, in an error


def nearest(name: str, valid: Iterable[str]) -> str:
    """The end of an error message: the nearest valid name, or all of them where they are few.

    >>> nearest("payed_on", ["paid_on", "due_on"])
    "did you mean 'paid_on'?"
    """
    known = sorted(valid)
    close = get_close_matches(name, known, 1)
    if close:
        return f"did you mean {close[0]!r}?"
    rest = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    return f"valid: {', '.join(known[:SHOWN])}{rest}"


def _names(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        for key in data if isinstance(data, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"unknown key {key!r}; {nearest(key, cls.model_fields)}")
        return data


class Format(_Section):
    """How values are written.

    Encoding, delimiter and, column by column, the decimal sign are found out where they are not
    given; the order of day and month never is.
    """

    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quote: Annotated[str, Field(max_length=1)] = '"'
    sheet: str | None = None
    dates: Names = ("dd.mm.yyyy", "yyyymmdd", "d mmm yyyy", "mmm d, yyyy")
    decimal: Literal[".", ","] | None = None
    thousands: Annotated[tuple[Literal[" ", ".", ",", "'"], ...], BeforeValidator(_names)] = ()
    symbols: Names = ("€",)
    nulls: Names = NULLS
    time_zone: str | None = None
    naive_time_zone: str | None = None

    @field_validator("dates")
    @classmethod
    def _dates(cls, dates: tuple[str, ...]) -> tuple[str, ...]:
        check_date_formats(dates)
        return dates

    @field_validator("time_zone", "naive_time_zone")
    @classmethod
    def _zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in available_timezones():
            raise ValueError(f"unknown time zone {zone!r}; {nearest(zone, available_timezones())}")
        return zone and ZoneInfo(zone).key

    @model_validator(mode="after")
    def _distinct(self) -> "Format":
        if self.thousands and (self.decimal is None or self.decimal in self.thousands):
            raise ValueError("`thousands` needs a `decimal` sign, another one")
        return self


class When(_Section):
    """Rows where one of `columns` holds one of `values` (`*` stands for any characters)."""

    columns: Names
    values: Names
    optional: bool = False


class Column(_Section):
    """Where a value comes from: the first of `columns` that is not empty in the row.

    With `join` the columns are parts, each with its alternative names, put together; the first part
    must be there, parts a file lacks are left out. `default` fills empty cells (a constant where no
    column is named). `values` translates; `without_leading` characters are taken off the start
    ("0000100043" is "100043"). An amount may be `debit` less `credit`, be turned negative by
    `negative_when`, or be scaled; a rate may be the `inverse` (dollars for one euro).
    """

    columns: Annotated[tuple[Names, ...], BeforeValidator(_names)] = ()
    join: str | None = None
    values: dict[str, str] = {}
    nulls: Names = ()
    without_leading: str = ""
    default: str | None = None
    optional: bool = False
    debit: Names = ()
    credit: Names = ()
    negative_when: When | None = None
    scale: float = 1.0
    inverse: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"columns": data} if isinstance(data, str | list) else data

    @model_validator(mode="after")
    def _has_source(self) -> "Column":
        if not (self.columns or self.debit or self.credit or self.default is not None):
            raise ValueError("give columns, debit and credit, or a default")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every column it may be read from."""
        return tuple(name for part in self.columns for name in part)

    @property
    def needed(self) -> tuple[tuple[str, ...], ...]:
        """The columns a file must have, each with its alternative names."""
        if self.optional or self.default is not None:
            return ()
        first = self.columns[0] if self.join is not None else self.names
        return tuple(part for part in (first, self.debit, self.credit) if part)


class Terms(_Section):
    """Due dates where the ledger has none: `base` (else the issue date) plus the terms of the row,
    translated by `codes`, else `default`: "30 days", "45 jours fin de mois", "60 jours"."""

    columns: Names = ()
    nulls: Names = ()
    codes: dict[str, str] = {}
    default: str | None = None
    base: Names = ()

    @field_validator("codes", "default")
    @classmethod
    def _readable(cls, terms: Any) -> Any:
        for text in terms.values() if isinstance(terms, dict) else [terms]:
            if text is not None and parse_terms(text) is None:
                raise ValueError(f"payment terms {text!r}: write them like '45 days end of month'")
        return terms


class PaymentLines(_Section):
    """Which lines of the ledger are payments, and how they find their invoices: the number in
    `reference`, else the same buyer and matching code in `match` (lettrage, clearing document).

    A line is a payment where `when` holds, or with `credits = true` where its amount is negative
    and `unless` does not hold.
    """

    when: When | None = None
    credits: bool = False
    unless: When | None = None
    match: Names = ()
    reference: Column | None = None


class Settled(_Section):
    """What a ledger without payment dates says about settlement: a state and an open residual."""

    when: When | None = None
    without_date: Literal["refuse", "due_on"] = "refuse"
    residual: Names = ()


class Unpivot(_Section):
    """A wide table made long: of each row one for each further column that is not empty, with that
    column's header in `header`, its cell in `cell`, and the columns `keep`."""

    keep: Names
    header: str
    cell: str


class TableMapping(_Section):
    """Where one raw table comes from, column by column."""

    file: Names = ()
    query: str | None = None
    derived_from: str | None = None
    optional: bool = False
    unpivot: Unpivot | None = None
    format: Format = Format()
    columns: dict[str, Column]
    exclude: tuple[When, ...] = ()
    lag_days: int | None = None
    terms: Terms | None = None
    payments: PaymentLines | None = None
    settled: Settled | None = None


class Mapping(_Section):
    """The sections of a mapping by raw table, in the order of the file."""

    tables: dict[str, TableMapping]

    @model_validator(mode="after")
    def _fits_the_schema(self) -> "Mapping":
        for name, section in self.tables.items():
            _check_section(name, section, self.tables)
        if "buyers" not in self.tables:
            raise ValueError(
                "[buyers] is missing; to make them from the ledger write: [buyers] "
                'derived_from = "invoices" and [buyers.columns] buyer_id = …, '
                'country = { default = "FR" }'
            )
        return self

    @classmethod
    def load(cls, path: Path) -> "Mapping":
        """Read `path`. Raises ValueError naming the file, the key and the nearest valid one."""
        try:
            raw = tomllib.loads(path.read_text("utf-8"))
            form = raw.pop("format", {})
            for name, section in raw.items():
                if name not in TABLES:
                    raise ValueError(
                        f"unknown table [{name}]; {nearest(name, [*TABLES, 'format'])}"
                    )
                section["format"] = {**form, **section.get("format", {})}
            return cls(tables=raw)
        except ValidationError as error:
            details = "; ".join(_say(e["loc"], e["msg"]) for e in error.errors())
            raise ValueError(f"mapping {path}: {details}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
            raise ValueError(f"mapping {path}: {error}") from error


def find_mapping(name: str) -> Path:
    """The mapping file `name`: a path, or one of the examples ("sap", "sage", "odoo")."""
    path, example = Path(name), EXAMPLES / f"{name}.toml"
    if path.is_file():
        return path
    if example.is_file():
        return example
    examples = ", ".join(sorted(file.stem for file in EXAMPLES.glob("*.toml")))
    raise FileNotFoundError(f"no mapping {name}: give a .toml file, or one of {examples}")


def _say(loc: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in loc if part != "tables")
    return f"[{where}] {message.removeprefix('Value error, ')}" if where else message


def _check_section(name: str, section: TableMapping, tables: dict[str, TableMapping]) -> None:
    valid = {column.name: column for column in TABLES[name].columns}
    for column, source in section.columns.items():
        if column not in valid:
            raise ValueError(f"[{name}.columns] unknown {column!r}; {nearest(column, valid)}")
        amount = source.debit or source.credit or source.negative_when
        if amount and valid[column].kind != "amount":
            raise ValueError(f"[{name}.columns] {column!r} is no amount: it has no debit or credit")
        if source.inverse and valid[column].kind != "number":
            raise ValueError(f"[{name}.columns] {column!r} is no rate: it has no inverse")
    # The due date may come from terms, the buyer of a payment from its invoice.
    elsewhere = {"invoices": {"due_on"} if section.terms else set(), "payments": {"buyer_id"}}
    for column in TABLES[name].required:
        if column not in section.columns and column not in elsewhere.get(name, set()):
            raise ValueError(f"[{name}.columns] lacks {column!r}: {valid[column].doc}")
    for key in ("terms", "payments", "settled"):
        if name != "invoices" and getattr(section, key) is not None:
            raise ValueError(f"[{name}] {key} belongs to [invoices]")
    if section.lag_days is not None and name != "statements":
        raise ValueError(f"[{name}] lag_days belongs to [statements]")
    if section.derived_from is not None and (
        name != "buyers" or section.derived_from not in tables or section.derived_from == name
    ):
        raise ValueError(f"[{name}] derived_from makes [buyers] from another table of the mapping")
