"""CSV files as they come: any encoding, any delimiter, titles above the header, stray quotes.

The header is the first record that has the columns asked for, and the delimiter the one that shows
them. Lines are physical lines of the file, counted through quoted line breaks.
"""

import codecs
import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from features.ledgers.extract import Extract, Wanted, missing, require, unique_names
from features.ledgers.mapping import Format

HEADER_WITHIN = 60  # records: titles and parameters may stand above the header
_SAMPLE = 1 << 18
_BLOCK = 1 << 26  # no record may be longer
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class _Layout:
    """How one file is laid out; `lines` is the last physical line of its header."""

    path: Path
    encoding: str
    quote: str
    delimiter: str
    names: list[str]
    lines: int


def read_delimited(path: Path, form: Format, wanted: Wanted) -> Extract:
    """The rows of a CSV file, plain or gzip.

    Raises ValueError naming the file where it cannot be decoded or lacks a column of `wanted`.
    """
    encoding = _encoding(path, form.encoding)
    try:
        with _open_text(path, encoding) as file:
            sample = file.read(_SAMPLE)
        return _read(_layout(path, encoding, sample, form, wanted)).without_blanks()
    except (UnicodeError, LookupError) as error:
        raise ValueError(
            f"{path}: not in encoding {encoding!r} ({error}); correct `encoding` in [format]"
        ) from error
    except pa.ArrowInvalid as error:
        raise ValueError(
            f'{path}: {error}; if a quote is opened and never closed, write quote = "" in [format]'
        ) from error


def _open_text(path: Path, encoding: str) -> IO[Any]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding=encoding, newline="\n")


def _open_bytes(path: Path) -> IO[Any]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rb")


def _encoding(path: Path, given: str | None) -> str:
    """By the byte order mark; else as given; else UTF-8 where all of it is, else Windows Latin."""
    with _open_bytes(path) as file:
        block = file.read(_SAMPLE)
        for mark, encoding in _MARKS.items():
            if block.startswith(mark):
                return encoding
        if given is not None:
            return given
        if b"\0" in block[:100]:
            return "utf-16-le" if block[1:2] == b"\0" else "utf-16-be"
        decoders = {
            name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "cp1252", "latin-1")
        }
        while block:
            for name, decoder in list(decoders.items()):
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    del decoders[name]
            block = file.read(_BLOCK)
        return next(iter(decoders))


def _layout(path: Path, encoding: str, sample: str, form: Format, wanted: Wanted) -> _Layout:
    """Where the header stands and what separates it, from the start of the file."""
    nearest_names: list[str] = []
    fewest = len(wanted) + 1
    for delimiter in form.delimiter or ";,\t|":
        reader = csv.reader(io.StringIO(sample, newline=""), **_dialect(delimiter, form.quote))
        records = _until_error(reader)
        for record in islice(records, HEADER_WITHIN):
            names = unique_names(record)
            absent = len(missing(names, wanted))
            if not absent:
                layout = _Layout(path, encoding, form.quote, delimiter, names, reader.line_num)
                return replace(layout, names=_fit_width(names, islice(records, 20)))
            if absent < fewest:
                fewest, nearest_names = absent, names
    if nearest_names:
        require(str(path), nearest_names, wanted)
    raise ValueError(f"{path}: the file is empty")


def _dialect(delimiter: str, quote: str) -> dict[str, Any]:
    if quote:
        return {"delimiter": delimiter, "quotechar": quote}
    return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE}


def _until_error(records: Iterator[list[str]]) -> Iterator[list[str]]:
    with suppress(csv.Error):  # a quote never closed: the rows will tell
        yield from records


def _fit_width(names: list[str], records: Iterable[list[str]]) -> list[str]:
    """The header as wide as the rows, where one has empty fields at its end and the other not."""
    rows = [record for record in records if any(record)]
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else len(names)
    if not any(any(row[len(names) :]) for row in rows):
        names = unique_names([*names, *[""] * (width - len(names))])
    unnamed = names[width:] == [f"column {n}" for n in range(width + 1, len(names) + 1)]
    return names[:width] if unnamed else names


def _read(layout: _Layout) -> Extract:
    bad: list[tuple[int, str]] = []  # record and text

    def refuse(row: pa_csv.InvalidRow) -> str:
        bad.append((row.number - layout.lines - 1, row.text))
        return "skip"

    utf8 = layout.encoding.lower().replace("-", "").startswith("utf8")
    rows = _parse(layout, "utf8" if utf8 else layout.encoding, refuse)
    good = np.ones(rows.num_rows + len(bad), bool)
    good[[record for record, _ in bad]] = False
    breaks = np.zeros(len(good), np.int64)
    breaks[good] = _line_breaks(rows)
    breaks[~good] = [text.count("\n") for _, text in bad]
    line = layout.lines + 1 + np.arange(len(good)) + np.cumsum(breaks) - breaks
    malformed = [(int(line[at]), text) for at, text in bad if not _is_blank(text)]
    blank = len(bad) - len(malformed)
    extract = Extract(layout.path.name, rows, line[good], tuple(malformed), blank)
    return _without_stray_quotes(extract, layout, breaks[good])


