"""A first mapping of an export nobody has described: columns told by their names and their values.

It is a proposal for a person to correct (`proposed_mapping.py` writes it down). The names known are
those of the example mappings and some that any export may use, in five languages; a column is only
proposed where its values can be read as what it would be.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pyarrow as pa
from rapidfuzz.fuzz import token_sort_ratio

from features.ledgers.cells import Cells
from features.ledgers.extract import Extract
from features.ledgers.mapping import EXAMPLES, Format
from features.ledgers.mapping import Mapping as Ledger
from features.ledgers.parsing import fold
from features.ledgers.sources import read_file
from features.tables import TABLES

Kind = Literal["invoices", "ageing"]
DAY_FIRST: Final = ("dd/mm/yyyy", "dd.mm.yyyy", "dd-mm-yyyy", "dd/mm/yy", "yyyymmdd", "d mmm yyyy")
MONTH_FIRST: Final = ("mm/dd/yyyy", "mm-dd-yyyy", "mm/dd/yy", "yyyymmdd", "mmm d, yyyy")
SAMPLE: Final = 2_000  # rows that are looked at
ALIKE: Final = 86.0  # of 100: names that mean the same
READABLE: Final = 0.5  # share of a column's values: exports are dirty
BUYER: Final = ("buyer_id", "name", "country")  # what the lines say of their buyer

# Beside the raw table's own names and those of the example mappings.
NAMES: Final[Mapping[str, str]] = {
    "buyer_id": "customer|customer id|customer no|customer number|cust number|client|code client|"
    "numero client|n client|compte client|account|debtor|debtor id|kunde|kundennummer|cliente|"
    "acheteur|partner|id client|buyer",
    "name": "name|buyer name|customer name|name customer|client name|raison sociale|nom|nom client|"
    "company|company name|debtor name|kundenname|firma|razon social|ragione sociale",
    "country": "country|country code|pays|code pays|land|pais|paese",
    "invoice_id": "invoice|invoice no|invoice number|invoice id|number|reference|ref|n facture|"
    "numero facture|numero de facture|facture|rechnung|rechnungsnummer|document|doc no|doc id",
    "issued_on": "invoice date|issue date|issued|date|date facture|date de facture|posting date|"
    "date d emission|rechnungsdatum|document create date|fecha factura|data fattura",
    "due_on": "due date|due|due in date|echeance|date d echeance|date echeance|faelligkeit|"
    "vencimiento|scadenza|maturity",
    "paid_on": "payment date|paid date|paid|clear date|clearing date|date paiement|"
    "date de paiement|date de reglement|date reglement|bezahlt am|fecha pago|settled on",
    "amount": "amount|invoice amount|total|total amount|total open amount|montant|montant ttc|ttc|"
    "betrag|importe|importo|gross amount|amount incl vat",
    "currency": "currency|devise|code devise|waehrung|moneda|valuta|invoice currency",
    "supplier_id": "supplier|supplier id|company code|societe|entity|legal entity",
    "balance_date": "balance date|as of|as of date|date d arrete|arrete au|date|stichtag|"
    "statement date|report date",
}
_NOT_DUE = r"not (yet )?due|non echu|a echoir|current|courant|nicht fallig|a vencer|no vencid|futur"
_DAYS = r"day|jour|tag|dia|giorn|\d\s*(?:-|–|/|to|bis|à|a|au)\s*\d|[<>+≥]|over|plus"
_CREDITS = r"credit|avoir|unallocated|unapplied|non lettre|acompte|gutschrift"


@dataclass(frozen=True)
class Guess:
    """What a file seems to be: raw `columns` by the header they are read from, and the order of day
    and month, `sure_of_dates` where the values leave no other."""

    table: Kind
    columns: Mapping[str, str]
    month_first: bool
    sure_of_dates: bool


def open_export(path: Path) -> Extract:
    """A file as columns of text, its header where a buyer is named, else its first row. Raises
    ValueError where it cannot be read."""
    try:
        return read_file(path, Format(), [[*_known("buyer_id"), *_known("name")]])
    except ValueError:
        found = [_first_row(path, sign) for sign in ";,\t|"]
        widest = max(
            (e for e in found if isinstance(e, Extract)),
            key=lambda extract: extract.rows.num_columns,
            default=None,
        )
        if widest is None:
            raise
        return widest


def guess(extract: Extract) -> Guess:
    """What each column seems to be."""
    rows = extract.rows.slice(0, SAMPLE)
    header = rows.column_names
    buckets = _buckets(header)
    table: Kind = "ageing" if len(buckets) >= 2 else "invoices"
    month_first, sure = _order(rows)
    cells = Cells(
        Extract(extract.name, rows, np.arange(len(rows)), typed=extract.typed),
        Format(dates=MONTH_FIRST if month_first else DAY_FIRST),
    )
    taken = set(buckets.values()) if table == "ageing" else set()
    left = [name for name in header if name not in taken]
    columns = _by_name(table, left, cells)
    if table == "ageing":
        columns |= buckets
    return Guess(table, columns, month_first, sure)


def columns_of(table: Kind) -> tuple[str, ...]:
    """The raw columns that one file may give: those of the table, then those of its buyers."""
    return (*TABLES[table].schema.names, "name", "country")


def _by_name(table: Kind, header: Sequence[str], cells: Cells) -> dict[str, str]:
    """Each raw column with the header most like it, the surest first, each header once."""
    alike = [
        (score, -place, raw, name)
        for place, raw in enumerate(columns_of(table))
        if raw in NAMES
        for name in header
        if (score := max(_alike(name, known) for known in _known(raw))) >= ALIKE
    ]
    found: dict[str, str] = {}
    for _, _, raw, name in sorted(alike, reverse=True):
        if raw not in found and name not in found.values() and _readable(raw, name, cells):
            found[raw] = name
    return {raw: found[raw] for raw in columns_of(table) if raw in found}


@cache
def _known(raw: str) -> tuple[str, ...]:
    """Names of a raw column, folded: its own, those of the examples, and what others use."""
    examples = (Ledger.load(path) for path in sorted(EXAMPLES.glob("*.toml")))
    sections = (section for ledger in examples for section in ledger.tables.values())
    given = (section.columns[raw].names for section in sections if raw in section.columns)
    names = [raw, *(name for some in given for name in some), *NAMES.get(raw, "").split("|")]
    return tuple(dict.fromkeys(folded for name in names if (folded := fold(name))))


def _alike(name: str, known: str) -> float:
    return float(token_sort_ratio(fold(name), known))


def _readable(raw: str, name: str, cells: Cells) -> bool:
    """Whether the values of a column can be what it is called."""
    kinds = {**TABLES["invoices"].kinds, **TABLES["ageing"].kinds}
    text = cells.column([name])
    read: pa.Array = text
    if kinds.get(raw) == "date":
        read = cells.dates(text)
    elif kinds.get(raw) == "amount":
        read = cells.numbers(text)
    given = len(text) - text.null_count
    return not given or len(read) - read.null_count >= READABLE * given


def _buckets(header: Iterable[str]) -> dict[str, str]:
    """Columns of an aged balance by what their headers say of days."""
    found: dict[str, str] = {}
    for name in header:
        bucket = bucket_of(name)
        if bucket and bucket not in found:
            found[bucket] = name
    return found


def bucket_of(header: str) -> str | None:
    """The bucket of an aged balance that a header names.

    >>> [bucket_of(text) for text in ("0-30 jours", "31 to 60", "> 90 days", "Non échu", "Total")]
    ['days_1_30', 'days_31_60', 'days_91_180', 'not_due', None]
    """
    if header in TABLES["ageing"].schema.names:
        return header if TABLES["ageing"].kinds[header] == "amount" else None
    folded, days = fold(header), [int(number) for number in re.findall(r"\d{1,4}", header)]
    if re.search(_NOT_DUE, folded):
        return "not_due"
    if re.search(_CREDITS, folded):
        return "unallocated_credits"
    if not days or not re.search(_DAYS, header.lower()):
        return None
    first = days[0] + (1 if len(days) == 1 and days[0] % 30 == 0 else 0)  # "> 90" begins at 91
    if len(days) == 1 and "<" in header:
        first = 1
    starts = ((181, "over_180"), (91, "days_91_180"), (61, "days_61_90"), (31, "days_31_60"))
    return next((bucket for start, bucket in starts if first >= start - 1), "days_1_30")


def _order(rows: pa.Table) -> tuple[bool, bool]:
    """Whether months come first, and whether the values leave no doubt; day first in doubt."""
    numbers = [
        (int(found[1]), int(found[2]))
        for column in rows.columns
        for text in column.slice(0, 200).to_pylist()
        if text and (found := re.match(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b", text))
    ]
    first = sum(day > 12 for day, _ in numbers)
    second = sum(day > 12 for _, day in numbers)
    return second > first, max(first, second) > 10 * min(first, second) or not numbers


def _first_row(path: Path, delimiter: str) -> Extract | None:
    try:
        return read_file(path, Format(delimiter=delimiter), [])
    except ValueError:
        return None
