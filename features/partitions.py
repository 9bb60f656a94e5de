"""A portfolio folder read in partitions: some thousand buyers at a time, whatever its size."""

from collections.abc import Collection, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from features.rows import sorted_unique
from features.tables import TABLES, Tables, conform

BUYERS_A_PARTITION = 20_000


def count_partitions(folder: Path, buyers: int = BUYERS_A_PARTITION) -> int:
    """How many partitions `partitions` will give."""
    return len(_first_ids(folder, buyers))


def count_buyers(folder: Path) -> int:
    """How many buyers a portfolio folder has."""
    return int(_dataset(folder / "buyers.parquet").count_rows())


def partitions(
    folder: Path,
    buyers: int = BUYERS_A_PARTITION,
    *,
    skip: Container[int] = (),
    names: Collection[str] = TABLES,
) -> Iterator[Tables]:
    """The raw tables of `buyers` buyers at a time, shared tables whole in each. Partitions whose
    number is in `skip` are left out, and tables that are not in `names`.

    The next partition is read while the caller works on one: two are in memory at a time.

    Every row is in exactly one partition. Only the row groups that may hold a partition's buyers
    are read, which are few where a file is sorted by buyer_id, as `write_tables` and `encours
    import` leave it.
    """
    with ThreadPoolExecutor(1) as reader:
        read = _read(folder, buyers, skip, names)
        coming = reader.submit(next, read, None)
        while (tables := coming.result()) is not None:
            coming = reader.submit(next, read, None)
            yield tables


def _read(
    folder: Path, buyers: int, skip: Container[int], names: Collection[str]
) -> Iterator[Tables]:
    files = {name: folder / f"{name}.parquet" for name in TABLES if name in names}
    sources = {name: _dataset(file) for name, file in files.items() if file.is_file()}
    shared = {
        name: conform(name, source.to_table())
        for name, source in sources.items()
        if not TABLES[name].of_buyer
    }
    firsts = _first_ids(folder, buyers)
    for number, first in enumerate(firsts):
        if number in skip:
            continue
        after = firsts[number + 1] if number + 1 < len(firsts) else None
        wanted = _between(first if number else None, after)
        yield shared | {
            name: conform(name, source.to_table(filter=wanted))
            for name, source in sources.items()
            if TABLES[name].of_buyer
        }


def grouped(folder: Path) -> Tables:
    """The raw tables of the buyers that belong to a group, whole groups together."""
    buyers = conform("buyers", _dataset(folder / "buyers.parquet").to_table())
    tables = {"buyers": buyers.filter(pc.field("group_id").is_valid())}
    members = pc.field("buyer_id").isin(pc.unique(tables["buyers"]["buyer_id"]))
    for name, table in TABLES.items():
        if name != "buyers" and (file := folder / f"{name}.parquet").is_file():
            wanted = members if table.of_buyer else None
            tables[name] = conform(name, _dataset(file).to_table(filter=wanted))
    return tables


def _first_ids(folder: Path, buyers: int) -> list[str]:
    """The first buyer_id of each partition."""
    ids = sorted_unique(_dataset(folder / "buyers.parquet").to_table(["buyer_id"])["buyer_id"])
    return ids[::buyers].to_pylist()


def _between(first: str | None, after: str | None) -> pc.Expression | None:
    """Rows with first <= buyer_id < after; without a first, also rows that lack a buyer_id, so
    that they are refused and not lost."""
    buyer = pc.field("buyer_id")
    if first is None and after is None:
        return None
    if first is None:
        return (buyer < after) | buyer.is_null()
    return (buyer >= first) if after is None else (buyer >= first) & (buyer < after)


def _dataset(file: Path) -> Any:
    """A Parquet file whose rows are read as they are asked for."""
    from pyarrow.dataset import dataset  # noqa: PLC0415  imports pandas, which workers do without

    return dataset(file)
