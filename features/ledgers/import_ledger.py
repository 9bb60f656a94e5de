"""Imports: foreign exports become a portfolio through a mapping, and nothing is lost in silence.

Good rows become Parquet, refused rows `refused.csv` beside them with file, line, column, value,
reason and remedy. What a ledger does not say is filled in by rule, and counted:

- a due date by the payment terms (`[invoices.terms]`); a credit note without one is due at once;
- a payment date by the payments of the invoice (`settlement.py`), or where the ledger only
  says that it is paid, by its due date if the mapping accepts that (`[invoices.settled]`);
- a part payment known only as an open residual happened on the day of the extract: `as_of`, else
  the last day that occurs in the ledger;
- buyers that only the ledger knows, by the defaults of `[buyers]`.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.ledgers.buyers import buyers_in, default_buyers, one_per_buyer, refuse_strangers
from features.ledgers.checks import REFUSED, check, mask, split
from features.ledgers.conversion import as_written, convert, needed_columns
from features.ledgers.duplicates import number_by_owner, refuse_duplicates
from features.ledgers.extract import Extract, find_column
from features.ledgers.mapping import Mapping, TableMapping
from features.ledgers.rules import (
    day_of_extract,
    fill_buyers,
    fill_due_dates,
    fill_publication,
    of_no_invoice,
    part_payments,
    settle_by_state,
    split_payment_lines,
)
from features.ledgers.settlement import NO_PAYMENTS, settle
from features.ledgers.sources import read_source
from features.ledgers.staging import publish
from features.ledgers.summary import ImportSummary, TableSummary
from features.progress import watched
from features.tables import TABLES


def import_ledger(
    mapping: Path, source: Path | str, out: Path, as_of: date | None = None
) -> ImportSummary:
    """Import `source` (a file, a folder or a SQLAlchemy URL) into the portfolio folder `out`.

    With `as_of`, what happened later is refused. A portfolio imported there before is replaced;
    where anything fails, `out` stays as it was. Raises ValueError for a mapping or a source that
    cannot be read, FileNotFoundError where the source is missing.
    """
    work = _Import(Mapping.load(mapping).tables, source, as_of)
    names = [name for name in TABLES if name in work.sections and name != "buyers"]
    for name in watched(names, "importing"):
        work.add(name)
    work.add_buyers()
    work.settle()
    summary = work.summary(out)
    publish(out, work.frames, pa.concat_tables(work.refused))
    return summary


@dataclass
class _Import:
    """One import under way: the good rows so far, the refused ones, and how many were read of each
    table. `payments` are payments not yet set against invoices."""

    sections: dict[str, TableMapping]
    source: Path | str
    as_of: date | None
    extracts: dict[str, list[Extract]] = field(default_factory=dict)
    frames: dict[str, pa.Table] = field(default_factory=dict)
    payments: list[pa.Table] = field(default_factory=list)
    refused: list[pa.Table] = field(default_factory=lambda: [REFUSED.empty_table()])
    read: Counter[str] = field(default_factory=Counter)
    good: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Read, convert and check one raw table."""
        if not self._extracts(name):
            return
        frame = self._converted(name)
        if name == "invoices":
            self._add_invoices(frame)
        elif name == "payments" and "invoices" in self.frames:
            frame = self._good(fill_buyers(frame, self.frames["invoices"]))
            frame = self._checked(name, frame)
            self.payments.append(frame.append_column("reference", frame["invoice_id"]))
        elif name == "statements":
            filled = fill_publication(frame, self.sections[name].lag_days)
            self.frames[name] = self._checked(name, filled)
        else:
            self.frames[name] = self._checked(name, frame)

    def _add_invoices(self, ledger: pa.Table) -> None:
        if "is_payment" in ledger.column_names:
            ledger, lines = split_payment_lines(ledger)
            self.read.subtract({"invoices": len(lines), "payments": -len(lines)})
            self.payments.append(self._checked("payments", lines))
        invoices = self._checked("invoices", self._good(fill_due_dates(ledger)))
        invoices = invoices.append_column("number", invoices["invoice_id"])
        invoices, shared = number_by_owner(invoices)
        self._note(shared.sum(), "invoice numbers of several owners made unique with their ids")
        self.frames["invoices"] = invoices

    def add_buyers(self) -> None:
        """The buyers of the mapping and those only other tables know; rows of no buyer go."""
        section = self.sections["buyers"]
        owned = [name for name in self.frames if TABLES[name].of_buyer]
        wanted = buyers_in([*(self.frames[name] for name in owned), *self.payments])
        if section.derived_from is None:
            buyers = self._checked("buyers", self._converted("buyers"))
        else:
            buyers = one_per_buyer(self._derived_buyers(section, section.derived_from), wanted)
            self.read["buyers"] += len(buyers)
            buyers = self._checked("buyers", buyers)
        strangers = wanted.filter(pc.invert(pc.is_in(wanted, buyers["buyer_id"].combine_chunks())))
        if section.columns["country"].default is not None and len(strangers):
            self._note(len(strangers), "buyers known from other tables alone, by default values")
            self.read["buyers"] += len(strangers)
            more = self._checked("buyers", default_buyers(strangers, section))
            buyers = pa.concat_tables([buyers, more], promote_options="default")
        known = buyers["buyer_id"].combine_chunks()
        for name in owned:
            self.frames[name] = self._good(refuse_strangers(name, self.frames[name], known))
        self.payments = [
            self._good(refuse_strangers("payments", frame, known)) for frame in self.payments
        ]
        self.frames["buyers"] = buyers

    def _derived_buyers(self, section: TableMapping, source: str) -> pa.Table:
        """What each line of another table's source says of its buyer."""
        done = [convert("buyers", section, extract) for extract in self._extracts(source)]
        unread = sum(mask(pc.starts_with(refused["reason"], "not a")).sum() for _, refused in done)
        self._note(unread, f"lines of {source} hold something unreadable on their buyer, not used")
        return pa.concat_tables([good for good, _ in done], promote_options="default")

    def settle(self) -> None:
        """Set payments against invoices, then believe what the ledger says of the others."""
        if "invoices" not in self.frames:
            return
        invoices, parts = self.frames["invoices"], NO_PAYMENTS
        self.good["payments"] = 0  # lines, of which few become parts
        if self.payments:
            payments = pa.concat_tables(self.payments, promote_options="default")
            invoices, parts, unused, surplus = settle(invoices, payments)
            used = self._good(split("payments", payments, [of_no_invoice(unused)]))
            self.good["payments"] = len(used)
            self._note(surplus.sum(), "payments larger than what their invoices owed")
        settled = self.sections["invoices"].settled
        if settled is not None and len(invoices):
            extract = self.as_of or day_of_extract(invoices, self.payments)
            more = part_payments(invoices, parts, extract)
            parts = pa.concat_tables([parts, more], promote_options="default")
            invoices = self._good(settle_by_state(invoices, settled, extract))
            parts = parts.filter(
                pc.is_in(parts["invoice_id"], invoices["invoice_id"].combine_chunks())
            )
        early = mask(pc.less(invoices["paid_on"], invoices["issued_on"])).sum()
        self._note(early, "invoices paid before their issue, kept as prepayments")
        self.frames["invoices"] = invoices
        if len(parts) or self.payments:
            self.frames["payments"] = parts

    def summary(self, out: Path) -> ImportSummary:
        """The counts of every table."""
        refused = pa.concat_tables(self.refused).select(["table", "reason"]).to_pandas()
        tables = {}
        for name, frame in self.frames.items():
            reasons = Counter(refused["reason"][refused["table"] == name].tolist())
            good = self.good[name] if name in self.good else len(frame)
            marks = [column for column in frame.column_names if column.startswith("filled ")]
            counts = {mark.removeprefix("filled "): int(mask(frame[mark]).sum()) for mark in marks}
            filled = {column: count for column, count in counts.items() if count}
            tables[name] = TableSummary(self.read[name], good, len(frame), reasons, filled)
        return ImportSummary(out, tables, tuple(self.notes))

    def _converted(self, name: str) -> pa.Table:
        frames = []
        for extract in self._extracts(name) or [Extract("", pa.table({}), np.zeros(0, np.int64))]:
            self.read[name] += len(extract.rows) + len(extract.malformed)
            frames.append(self._good(convert(name, self.sections[name], extract)))
        return pa.concat_tables(frames, promote_options="default")

    def _checked(self, name: str, frame: pa.Table) -> pa.Table:
        good, refused = check(name, frame, self.as_of)
        if name in self.extracts:
            refused = as_written(refused, self.sections[name], self.extracts[name])
        return self._good(refuse_duplicates(name, self._good((good, refused))))

    def _good(self, good_and_refused: tuple[pa.Table, pa.Table]) -> pa.Table:
        good, refused = good_and_refused
        self.refused.append(refused)
        return good

    def _note(self, count: int, what: str) -> None:
        if count:
            self.notes.append(f"{count:,} {what}")

    def _extracts(self, name: str) -> list[Extract]:
        """What the sources of a table hold, read once."""
        if name in self.extracts:
            return self.extracts[name]
        section = self.sections[name]
        wanted = [*needed_columns(section)]
        if self.sections["buyers"].derived_from == name:
            wanted += needed_columns(self.sections["buyers"])
        is_first = name == next(iter(self.sections))
        try:
            extracts = read_source(self.source, section, wanted, is_first)
        except FileNotFoundError as error:
            raise FileNotFoundError(f"[{name}] {error}") from error
        except ValueError as error:
            raise ValueError(f"[{name}] {error}") from error
        if not extracts and not section.optional:
            raise FileNotFoundError(f"[{name}]: no file of {self.source} is called {section.file}")
        if (wide := section.unpivot) is not None:
            extracts = [each.unpivoted(wide, section.format.nulls) for each in extracts]
        for extract in extracts:
            self._note(extract.blank, f"blank lines in {extract.name}")
            self._note_absent(name, extract)
        self.extracts[name] = extracts
        return extracts

    def _note_absent(self, name: str, extract: Extract) -> None:
        header = extract.rows.column_names
        absent = [
            column
            for column, source in self.sections[name].columns.items()
            if source.names and all(find_column(n, header) is None for n in source.names)
        ]
        if absent:
            self.notes.append(f"{extract.name} has no {', '.join(absent)}")
