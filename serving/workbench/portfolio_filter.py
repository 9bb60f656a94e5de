"""What a reader looks for in the portfolio: the fields of a form, as they stand in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Self
from urllib.parse import urlencode

from serving.problems import field_problem

EQUAL = ("country", "sector", "grade", "decision")
# Field of the form -> column, and what one unit of the field is in the column.
AT_LEAST = {
    "probability_from": ("default_probability", 0.01),
    "owed_from": ("open_amount", 1.0),
    "use_from": ("limit_use", 0.01),
    "overdue_from": ("overdue_amount", 1.0),
    "worse_by": ("log_odds_change", 1.0),
}
AT_MOST = {"probability_to": ("default_probability", 0.01)}
SORTS = (
    *("name", "buyer_id", "country", "sector", "grade", "default_probability", "limit_in_force"),
    *("open_amount", "limit_use", "expected_loss", "log_odds_change", "overdue_amount"),
)
FIRST = "-expected_loss"
LARGEST = 1e15
FIELDS = ("q", *EQUAL, *AT_LEAST, *AT_MOST, "sort")


@dataclass(frozen=True)
class PortfolioFilter:
    """The `fields` that say something, and how the list is sorted."""

    fields: Mapping[str, str]
    sort: str

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Read an address. Raises Problem naming a field that cannot be used."""
        fields = {
            name: text
            for name in FIELDS
            if name != "sort" and (text := given.get(name, "").strip()[:200])
        }
        for name in fields.keys() & {*AT_LEAST, *AT_MOST}:
            _number(name, fields[name])
        sort = given.get("sort", FIRST)
        return cls(fields, sort if sort.removeprefix("-") in SORTS else FIRST)

    @property
    def asked(self) -> dict[str, Any]:
        """The same, as `serving.surveillance.listing` takes it."""
        return {
            "search": self.fields.get("q", ""),
            "equals": {name: self.fields[name] for name in EQUAL if name in self.fields},
            "at_least": self._bounds(AT_LEAST),
            "at_most": self._bounds(AT_MOST),
            "sort": self.sort,
        }

    @property
    def query(self) -> str:
        """The filter as an address ends."""
        return urlencode({**self.fields, "sort": self.sort})

    def sorted_by(self, column: str) -> str:
        """The address's end that sorts by a column, the other way round where it already is."""
        first = column if column in ("name", "buyer_id", "country", "sector") else f"-{column}"
        other = column if first.startswith("-") else f"-{column}"
        return urlencode({**self.fields, "sort": other if self.sort == first else first})

    def _bounds(self, bounds: Mapping[str, tuple[str, float]]) -> dict[str, float]:
        return {
            column: _number(name, self.fields[name]) * unit
            for name, (column, unit) in bounds.items()
            if name in self.fields
        }


def _number(name: str, text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = inf
    if not abs(value) <= LARGEST:
        raise field_problem(
            name, text, "is no number; leave it empty, or write one like 1000 or 2.5"
        )
    return value
