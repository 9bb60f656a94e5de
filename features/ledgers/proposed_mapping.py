"""A mapping for one exported file as TOML: what was guessed, and what a person said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from features.ledgers.guess import BUYER, DAY_FIRST, MONTH_FIRST, Kind
from features.tables import TABLES


@dataclass(frozen=True)
class Proposal:
    """One file as one raw table and its buyers; `columns` are headers by raw column.

    `decimal` is "" where it is found out column by column; `terms` stand for due dates the file
    lacks, `balance_date` for the day of a balance it does not name.
    """

    table: Kind
    columns: Mapping[str, str]
    month_first: bool = False
    decimal: str = ""
    country: str = "FR"
    currency: str = "EUR"
    terms: str = "30 days"
    balance_date: date | None = None

    @property
    def lacks(self) -> list[str]:
        """Required raw columns that no header is named for."""
        elsewhere = {"due_on"} if self.terms else set()
        if self.balance_date is not None:
            elsewhere.add("balance_date")
        required = [name for name in TABLES[self.table].required if name not in elsewhere]
        return [name for name in required if name not in self.columns]

    def to_toml(self) -> str:
        """The mapping as `encours import` reads it."""
        raw = TABLES[self.table]
        lines = [
            "# Written by the workbench; `encours import THIS_FILE your-export` repeats it.",
            "",
        ]
        lines += ["[format]", f"dates = {_text(list(self._dates))}"]
        if self.decimal:
            lines.append(f"decimal = {_text(self.decimal)}")
        lines += ["", f"[{self.table}]", "", f"[{self.table}.columns]"]
        lines += [self._column(name) for name in raw.schema.names if self._has(name)]
        if self.table == "invoices" and "due_on" not in self.columns:
            lines += ["", "[invoices.terms]", f"default = {_text(self.terms)}"]
        lines += ["", "[buyers]", f"derived_from = {_text(self.table)}", "", "[buyers.columns]"]
        lines += [self._column(name) for name in BUYER if self._has(name)]
        return "\n".join([*lines, ""])

    @property
    def _dates(self) -> tuple[str, ...]:
        return MONTH_FIRST if self.month_first else DAY_FIRST

    def _has(self, name: str) -> bool:
        return name in self.columns or self._default(name) is not None

    def _default(self, name: str) -> str | None:
        day = str(self.balance_date) if self.balance_date else None
        return {"country": self.country, "currency": self.currency, "balance_date": day}.get(name)

    def _column(self, name: str) -> str:
        header, default = self.columns.get(name), self._default(name)
        required = name in {*TABLES[self.table].required, "buyer_id"}
        if header is not None and required and default is None:
            return f"{name} = {_text(header)}"
        parts = [f"columns = [{_text(header)}]"] if header is not None else []
        if default is not None:
            parts.append(f"default = {_text(default)}")
        elif not required:
            parts.append("optional = true")
        return f"{name} = {{ {', '.join(parts)} }}"


def _text(value: str | list[str]) -> str:
    """A TOML string, or a list of them: JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