def _is_blank(text: str) -> bool:
    """Whether a record has no value: delimiters, empty quotes, spaces, rules of dashes."""
    return not any(map(str.isalnum, text))


def _parse(layout: _Layout, encoding: str, refuse: Callable[[pa_csv.InvalidRow], str]) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in layout.names])
    try:  # one thread, else malformed records come without their number
        return pa_csv.read_csv(
            str(layout.path),
            pa_csv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK,
                skip_rows=layout.lines,
                column_names=layout.names,
                encoding=encoding,
            ),
            pa_csv.ParseOptions(
                delimiter=layout.delimiter,
                quote_char=layout.quote or False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=refuse,
            ),
            pa_csv.ConvertOptions(column_types=schema, strings_can_be_null=False),
        )
    except pa.ArrowInvalid as error:
        if "Could not skip" in str(error):  # nothing below the header
            return schema.empty_table()
        raise


def _line_breaks(rows: pa.Table) -> NDArray[np.int64]:
    """Line breaks within the values of each row."""
    breaks = np.zeros(rows.num_rows, np.int64)
    for column in rows.columns:
        breaks += pc.count_substring(column, "\n").to_numpy()
    return breaks


def _without_stray_quotes(extract: Extract, layout: _Layout, breaks: NDArray[np.int64]) -> Extract:
    """A quote closed rows later swallows what lies between: such lines are read one by one.

    Suspects are the malformed records over several lines, and the rows over several lines with a
    value that holds a row's delimiters; a suspect that hides no whole row stays what it is.
    """
    suspects = {line: text.count("\n") for line, text in extract.malformed if "\n" in text}
    if not (suspects or breaks.any()):
        return extract
    for at in np.flatnonzero(breaks * _holds_a_row(extract.rows, layout)):
        suspects[int(extract.line[at])] = int(breaks[at])
    singles = {
        first: _split(texts, layout)
        for first, texts in _spans(layout, suspects)
        if not _is_record(texts, layout)
    }
    return _rescue(extract, {n: lines for n, lines in singles.items() if any(r for _, r in lines)})


def _holds_a_row(rows: pa.Table, layout: _Layout) -> NDArray[np.bool_]:
    """Which rows have a value with as many delimiters as a row."""
    most = np.zeros(rows.num_rows, np.int32)
    for column in rows.columns:
        most = np.maximum(most, pc.count_substring(column, layout.delimiter).to_numpy())
    return most >= rows.num_columns - 1


def _rescue(extract: Extract, swallowed: dict[int, list[tuple[str, list[str]]]]) -> Extract:
    """The extract with the records that start on the lines `swallowed` read line by line."""
    if not swallowed:
        return extract
    singles = [
        (line, text, row)
        for first, lines in swallowed.items()
        for line, (text, row) in enumerate(lines, first)
    ]
    malformed = [(line, text) for line, text in extract.malformed if line not in swallowed]
    malformed += [(line, text) for line, text, row in singles if text and not row]
    columns = zip(*(row for _, _, row in singles if row), strict=True)
    rescued = pa.table([pa.array(c, pa.string()) for c in columns], extract.rows.schema)
    kept = ~np.isin(extract.line, list(swallowed))
    lines = np.concatenate([extract.line[kept], [line for line, _, row in singles if row]])
    order = np.argsort(lines, kind="stable")
    rows = pa.concat_tables([extract.rows.filter(pa.array(kept)), rescued]).take(pa.array(order))
    return replace(extract, rows=rows, line=lines[order], malformed=tuple(sorted(malformed)))


def _spans(layout: _Layout, spans: dict[int, int]) -> Iterator[tuple[int, list[str]]]:
    """The physical lines of each span (first line: line breaks in it)."""
    with _open_text(layout.path, layout.encoding) as file:
        at = 1
        for first, breaks in sorted(spans.items()):
            yield first, list(islice(file, first - at, first - at + breaks + 1))
            at = first + breaks + 1


def _is_record(texts: list[str], layout: _Layout) -> bool:
    """Whether these lines are one record whose quotes close before a delimiter."""
    dialect = _dialect(layout.delimiter, layout.quote)
    try:
        records = list(csv.reader(texts, strict=True, **dialect))
    except csv.Error:
        return False
    return [len(fields) for fields in records] == [len(layout.names)]


def _split(texts: list[str], layout: _Layout) -> list[tuple[str, list[str]]]:
    """Each line with its fields, none where it is not a whole row."""
    dialect = _dialect(layout.delimiter, layout.quote)
    lines = []
    for text in (text.rstrip("\r\n") for text in texts):
        fields = next(_until_error(csv.reader([text], **dialect)), [])
        whole = len(fields) == len(layout.names) and text.count(layout.quote) % 2 == 0
        lines.append((text, fields if whole else []))
    return lines
