"""The cells of an extract, as a mapping names and reads them."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.ledgers.checks import mask
from features.ledgers.date_parsing import dates
from features.ledgers.extract import Extract, find_column
from features.ledgers.mapping import Column, Format, When
from features.ledgers.parsing import decimal_sign, fold, numbers


class Cells:
    """The cells of an extract by column name: trimmed text, null where the format says so.

    `numeric` are the columns that hold numbers: together they show the decimal sign of a column
    that does not show it itself.
    """

    def __init__(self, extract: Extract, form: Format, numeric: Sequence[str] = ()) -> None:
        self.rows = extract.rows
        self.typed = extract.typed
        self.form = form
        self.numeric = numeric

    def column(self, names: Sequence[str], nulls: Sequence[str] = ()) -> pa.Array:
        """In each row the first of these columns that is not empty."""
        found = dict.fromkeys(find_column(name, self.rows.column_names) for name in names)
        columns = [self._text(name, nulls) for name in found if name is not None]
        return pc.coalesce(*columns) if columns else pa.nulls(len(self.rows), pa.string())

    def _text(self, name: str, nulls: Sequence[str]) -> pa.Array:
        text = pc.utf8_trim_whitespace(self.rows[name].combine_chunks())
        nothing = pc.is_in(text, pa.array(["", *self.form.nulls, *nulls]))
        return pc.if_else(nothing, pa.scalar(None, pa.string()), text)

    def value(self, column: Column) -> pa.Array:
        """What `column` says, before its default."""
        if column.debit or column.credit:
            return self.column((*column.debit, *column.credit))
        if column.join is None:
            text = self.column(column.names, column.nulls)
            if column.without_leading:
                text = pc.utf8_ltrim(text, column.without_leading)
            return translate(text, column.values)
        names = self.rows.column_names
        there = [part for part in column.columns if any(find_column(n, names) for n in part)]
        if column.columns[0] not in there:
            return pa.nulls(len(self.rows), pa.string())
        parts = (self.column(part, column.nulls) for part in there)
        return translate(pc.binary_join_element_wise(*parts, column.join), column.values)

    def hold(self, when: When | None) -> NDArray[np.bool_]:
        """The rows where `when` holds."""
        rows = np.zeros(len(self.rows), bool)
        if when is not None:
            text = self.column(when.columns)
            for value in when.values:
                rows |= mask(pc.match_like(text, _like(value), ignore_case=True))
        return rows

    def dates(self, text: pa.Array) -> pa.Array:
        """Dates of text in the mapping's formats."""
        form = self.form
        return dates(text, form.dates, form.time_zone, form.naive_time_zone)

    def numbers(self, text: pa.Array) -> pa.Array:
        """Numbers in the mapping's format, else with the decimal sign most of them show."""
        form = self.form
        if form.decimal is not None:
            return numbers(text, form.decimal, form.thousands, form.symbols)
        sign = decimal_sign(text) or self._decimal_sign
        if sign is None:
            return numbers(text, None, (" ", "'"), form.symbols)
        return numbers(text, sign, (" ", "'", "," if sign == "." else "."), form.symbols)

    @cached_property
    def _decimal_sign(self) -> str | None:
        """The sign the numeric columns show together, or a typed source writes."""
        texts = [self.column([name]) for name in self.numeric]
        return decimal_sign(pa.chunked_array(texts, pa.string())) or ("." if self.typed else None)


def translate(text: pa.Array, values: dict[str, str]) -> pa.Array:
    """`text` with the keys of `values` replaced, whatever their case and accents."""
    if not values:
        return text
    new = {fold(key): value for key, value in values.items()}
    coded = text.dictionary_encode()
    words = [new.get(fold(word), word) for word in coded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(coded.indices)


def _like(value: str) -> str:
    for special in "\\%_":
        value = value.replace(special, "\\" + special)
    return value.replace("*", "%")
